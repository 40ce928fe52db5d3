/** When the demo is there, on which addresses it is served, and how it goes. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { startExternalPostgres } from "./external-postgres.ts";
import { type Database, joinDatabase, openDatabase } from "./open-database.ts";
import {
	type Running,
	readDemo,
	type Server,
	useProcesses,
} from "./postern-process.ts";

const processes = useProcesses();

interface Found {
	readonly isDemo: boolean;
	readonly clients: number;
	readonly keys: number;
	readonly requests: number;
}

const nothing: Found = { isDemo: false, clients: 0, keys: 0, requests: 0 };

async function look({ owner }: Database): Promise<Found | undefined> {
	const { rows } = await owner.query<Found>(`
		select (select is_demo from installation) as "isDemo",
		       (select count(*) from clients)::int as clients,
		       (select count(*) from api_keys)::int as keys,
		       (select count(*) from port25_requests)::int as requests`);
	return rows[0];
}

async function lookInto(dataDir: string): Promise<Found | undefined> {
	const database = await joinDatabase(dataDir);
	try {
		return await look(database);
	} finally {
		await database.close();
	}
}

/** What the API says to a key. */
async function statusFor(url: string, key: string): Promise<number> {
	const answer = await fetch(`${url}/api/v2/me`, {
		headers: { authorization: `Bearer ${key}` },
	});
	await answer.arrayBuffer();
	return answer.status;
}

async function refused(running: Running): Promise<string> {
	const { code, stderr } = await running.ended;
	expect(code, stderr).toBe(1);
	return stderr;
}

describe("the embedded database", () => {
	const dataDir = processes.newDataDir();
	const env = { POSTERN_DATA_DIR: dataDir };
	const file = join(dataDir, "demo.json");

	test("stays empty with --no-demo, and is then served anywhere", async () => {
		const server = await processes.serve({ ...env, HOST: "0.0.0.0" }, [
			"--no-demo",
		]);
		expect(await lookInto(dataDir)).toEqual(nothing);
		expect(existsSync(file)).toBe(false);
		expect(server.written()).not.toContain("demo");
		await server.stop();
	});

	test("that would get the demo is not served beyond loopback, and still is empty", async () => {
		const said = await refused(
			processes.start(["serve"], { ...env, HOST: "0.0.0.0" }),
		);
		expect(said).toBe(
			"postern: An empty database gets the demo, which is served on loopback only. Unset HOST and POSTERN_PUBLIC_URL, or start with --no-demo to leave it empty, or start with --demo to serve the demo all the same.\n",
		);
		expect(await lookInto(dataDir)).toEqual(nothing);
	});

	test("gets the demo when it is empty", async () => {
		const server = await processes.serve(env);
		const { clients } = await readDemo(dataDir);
		expect(await statusFor(server.url, clients.trusted.key)).toBe(200);
		expect(await lookInto(dataDir)).toEqual({
			...nothing,
			isDemo: true,
			clients: 5,
			keys: 12,
		});
		await server.stop();
	});

	test.each([
		[{ HOST: "0.0.0.0" }],
		[{ POSTERN_PUBLIC_URL: "https://support.example.com" }],
	])("with the demo is not served with %o", async (change) => {
		const said = await refused(
			processes.start(["serve"], { ...env, ...change }),
		);
		expect(said).toBe(
			"postern: This database holds the demo, which is served on loopback only. Unset HOST and POSTERN_PUBLIC_URL, or remove the demo with `postern demo remove` and start with --no-demo, or start with --demo to serve the demo all the same.\n",
		);
	});

	test("with the demo is served with HOST=0.0.0.0 and --demo, which says so loudly", async () => {
		const server = await processes.serve({ ...env, HOST: "0.0.0.0" }, [
			"--demo",
		]);
		expect(server.written()).toMatch(
			/"level":"warn".*DEMO DATA IS SERVED BEYOND THIS MACHINE/,
		);
		await server.stop();
	});

	test("with the demo is not started as an empty one", async () => {
		const said = await refused(processes.start(["serve", "--no-demo"], env));
		expect(said).toBe(
			"postern: --no-demo: this database holds the demo. Remove it first with `postern demo remove`, or start without --no-demo.\n",
		);
	});

	describe("when the demo is removed while the server runs", () => {
		let server: Server;

		test("has nothing left, and the server refuses the keys soon", async () => {
			server = await processes.serve(env);
			const { clients, staffKey } = await readDemo(dataDir);
			const { key, vps } = clients.trusted;
			const submitted = await fetch(
				`${server.url}/api/v2/support/port25-requests`,
				{
					method: "POST",
					headers: {
						authorization: `Bearer ${key}`,
						"content-type": "application/json",
					},
					body: JSON.stringify({ vpsId: vps[0]?.id, reason: "Receipts." }),
				},
			);
			expect(submitted.status).toBe(201);
			const removed = await processes.run(["demo", "remove"], env);
			expect(removed).toMatchObject({
				code: 0,
				stderr: "",
				stdout:
					"Removed the demo: 5 clients and all they had.\nThe next start loads it again, unless it has --no-demo.\n",
			});
			for (const text of [key, staffKey])
				await expect
					.poll(() => statusFor(server.url, text), { timeout: 10_000 })
					.toBe(401);
			expect(await lookInto(dataDir)).toEqual(nothing);
			expect(existsSync(file)).toBe(false);
		});

		test("has nothing to remove a second time", async () => {
			const said = await refused(processes.start(["demo", "remove"], env));
			expect(said).toBe("postern: The database holds no demo.\n");
			expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
			await server.stop();
		});

		test("gets it anew at the next start", async () => {
			server = await processes.serve(env);
			const { clients } = await readDemo(dataDir);
			expect(await statusFor(server.url, clients.trusted.key)).toBe(200);
			expect(await lookInto(dataDir)).toMatchObject({ clients: 5, keys: 12 });
			await server.stop();
		});
	});
});

test("a DATABASE_URL gets the demo only when it is empty and --demo is given", async () => {
	const postgres = await startExternalPostgres(processes);
	const { url, admin } = await postgres.newDatabase();
	const dataDir = join(processes.newDataDir(), "not", "there", "yet");
	const env = { DATABASE_URL: url, POSTERN_DATA_DIR: dataDir };

	const without = await processes.serve(env);
	const database = await openDatabase({ owner: admin, app: admin });
	onTestFinished(() => database.close());
	expect(await look(database)).toEqual(nothing);
	expect(existsSync(dataDir)).toBe(false);
	await without.stop();

	const asked = await processes.serve(env, ["--demo"]);
	const { clients } = await readDemo(dataDir);
	expect(await statusFor(asked.url, clients.prepaid.key)).toBe(200);
	await asked.stop();

	expect(await processes.run(["demo", "remove"], env)).toMatchObject({
		code: 0,
		stderr: "",
		stdout: "Removed the demo: 5 clients and all they had.\n",
	});
	expect(await look(database)).toEqual(nothing);

	await database.owner.query(
		`insert into clients (id, legacy_id, status, created_at, updated_at)
		 values ('client_01hxa3b4c5d6e7f8g9h0j1k2m3', 7, 'active', now(), now())`,
	);
	const said = await refused(processes.start(["serve", "--demo"], env));
	expect(said).toBe(
		"postern: --demo: this database holds clients that are not the demo's. The demo is loaded into an empty database only.\n",
	);
	expect(await look(database)).toEqual({ ...nothing, clients: 1 });
}, 120_000);
