/** Streams over several processes: what happens in one is told by all, and who is cut off goes on in another. */
import { join } from "node:path";
import { beforeAll, describe, expect, onTestFinished, test, vi } from "vitest";
import { parseKey } from "../../server/domain/accounts/api-key.ts";
import { revokeApiKey } from "../../server/domain/accounts/revoke-api-key.ts";
import { system } from "../../server/kernel/actor.ts";
import { type EventReader, readEvents } from "../event-reader.ts";
import {
	addCustomer,
	addTestSite,
	type Customer,
	idOf,
	submit,
} from "./customers.ts";
import {
	type ExternalDatabase,
	type ExternalPostgres,
	startExternalPostgres,
} from "./external-postgres.ts";
import { type Database, openDatabase } from "./open-database.ts";
import {
	type Environment,
	type Server,
	useProcesses,
} from "./postern-process.ts";

const processes = useProcesses();
const streamsOfKey = 5;
const customersMax = 8;
const keysOfCustomer = 5;
const vpsOfCustomer = 30;

let postgres: ExternalPostgres;
let external: ExternalDatabase;
let database: Database;
let env: Environment;
let servers: [Server, Server];
let customers: readonly Customer[];

beforeAll(async () => {
	postgres = await startExternalPostgres(processes);
	external = await postgres.newDatabase();
	env = {
		DATABASE_URL: external.url,
		POSTERN_DATA_DIR: join(processes.folder, "none"),
		POSTERN_RATE_KEY_PER_MINUTE: "100000",
		POSTERN_RATE_CLIENT_PER_MINUTE: "100000",
		POSTERN_PORT25_PER_HOUR: "100000",
		POSTERN_LOG_LEVEL: "warn",
	};
	servers = await Promise.all([processes.serve(env), processes.serve(env)]);
	await openHere();
	processes.atEnd(() => database.close());
	await addTestSite(database);
	const made: Customer[] = [];
	for (let number = 1; number <= customersMax; number += 1)
		made.push(
			await addCustomer(database, {
				...{ number, standing: "prepaid", vps: vpsOfCustomer },
				keys: keysOfCustomer,
			}),
		);
	customers = made;
}, 120_000);

async function openHere(): Promise<void> {
	const { admin } = external;
	database = await openDatabase({ owner: admin, app: admin });
}

const path = "/api/v2/events";
const otherOf = (url: string) =>
	servers.find((server) => server.url !== url)?.url ?? "";

/** Whoever reads a stream to the end of the test, and goes on in the other process when it is cut off. */
function follow(key: string, firstUrl: string) {
	const heard: string[] = [];
	const ids = new Set<string>();
	let url = firstUrl;
	let lastEventId = "";
	let reader: EventReader | undefined;
	let isOver = false;
	let connections = 0;
	const refusals: number[] = [];

	async function connect(): Promise<void> {
		const found = await readEvents(`${url}${path}`, {
			authorization: `Bearer ${key}`,
			...(lastEventId !== "" && { "last-event-id": lastEventId }),
		});
		if (found.status !== 200) {
			refusals.push(found.status);
			return;
		}
		reader = found;
		connections += 1;
		let taken = 0;
		const take = () => {
			for (const event of found.events.slice(taken)) {
				heard.push(`${event.event} ${event.data}`);
				ids.add(event.id);
			}
			taken = found.events.length;
			if (found.lastEventId() !== "") lastEventId = found.lastEventId();
			return false;
		};
		await found.until(take).catch(() => {});
		take();
	}

	const running = (async () => {
		while (!isOver) {
			await connect().catch(() => {});
			url = otherOf(url);
		}
	})();
	return {
		heard,
		ids,
		refusals,
		connections: () => connections,
		hasBegun: () => lastEventId !== "",
		async end() {
			isOver = true;
			reader?.close();
			await running;
		},
	};
}

