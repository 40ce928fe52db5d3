/** Keys over HTTP: what each route takes, answers and refuses, and that a key's text is seen once and found nowhere. */
import {
	afterAll,
	beforeAll,
	beforeEach,
	describe,
	expect,
	test,
} from "vitest";
import { testNow, useDatabase } from "../../../test/db.ts";
import { addKey, buildServer, type TestServer } from "../../../test/server.ts";
import { addStaff } from "../../domain/accounts/add-staff.ts";
import { scopes, system } from "../../kernel/actor.ts";
import { newId } from "../../kernel/id.ts";
import { sql } from "../../platform/sql.ts";
import {
	createApiKey,
	deleteApiKey,
	getApiKey,
	listApiKeys,
	patchApiKey,
	rollApiKey,
} from "./api-keys.ts";

const db = useDatabase();
const routes = [
	listApiKeys,
	createApiKey,
	getApiKey,
	patchApiKey,
	deleteApiKey,
	rollApiKey,
];

let server: TestServer;
let clientId: string;
let key: string;
let legacyId = 0;

beforeAll(() => {
	server = buildServer(db, [{ name: "v2", prefix: "/api/v2", routes }]);
});
afterAll(() => server.app.close());

beforeEach(async () => {
	db.now = testNow;
	clientId = await givenClient();
	key = await addKey(db, { clientId }, scopes.customer);
});

async function givenClient(): Promise<string> {
	const id = newId("client", testNow);
	legacyId += 1;
	await db.ownerSql.run(sql`
		insert into clients (id, legacy_id, status, created_at, updated_at)
		values (${id}, ${legacyId}, 'active', ${testNow}, ${testNow})`);
	return id;
}

interface Sent {
	readonly as?: string | null;
	readonly body?: unknown;
	readonly headers?: Record<string, string>;
}

/** `POST /api/v2/api-keys`; with the key of every scope unless another one, or none, is named. */
async function call(route: string, { as = key, body, headers }: Sent = {}) {
	const [method, url] = route.split(" ");
	const response = await server.app.inject({
		method: method as "GET",
		url: url ?? "",
		headers: {
			...(as !== null && { authorization: `Bearer ${as}` }),
			...(body !== undefined && { "content-type": "application/json" }),
			...headers,
		},
		...(body !== undefined && { payload: JSON.stringify(body) }),
	});
	return {
		status: response.statusCode,
		headers: response.headers,
		body: response.json(),
	};
}

const list = "GET /api/v2/api-keys";
const create = "POST /api/v2/api-keys";
const one = (id: string) => `GET /api/v2/api-keys/${id}`;
const patch = (id: string) => `PATCH /api/v2/api-keys/${id}`;
const remove = (id: string) => `DELETE /api/v2/api-keys/${id}`;
const roll = (id: string) => `POST /api/v2/api-keys/${id}/actions/roll`;

const wish = { name: "Mail gateway", scopes: ["read:vm", "write:support"] };

/** A key of the client, made over HTTP. */
async function given(change: object = {}) {
	const { body } = await call(create, { body: { ...wish, ...change } });
	return body as { readonly id: string; readonly key: string };
}

/** A digest of everything that a key's route may write. */
async function digest() {
	const row = await db.sql.first(sql<{ text: string }>`
		select concat_ws(' ', (select md5(string_agg(k::text, ' ' order by id)) from api_keys k),
			(select count(*) from events), (select count(*) from audit), (select count(*) from idempotency_keys)) as text`);
	return row?.text;
}

async function expectRefused(
	route: string,
	sent: Sent,
	refusal: {
		readonly status: number;
		readonly code: string;
		readonly pointers?: readonly string[];
	},
) {
	const before = await digest();
	const answer = await call(route, sent);
	expect(answer).toMatchObject({
		status: refusal.status,
		body: { code: refusal.code },
	});
	const faults: { pointer: string }[] = answer.body.errors ?? [];
	if (refusal.pointers)
		expect(faults.map(({ pointer }) => pointer)).toEqual(refusal.pointers);
	expect(await digest()).toBe(before);
	return answer.body;
}

