/** Several processes on one DATABASE_URL: what they must agree on. */
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { addCustomer, addTestSite, idOf, submit } from "./customers.ts";
import {
	type ExternalDatabase,
	startExternalPostgres,
} from "./external-postgres.ts";
import { type Database, openDatabase } from "./open-database.ts";
import {
	type Environment,
	type Running,
	type Server,
	useProcesses,
} from "./postern-process.ts";

const processes = useProcesses();
const perMinute = 40;

let external: ExternalDatabase;
let database: Database;
let env: Environment;
let servers: readonly [Server, Server];

beforeAll(async () => {
	const postgres = await startExternalPostgres(processes);
	external = await postgres.newDatabase();
	env = {
		DATABASE_URL: external.url,
		POSTERN_DATA_DIR: join(processes.folder, "none"),
		POSTERN_RATE_KEY_PER_MINUTE: String(perMinute),
		POSTERN_PORT25_PER_HOUR: "100000",
		POSTERN_LOG_LEVEL: "warn",
	};
	// Both find the database empty, and migrate.
	servers = await Promise.all([processes.serve(env), processes.serve(env)]);
	const { admin } = external;
	database = await openDatabase({ owner: admin, app: admin });
	processes.atEnd(() => database.close());
	await addTestSite(database);
}, 120_000);

test("two that start at once on an empty database migrate it once, and both answer", async () => {
	for (const { url } of servers)
		expect((await fetch(`${url}/readyz`)).status).toBe(200);
	const { rows } = await database.owner.query(
		"select name, count(*)::int as times from migrations group by name having count(*) > 1",
	);
	expect(rows).toEqual([]);
});

describe.each([
	["trusted", 1, "Port 25 already open"],
	["prepaid", 2, "Port 25 request already pending"],
] as const)(
	"of 100 submissions at once for one address, by a client who is %s",
	(standing, number, title) => {
		test("one is accepted and 99 are refused, whichever process they come to", async () => {
			const rounds = 3;
			// Each key may ask 40 times a minute: four of them, for a hundred requests a round.
			const { keys, vps } = await addCustomer(database, {
				...{ number, standing, vps: rounds, keys: 4 * rounds },
			});
			for (const [round, vpsId] of vps.entries()) {
				const answers = await Promise.all(
					Array.from({ length: 100 }, (_, i) =>
						submit(
							servers[i % 2 === 0 ? 0 : 1].url,
							keys[round * 4 + (i % 4)] ?? "",
							vpsId,
						),
					),
				);
				const accepted = answers.filter(({ status }) => status === 201);
				const refused = answers.filter(({ status }) => status === 409);
				expect([accepted.length, refused.length]).toEqual([1, 99]);
				for (const { body } of refused) expect(body).toMatchObject({ title });
				const { rows } = await database.owner.query(
					"select id from port25_requests where service_id = $1",
					[vpsId],
				);
				expect(rows).toEqual(accepted.map((answer) => ({ id: idOf(answer) })));
			}
		});
	},
);

test(`a key may ask ${perMinute} times a minute, however its requests are spread over the processes`, async () => {
	const { keys } = await addCustomer(database, {
		...{ number: 3, standing: "trusted", vps: 0, keys: 1 },
	});
	const answers = await Promise.all(
		Array.from({ length: 3 * perMinute }, async (_, i) => {
			const { status, headers } = await fetch(
				`${servers[i % 2 === 0 ? 0 : 1].url}/api/v2/me`,
				{ headers: { authorization: `Bearer ${keys[0]}` } },
			);
			return { status, window: headers.get("x-ratelimit-reset") ?? "" };
		}),
	);
	expect(new Set(answers.map(({ status }) => status))).toEqual(
		new Set([200, 429]),
	);
	// A new minute may have begun meanwhile: each has its own forty.
	const passed = answers.filter(({ status }) => status !== 429);
	const windows = Map.groupBy(passed, ({ window }) => window);
	for (const [window, those] of windows) {
		expect(window).toMatch(/^\d{4}-/);
		expect(those.length).toBeLessThanOrEqual(perMinute);
	}
	process.stdout.write(
		`rate limit: ${[...windows.values()].map((those) => those.length).join(" + ")} of ${answers.length} passed\n`,
	);
	// What one of the two had leased and did not need is lost.
	expect(passed.length).toBeGreaterThanOrEqual(perMinute * 0.75);
});

test("an API process outlives the loss of all its connections, also of one in a transaction", async () => {
	const [{ url }] = servers;
	const { id, keys, vps } = await addCustomer(database, {
		...{ number: 4, standing: "trusted", vps: 2, keys: 1 },
	});
	await database.owner.query("begin");
	await database.owner.query("select from clients where id = $1 for update", [
		id,
	]);
	const [key = ""] = keys;
	const cutOff = submit(url, key, vps[0] ?? "");
	const waiting = async () =>
		(
			await database.owner.query(
				"select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
			)
		).rows.length;
	await expect.poll(waiting, { timeout: 10_000, interval: 10 }).toBe(1);
	await database.owner.query(
		"select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
	);
	await database.owner.query("rollback");
	expect((await cutOff).status).toBe(503);
	for (const { url } of servers)
		await expect
			.poll(async () => (await fetch(`${url}/readyz`)).status, {
				timeout: 10_000,
			})
			.toBe(200);
	expect((await submit(url, key, vps[0] ?? "")).status).toBe(201);
});

describe("a worker alone", () => {
	let worker: Running;
	test("does the job that another process has left", async () => {
		worker = processes.start(["work"], { ...env, POSTERN_LOG_LEVEL: "info" });
		await worker.says(/"msg":"working"/);
		const { keys, vps } = await addCustomer(database, {
			...{ number: 5, standing: "prepaid", vps: 1, keys: 1 },
		});
		const accepted = await submit(servers[0].url, keys[0] ?? "", vps[0] ?? "");
		expect(accepted.status).toBe(201);
		// Nobody else is there to do it, and thirty days have passed.
		await Promise.all(servers.map((server) => server.stop()));
		await database.owner.query(
			"update jobs set run_at = now() where payload ->> 'requestId' = $1",
			[idOf(accepted)],
		);
		const state = async () => {
			const { rows } = await database.owner.query(
				`select state, (select count(*) from jobs where payload ->> 'requestId' = r.id)::int as jobs
				 from port25_requests r where id = $1`,
				[idOf(accepted)],
			);
			return rows[0];
		};
		await expect
			.poll(state, { timeout: 10_000, interval: 50 })
			.toEqual({ state: "expired", jobs: 0 });
	});

	test("ends in order", async () => {
		worker.send("SIGTERM");
		expect(await worker.ended).toMatchObject({ code: 0, stderr: "" });
		expect(worker.written()).not.toContain("cut off");
	});
});