/** What a customer is to have heard, as the database has it. */
async function toldTo(clientId: string, after = 0): Promise<readonly string[]> {
	const { rows } = await database.owner.query<{
		kind: string;
		subject: string;
	}>(
		`select kind, subject from events where client_id = $1 and id > $2 and kind like 'port25.%'
		 order by transaction, id`,
		[clientId, after],
	);
	return rows.map((row) => `change ${JSON.stringify(row)}`);
}

function withdraw(url: string, key: string, id: string): Promise<Response> {
	return fetch(`${url}/api/v2/support/port25-requests/${id}/actions/withdraw`, {
		method: "POST",
		headers: { authorization: `Bearer ${key}` },
	});
}

test("of 200 streams over two processes, one of them killed, none misses anything and none hears anything twice", async () => {
	const followers = customers.flatMap(({ keys }) =>
		keys.flatMap((key) =>
			Array.from({ length: streamsOfKey }, (_, i) =>
				follow(key, servers[i % 2 === 0 ? 0 : 1].url),
			),
		),
	);
	onTestFinished(async () => {
		await Promise.all(followers.map((one) => one.end()));
	});
	expect(followers).toHaveLength(200);
	await vi.waitUntil(() => followers.every((one) => one.hasBegun()), {
		timeout: 20_000,
	});

	const killed = servers[0];
	let done = 0;
	// A third of the way there is one process less, which answers nobody any more.
	const killAt = (customersMax * vpsOfCustomer) / 3;
	const work = customers.map(async ({ keys: [key = ""], vps }) => {
		for (const [i, vpsId] of vps.entries()) {
			const url = servers[i % 2 === 0 ? 0 : 1].url;
			const answer = await submit(url, key, vpsId);
			const id = answer.status === 201 ? idOf(answer) : undefined;
			if (id !== undefined && i % 3 === 0)
				await withdraw(url, key, id).catch(() => {});
			done += 1;
			if (done === killAt) await killed.kill();
		}
	});
	await Promise.all(work);

	let sum = 0;
	for (const [i, { id }] of customers.entries()) {
		const told = await toldTo(id);
		expect(told.length).toBeGreaterThan(vpsOfCustomer / 2);
		const own = followers.slice(
			i * keysOfCustomer * streamsOfKey,
			(i + 1) * keysOfCustomer * streamsOfKey,
		);
		for (const one of own) {
			await vi.waitUntil(() => one.heard.length >= told.length, {
				timeout: 10_000,
			});
			expect(one.heard).toEqual(told);
			expect(one.ids.size).toBe(told.length);
			sum += told.length;
		}
	}
	const again = followers.filter((one) => one.connections() > 1).length;
	const refused = followers.flatMap((one) => one.refusals);
	expect(again).toBeGreaterThan(0);
	// The places of the process that was killed are free once the database has noticed; until then a reader comes again.
	expect(refused.filter((status) => status !== 429)).toEqual([]);
	process.stdout.write(
		`200 streams, ${again} of them cut off by the kill: ${sum} events, each heard once\n`,
	);
	servers[0] = await processes.serve(env);
}, 120_000);

describe("a key", () => {
	async function open(url: string, key: string): Promise<EventReader> {
		const reader = await readEvents(`${url}${path}`, {
			authorization: `Bearer ${key}`,
		});
		onTestFinished(() => reader.close());
		return reader;
	}

	test("has five streams, however they are spread over the processes, and five again when one of these was killed", async () => {
		const [customer] = customers;
		const [key = ""] = customer?.keys ?? [];
		const [one, two] = servers;
		// Those of the test before have gone.
		const left = () =>
			database.owner.query(
				"select from open_streams where key_id = (select id from api_keys where hash = $1)",
				[parseKey(key)?.hash],
			);
		await expect.poll(async () => (await left()).rows.length).toBe(0);
		for (let i = 0; i < 5; i += 1)
			expect((await open(servers[i % 2 === 0 ? 0 : 1].url, key)).status).toBe(
				200,
			);
		for (const { url } of servers)
			expect((await open(url, key)).status).toBe(429);
		await one.kill();
		// Its places are free once the database has noticed.
		await expect.poll(async () => (await open(two.url, key)).status).toBe(200);
		for (let i = 1; i < 3; i += 1)
			expect((await open(two.url, key)).status).toBe(200);
		expect((await open(two.url, key)).status).toBe(429);
		servers[0] = await processes.serve(env);
	});

	test("that is revoked in one process ends its streams in all, in about a second", async () => {
		const [, customer] = customers;
		const [, key = ""] = customer?.keys ?? [];
		const readers = await Promise.all(servers.map(({ url }) => open(url, key)));
		expect(readers.map(({ status }) => status)).toEqual([200, 200]);
		const { rows } = await database.owner.query<{ id: string }>(
			"select id from api_keys where hash = $1",
			[parseKey(key)?.hash],
		);
		const before = performance.now();
		await database.performer.perform(system("test"), revokeApiKey, {
			keyId: rows[0]?.id ?? "",
		});
		expect(await Promise.all(readers.map(({ ended }) => ended))).toEqual([
			true,
			true,
		]);
		const ms = Math.round(performance.now() - before);
		process.stdout.write(`streams of a revoked key: ended after ${ms} ms\n`);
		expect(ms).toBeLessThan(5_000);
	});
});