const shown = {
	id: expect.stringMatching(/^key_[0-9a-z]{26}$/),
	name: "Mail gateway",
	// In the order of the catalogue.
	scopes: ["write:support", "read:vm"],
	createdAt: testNow.toISOString(),
	expiresAt: null,
	lastUsedAt: null,
	lastFour: expect.stringMatching(/^[0-9A-Za-z]{4}$/),
};

describe("a key's life over HTTP", () => {
	test("is made with its text shown once, and signs in", async () => {
		const made = await call(create, { body: wish });
		expect(made).toMatchObject({ status: 201 });
		expect(made.body).toEqual({
			...shown,
			key: expect.stringMatching(/^pst_live_[0-9A-Za-z]{36}$/),
		});
		expect(made.body.key.slice(-4)).toBe(made.body.lastFour);
		const { key: _, ...kept } = made.body;
		const got = await call(one(made.body.id));
		expect(got).toMatchObject({ status: 200 });
		expect(got.body).toEqual(kept);
		// It signs in, and may not read the account.
		expect(await call(list, { as: made.body.key })).toMatchObject({
			status: 403,
		});
	});

	test("is listed with the others, newest first, page by page", async () => {
		db.now = new Date(testNow.getTime() + 1);
		const { id } = await given();
		const first = await call(`${list}?limit=1`);
		expect(first.body).toEqual({
			data: [{ ...shown, id, createdAt: db.now.toISOString() }],
			hasMore: true,
			nextCursor: expect.any(String),
		});
		const second = await call(
			`${list}?limit=1&cursor=${first.body.nextCursor}`,
		);
		expect(second.body).toMatchObject({
			data: [{ name: "test" }],
			hasMore: false,
			nextCursor: null,
		});
	});

	test("is changed, and never shows its text again", async () => {
		const { id } = await given();
		const patched = await call(patch(id), {
			body: {
				name: "Relay",
				scopes: ["read:vm"],
				expiresAt: "2027-01-31T01:00:00+01:00",
			},
		});
		expect(patched).toMatchObject({ status: 200 });
		expect(patched.body).toEqual({
			...shown,
			id,
			name: "Relay",
			scopes: ["read:vm"],
			expiresAt: "2027-01-31T00:00:00.000Z",
		});
		const forever = await call(patch(id), { body: { expiresAt: null } });
		expect(forever.body).toMatchObject({ name: "Relay", expiresAt: null });
	});

	test("is rolled: a new id and a new text, the old one ends at once or after the overlap", async () => {
		const { id, key: old } = await given({ scopes: ["read:account"] });
		const rolled = await call(roll(id), { body: { overlapHours: 2 } });
		expect(rolled).toMatchObject({ status: 200 });
		expect(rolled.body).toEqual({
			...shown,
			scopes: ["read:account"],
			key: expect.stringMatching(/^pst_live_/),
		});
		expect(rolled.body.id).not.toBe(id);
		expect((await call(one(id))).body.expiresAt).toBe(
			"2026-11-20T12:00:00.000Z",
		);
		db.now = new Date("2026-11-20T11:59:59.999Z");
		expect((await call(list, { as: old })).status).toBe(200);
		db.now = new Date("2026-11-20T12:00:00.000Z");
		expect((await call(list, { as: old })).status).toBe(401);
		expect((await call(list, { as: rolled.body.key })).status).toBe(200);
		const again = await call(roll(rolled.body.id));
		db.now = new Date("2026-11-20T12:00:01.000Z");
		expect((await call(list, { as: rolled.body.key })).status).toBe(401);
		expect((await call(list, { as: again.body.key })).status).toBe(200);
		await expectRefused(
			one(rolled.body.id),
			{},
			{
				status: 404,
				code: "api_key_not_found",
			},
		);
	});

	test("is deleted, and is no more", async () => {
		const { id, key: text } = await given({ scopes: ["read:account"] });
		const removed = await call(remove(id));
		expect(removed).toMatchObject({ status: 200 });
		expect(removed.body).toEqual({ ...shown, id, scopes: ["read:account"] });
		db.now = new Date(testNow.getTime() + 1_000);
		expect((await call(list, { as: text })).status).toBe(401);
		for (const route of [one(id), patch(id), remove(id), roll(id)])
			await expectRefused(
				route,
				route.startsWith("PATCH") ? { body: {} } : {},
				{ status: 404, code: "api_key_not_found" },
			);
	});

	test("may end itself", async () => {
		const made = await given({ scopes: ["write:account"] });
		expect(await call(remove(made.id), { as: made.key })).toMatchObject({
			status: 200,
		});
	});
});

