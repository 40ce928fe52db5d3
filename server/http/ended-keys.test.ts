/**
 * Keys that end in one process end in every other one within a second (contract 14.19), also when nobody tells it: several
 * servers on one database, each with its own key ring, connections and listener, as several processes have them.
 */
import { randomInt } from "node:crypto";
import type { FastifyInstance } from "fastify";
import {
	afterAll,
	beforeAll,
	beforeEach,
	describe,
	expect,
	test,
} from "vitest";
import { testNow, useDatabase } from "../../test/db.ts";
import { addKey, buildServer } from "../../test/server.ts";
import { addStaff } from "../domain/accounts/add-staff.ts";
import { createApiKey } from "../domain/accounts/create-api-key.ts";
import { scopes, system } from "../kernel/actor.ts";
import { newId } from "../kernel/id.ts";
import { sql } from "../platform/sql.ts";
import { startWaking, type Topic, type Waking } from "../platform/waking.ts";
import { revokeClientApiKey } from "./desk/client-keys.ts";
import { listStaff, patchStaff } from "./desk/staff.ts";
import type { Face } from "./face.ts";
import { concernsKeys, createKeyRing } from "./key-ring.ts";
import {
	deleteApiKey,
	listApiKeys,
	patchApiKey,
	rollApiKey,
} from "./v2/api-keys.ts";

const db = useDatabase();

const faces: readonly Face[] = [
	{
		name: "v2",
		prefix: "/api/v2",
		routes: [listApiKeys, patchApiKey, deleteApiKey, rollApiKey],
	},
	{
		name: "desk",
		prefix: "/api/desk",
		routes: [listStaff, patchStaff, revokeClientApiKey],
	},
];

interface Process {
	readonly app: FastifyInstance;
	readonly waking: Waking;
	/** Resolves when the topic is heard from now on; the first is heard when the listener stands. */
	hears(topic: Topic): Promise<void>;
}

/** What a process is made of, as server/cli/process.ts puts it together. */
function startProcess(): Process {
	const waiting = new Map<Topic, PromiseWithResolvers<void>>();
	const performer = db.performerWith({
		pool: db.openPool(2),
		onEvents(events) {
			if (events.some(concernsKeys)) waking.tell("keys");
		},
	});
	const keys = createKeyRing({ performer });
	const waking = startWaking({
		number: randomInt(2 ** 31),
		target: db.target,
		onTopic(topic) {
			if (topic === "keys") keys.forgetAll();
			waiting.get(topic)?.resolve();
			waiting.delete(topic);
		},
		onError: () => {},
	});
	return {
		app: buildServer(db, faces, { performer, keys }).app,
		waking,
		hears(topic) {
			const next = waiting.get(topic) ?? Promise.withResolvers<void>();
			waiting.set(topic, next);
			return next.promise;
		},
	};
}

let one: Process;
let two: Process;
let clientId: string;
let staffId: string;
let staffKey: string;
let legacyId = 0;

beforeAll(async () => {
	one = startProcess();
	two = startProcess();
	await Promise.all([one.hears("keys"), two.hears("keys")]);
});

afterAll(async () => {
	for (const { app, waking } of [one, two]) {
		await waking.stop();
		await app.close();
	}
});

beforeEach(async () => {
	db.now = testNow;
	clientId = newId("client", testNow);
	legacyId += 1;
	await db.ownerSql.run(sql`
		insert into clients (id, legacy_id, status, created_at, updated_at)
		values (${clientId}, ${legacyId}, 'active', ${testNow}, ${testNow})`);
	const input = { name: "Ada", email: null, role: "admin" } as const;
	const staff = await db.performer.perform(system("test"), addStaff, input);
	staffId = staff.id;
	staffKey = await addKey(db, { staffId }, scopes.staff);
});

async function send(
	{ app }: Process,
	route: string,
	{ key, body }: { readonly key: string; readonly body?: object },
) {
	const [method, path] = route.split(" ");
	const response = await app.inject({
		method: method as "GET",
		url: `/api/${path}`,
		headers: { authorization: `Bearer ${key}` },
		...(body && { payload: body }),
	});
	return response.statusCode;
}

/** Each way in which a key stops to work: what is sent to the first process, and what the second then says to the key. */
const endings: Record<
	string,
	{
		readonly route: (key: { readonly id: string }) => string;
		readonly by: "itself" | "staff";
		readonly body?: object;
		readonly after: number;
		readonly of: "client" | "staff";
	}