test("streams outlive a restart of the database and miss nothing", async () => {
	const [, , customer] = customers;
	const { id: clientId = "", keys: [key = ""] = [] } = customer ?? {};
	const followers = servers.map(({ url }) => follow(key, url));
	onTestFinished(async () => {
		await Promise.all(followers.map((one) => one.end()));
	});
	await vi.waitUntil(() => followers.every((one) => one.hasBegun()), {
		timeout: 10_000,
	});
	const pending = await database.owner.query<{ id: string }>(
		"select id from port25_requests where client_id = $1 and state = 'pending' order by id limit 10",
		[clientId],
	);
	const ids = pending.rows.map(({ id }) => id);
	expect(ids).toHaveLength(10);
	const last = await database.owner.query<{ id: number }>(
		"select max(id) as id from events",
	);
	const withdrawn = async (id: string, i: number) =>
		(await withdraw(servers[i % 2 === 0 ? 0 : 1].url, key, id)).status;
	for (const [i, id] of ids.slice(0, 3).entries())
		expect(await withdrawn(id, i)).toBe(200);
	await restartDatabase();
	for (const [i, id] of ids.entries())
		if (i >= 3)
			await expect
				.poll(() => withdrawn(id, i), { timeout: 10_000 })
				.toSatisfy((status) => status === 200 || status === 409);
	const told = await toldTo(clientId, last.rows[0]?.id);
	expect(told).toHaveLength(10);
	for (const one of followers) {
		await vi.waitUntil(() => one.heard.length >= 10, { timeout: 10_000 });
		expect(one.heard).toEqual(told);
		expect(one.connections()).toBe(1);
	}
});

async function restartDatabase(): Promise<void> {
	const { restart } = postgres;
	if (restart === undefined) {
		// Where it is not ours to restart, every connection to it is cut.
		await database.owner.query(
			"select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
		);
		return;
	}
	await database.close();
	await restart();
	await openHere();
}

test("a server that is asked to stop ends its streams in order and at once", async () => {
	const [, , , customer] = customers;
	const [server] = servers;
	const readers = await Promise.all(
		(customer?.keys ?? []).map((key) =>
			readEvents(`${server.url}${path}`, { authorization: `Bearer ${key}` }),
		),
	);
	expect(readers.map(({ status }) => status)).toEqual([
		200, 200, 200, 200, 200,
	]);
	const before = performance.now();
	const ended = await server.stop();
	const ms = Math.round(performance.now() - before);
	process.stdout.write(`5 open streams: the server has gone after ${ms} ms
`);
	expect(ended.code).toBe(0);
	expect(ended.stdout).not.toContain("cut off");
	expect(await Promise.all(readers.map((one) => one.ended))).toEqual([
		true,
		true,
		true,
		true,
		true,
	]);
	const { rows } = await database.owner.query(
		"select 1 from open_streams where key_id in (select id from api_keys where client_id = $1)",
		[customer?.id],
	);
	expect(rows).toEqual([]);
});