describe("an Idempotency-Key", () => {
	const headers = { "idempotency-key": "once" };

	test("makes one key; the repeat shows it without its text, which is kept nowhere", async () => {
		const first = await call(create, { body: wish, headers });
		const again = await call(create, { body: wish, headers });
		expect(again).toMatchObject({ status: 201 });
		expect(again.headers["idempotency-replayed"]).toBe("true");
		expect(again.body).toEqual({ ...first.body, key: null });
		expect((await call(list)).body.data).toHaveLength(2);
		const rolled = await call(roll(first.body.id), { headers });
		const repeat = await call(roll(first.body.id), { headers });
		expect(repeat.body).toEqual({ ...rolled.body, key: null });
		const { rows } = await db.pool.query<{ text: string }>(`
			select concat((select string_agg(i::text, ' ') from idempotency_keys i), (select string_agg(k::text, ' ') from api_keys k),
				(select string_agg(e::text, ' ') from events e), (select string_agg(a::text, ' ') from audit a)) as text`);
		const everything = `${rows[0]?.text} ${JSON.stringify(server.lines)}`;
		for (const text of [first.body.key, rolled.body.key, key])
			expect(everything).not.toContain(text.slice(9, 30));
		expect(everything).not.toMatch(/pst_(live|test)_/);
		expect(everything).toContain(rolled.body.id);
	});

	test("of one client says nothing to another", async () => {
		const first = await call(create, { body: wish, headers });
		const other = await addKey(
			db,
			{ clientId: await givenClient() },
			scopes.customer,
		);
		const theirs = await call(create, { body: wish, headers, as: other });
		expect(theirs.body.key).toMatch(/^pst_live_/);
		expect(theirs.body.id).not.toBe(first.body.id);
	});
});

describe("who may", () => {
	const id = newId("key", testNow);
	const all = [list, one(id), create, patch(id), remove(id), roll(id)];
	const reading = [list, one(id)];

	test.each(all)("refuses a caller without credentials: %s", async (route) => {
		await expectRefused(
			route,
			{ as: null, body: route.startsWith("GET") ? undefined : {} },
			{ status: 401, code: "unauthorized" },
		);
	});

	test.each(all)("refuses every other scope: %s", async (route) => {
		const [wanted, umbrella] = reading.includes(route)
			? ["read:account", "read:all"]
			: ["write:account", "write:all"];
		const others = scopes.customer.filter(
			(scope) => scope !== wanted && scope !== umbrella,
		);
		const as = await addKey(db, { clientId }, others);
		await expectRefused(route, { as }, { status: 403, code: "forbidden" });
	});

	test.each(all)("refuses staff: %s", async (route) => {
		const { id: staffId } = await db.performer.perform(
			system("test"),
			addStaff,
			{ name: "Ada", email: null, role: "admin" },
		);
		const as = await addKey(db, { staffId }, scopes.staff);
		await expectRefused(route, { as }, { status: 403, code: "forbidden" });
	});

	test("answers for another client's key as for one that does not exist", async () => {
		const other = await givenClient();
		const as = await addKey(db, { clientId: other }, scopes.customer);
		const foreign = (await call(list, { as })).body.data[0].id;
		for (const route of [one, patch, remove, roll]) {
			const answers = [];
			for (const named of [foreign, newId("key", testNow)]) {
				const { requestId, timestamp, instance, ...rest } = await expectRefused(
					route(named),
					route === patch ? { body: { name: "x" } } : {},
					{ status: 404, code: "api_key_not_found" },
				);
				expect([requestId, timestamp]).toEqual([
					expect.any(String),
					testNow.toISOString(),
				]);
				expect(instance).toContain(named);
				answers.push(rest);
			}
			expect(answers[0]).toEqual(answers[1]);
			expect(answers[0]).toMatchObject({
				title: "API key not found",
				detail: "The requested API key could not be found.",
			});
		}
		expect((await call(list, { as })).status).toBe(200);
	});

	test.each(["1", "key_", "KEY_01HXA3B4C5D6E7F8G9H0J1K2M3", "%27", "a%00"])(
		"finds no key called %s",
		async (named) => {
			const code = named === "a%00" ? "not_found" : "api_key_not_found";
			for (const route of [one, patch, remove, roll])
				await expectRefused(route(named), route === patch ? { body: {} } : {}, {
					status: 404,
					code,
				});
		},
	);

	test("refuses to change keys of an account that is not active, which may still read them", async () => {
		const { id: held } = await given();
		await db.ownerSql.run(
			sql`update clients set status = 'suspended' where id = ${clientId}`,
		);
		for (const route of [create, patch(held), remove(held), roll(held)])
			await expectRefused(
				route,
				route === create ? { body: wish } : { body: {} },
				{ status: 403, code: "account_inactive" },
			);
		expect((await call(list)).status).toBe(200);
		expect((await call(one(held))).status).toBe(200);
	});
});