> = {
	"deleted by its client": {
		route: ({ id }) => `DELETE v2/api-keys/${id}`,
		by: "itself",
		after: 401,
		of: "client",
	},
	"rolled without an overlap": {
		route: ({ id }) => `POST v2/api-keys/${id}/actions/roll`,
		by: "itself",
		after: 401,
		of: "client",
	},
	"revoked by support": {
		route: ({ id }) => `DELETE desk/clients/${clientId}/api-keys/${id}`,
		by: "staff",
		after: 401,
		of: "client",
	},
	narrowed: {
		route: ({ id }) => `PATCH v2/api-keys/${id}`,
		by: "itself",
		body: { scopes: ["write:account"] },
		after: 403,
		of: "client",
	},
	"of staff who is disabled": {
		route: ({ id }) => `PATCH desk/staff/${id}`,
		by: "staff",
		body: { disabled: true },
		after: 401,
		of: "staff",
	},
	"of staff who is demoted": {
		route: ({ id }) => `PATCH desk/staff/${id}`,
		by: "staff",
		body: { role: "reviewer" },
		after: 403,
		of: "staff",
	},
};

/** A key that both processes know, and what ends it. */
async function givenKnownKey(name: string) {
	const ending = endings[name]!;
	let subject: { readonly id: string };
	let key: string;
	if (ending.of === "client") {
		const made = await db.performer.perform(system("test"), createApiKey, {
			holder: { clientId },
			name: "test",
			scopes: scopes.customer,
			expiresAt: null,
		});
		[subject, key] = [made, made.key];
	} else {
		const input = { name: "Bo", email: null, role: "admin" } as const;
		subject = await db.performer.perform(system("test"), addStaff, input);
		key = await addKey(db, { staffId: subject.id }, scopes.staff);
	}
	const read = ending.of === "client" ? "GET v2/api-keys" : "GET desk/staff";
	const isUsed = (process: Process) => send(process, read, { key });
	expect(await isUsed(one)).toBe(200);
	expect(await isUsed(two)).toBe(200);
	return {
		isUsed,
		after: ending.after,
		end: () =>
			send(one, ending.route(subject), {
				key: ending.by === "itself" ? key : staffKey,
				...(ending.body && { body: ending.body }),
			}),
	};
}

describe.each(Object.keys(endings))("a key %s", (name) => {
	test("is heard of at once, without the clock moving", async () => {
		const { isUsed, end, after } = await givenKnownKey(name);
		const heard = two.hears("keys");
		expect(await end()).toBe(200);
		expect(await isUsed(one), "in the process itself").toBe(after);
		await heard;
		expect(await isUsed(two), "in the other one").toBe(after);
	});

	test("is found out a second later by a process that cannot be told", async () => {
		// A ring that nobody tells: what remains of a process whose listener is lost.
		const deaf = buildServer(db, faces).app;
		const { isUsed, end, after } = await givenKnownKey(name);
		const process = { ...two, app: deaf };
		expect(await isUsed(process)).toBe(200);
		expect(await end()).toBe(200);
		db.now = new Date(testNow.getTime() + 999);
		expect(await isUsed(process), "from memory").toBe(200);
		db.now = new Date(testNow.getTime() + 1_000);
		expect(await isUsed(process)).toBe(after);
		await deaf.close();
	});
});

test("a listener that is cut off delays by no more than the second, and hears again when it is back", async () => {
	const { isUsed, end, after } = await givenKnownKey("deleted by its client");
	// Nobody tells of jobs here: a listener says so by itself when it is back.
	const back = [one.hears("jobs"), two.hears("jobs")];
	// The one that has told others has said so since it began to listen.
	const cut = await db.sql.rows(sql`
		select pg_terminate_backend(pid) from pg_stat_activity
		where datname = current_database() and pid <> pg_backend_pid()
			and (query = 'listen postern' or query like 'select pg_notify(%')`);
	expect(cut).toHaveLength(2);
	expect(await end()).toBe(200);
	expect(await isUsed(one), "the process that ended it needs no telling").toBe(
		after,
	);
	db.now = new Date(testNow.getTime() + 1_000);
	expect(await isUsed(two)).toBe(after);
	await Promise.all(back);
	const next = await givenKnownKey("revoked by support");
	const heard = two.hears("keys");
	expect(await next.end()).toBe(200);
	await heard;
	expect(await next.isUsed(two)).toBe(next.after);
});