describe("a key that tries to make a stronger one", () => {
	const ends = "2026-11-20T11:00:00.000Z";

	test.each<[string, object, string[]]>([
		["more scopes", { scopes: ["read:vm", "write:vm"] }, ["/scopes/1"]],
		["the umbrella over its own", { scopes: ["write:all"] }, ["/scopes/0"]],
		["no end", { expiresAt: null }, ["/expiresAt"]],
		["a later end", { expiresAt: "2026-11-20T11:00:00.001Z" }, ["/expiresAt"]],
	])(
		"gets none with %s, nor changes one into it",
		async (_, more, pointers) => {
			const own = await given({
				scopes: ["read:all", "write:account"],
				expiresAt: ends,
			});
			const weak = await given({ scopes: ["read:vm"], expiresAt: ends });
			const body = { name: "x", scopes: ["read:vm"], expiresAt: ends, ...more };
			const refusal = { status: 400, code: "invalid_request", pointers };
			await expectRefused(create, { as: own.key, body }, refusal);
			for (const { id } of [weak, own])
				await expectRefused(patch(id), { as: own.key, body: more }, refusal);
		},
	);

	test("cannot leave its end out, which would be never", async () => {
		const own = await given({ scopes: ["write:account"], expiresAt: ends });
		await expectRefused(
			create,
			{ as: own.key, body: { name: "x", scopes: ["write:account"] } },
			{ status: 400, code: "invalid_request", pointers: ["/expiresAt"] },
		);
	});

	test("cannot change or roll one that is stronger already", async () => {
		const own = await given({ scopes: ["write:account"] });
		const { id } = await given({ scopes: ["write:all"] });
		for (const route of [patch(id), roll(id)])
			await expectRefused(
				route,
				{ as: own.key, body: {} },
				{ status: 403, code: "forbidden" },
			);
		expect(await call(remove(id), { as: own.key })).toMatchObject({
			status: 200,
		});
	});

	test("cannot bring back one that is over", async () => {
		const expired = await given({ expiresAt: "2026-11-20T10:00:00.001Z" });
		const rolled = await given();
		await call(roll(rolled.id), { body: { overlapHours: 24 } });
		db.now = new Date("2026-11-20T10:00:01.000Z");
		for (const { id } of [expired, rolled])
			for (const route of [patch(id), roll(id)])
				await expectRefused(
					route,
					{ body: {} },
					{ status: 409, code: "api_key_ended" },
				);
	});
});

describe("bad input", () => {
	const body = { ...wish, expiresAt: null };

	test.each<[string, unknown, string[]]>([
		["nothing", {}, ["/name", "/scopes"]],
		["a list", [], [""]],
		["an unknown field", { ...body, isTest: true }, ["/isTest"]],
		["a blank name", { ...body, name: " \u200b" }, ["/name"]],
		[
			"a name of 101 characters",
			{ ...body, name: "🔑".repeat(101) },
			["/name"],
		],
		["a name with NUL", { ...body, name: "a\0" }, ["/name"]],
		["a name that is none", { ...body, name: 1 }, ["/name"]],
		["no scopes", { ...body, scopes: [] }, ["/scopes"]],
		["a scope twice", { ...body, scopes: ["read:vm", "read:vm"] }, ["/scopes"]],
		[
			"an unknown scope",
			{ ...body, scopes: ["read:vm", "read:x"] },
			["/scopes/1"],
		],
		["a scope of the desk", { ...body, scopes: ["desk:admin"] }, ["/scopes/0"]],
		["scopes as text", { ...body, scopes: "read:vm" }, ["/scopes"]],
		[
			"an end that is past",
			{ ...body, expiresAt: "2026-11-20T10:00:00Z" },
			["/expiresAt"],
		],
		[
			"an end without a zone",
			{ ...body, expiresAt: "2027-01-31T00:00:00" },
			["/expiresAt"],
		],
		[
			"an end that is no day",
			{ ...body, expiresAt: "2027-02-29T00:00:00Z" },
			["/expiresAt"],
		],
		[
			"a leap second",
			{ ...body, expiresAt: "2030-06-30T23:59:60Z" },
			["/expiresAt"],
		],
		[
			"a number for an end",
			{ ...body, expiresAt: 1_900_000_000 },
			["/expiresAt"],
		],
	])("refuses %s, and leaves nothing", async (what, sent, pointers) => {
		const refusal = { status: 400, code: "invalid_request", pointers };
		await expectRefused(create, { body: sent }, refusal);
		if (what === "nothing") return;
		const { id } = await given();
		await expectRefused(patch(id), { body: sent }, refusal);
	});

	test.each<[unknown, string]>([
		[{ overlapHours: 25 }, "/overlapHours"],
		[{ overlapHours: -1 }, "/overlapHours"],
		[{ overlapHours: 0.5 }, "/overlapHours"],
		[{ overlapHours: "2" }, "/overlapHours"],
		[{ overlapHours: null }, "/overlapHours"],
		[{ hours: 2 }, "/hours"],
		[[], ""],
	])("refuses to roll with %j", async (sent, pointer) => {
		const { id } = await given();
		await expectRefused(
			roll(id),
			{ body: sent },
			{ status: 400, code: "invalid_request", pointers: [pointer] },
		);
	});

	test("refuses queries that no list has, cursors of another client, and bodies where none is taken", async () => {
		const refusal = (pointer: string) => ({
			status: 400,
			code: "invalid_request",
			pointers: [pointer],
		});
		await expectRefused(`${list}?limit=101`, {}, refusal("?limit"));
		await expectRefused(`${list}?scope=read`, {}, refusal("?scope"));
		const { id } = await given();
		await expectRefused(
			`${one(id)}?key=1`,
			{},
			{
				status: 401,
				code: "unauthorized",
			},
		);
		await expectRefused(
			remove(id),
			{ body: { force: true } },
			refusal("/force"),
		);
		const other = await givenClient();
		const as = await addKey(db, { clientId: other }, scopes.customer);
		await addKey(db, { clientId: other }, ["read:vm"]);
		const { nextCursor } = (await call(`${list}?limit=1`, { as })).body;
		for (const cursor of [nextCursor, "x"])
			await expectRefused(
				`${list}?cursor=${cursor}`,
				{},
				{
					status: 400,
					code: "invalid_cursor",
				},
			);
	});

	test("refuses a 51st key", async () => {
		for (let i = 1; i < 50; i += 1) await addKey(db, { clientId }, ["read:vm"]);
		await expectRefused(
			create,
			{ body: wish },
			{ status: 409, code: "api_key_limit_reached" },
		);
	});
});
