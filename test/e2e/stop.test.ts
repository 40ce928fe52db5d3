/** How a server ends: asked to, asked twice, and killed outright. */
import { existsSync } from "node:fs";
import { Agent, get } from "node:http";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { type Database, joinDatabase } from "./open-database.ts";
import {
	goneWithin,
	postgresPid,
	type Running,
	readDemo,
	root,
	useProcesses,
} from "./postern-process.ts";

const processes = useProcesses();
const dataDir = processes.newDataDir();
const env = { POSTERN_DATA_DIR: dataDir };

/** Waits until the server and its PostgreSQL have ended, and says how long that took: 2 s at most, were the machine ours alone. */
async function allGone(
	what: string,
	end: {
		readonly server: Running;
		readonly postgres: number;
		readonly since: number;
	},
): Promise<void> {
	await end.server.ended;
	await goneWithin(end.postgres, 10_000);
	const ms = Math.round(performance.now() - end.since);
	process.stdout.write(`${what}: all gone after ${ms} ms\n`);
	expect(ms).toBeLessThan(10_000);
}

/** The database of the running server, until the end of the test. */
async function openHere(): Promise<Database> {
	const database = await joinDatabase(dataDir);
	onTestFinished(() => database.close());
	return database;
}

/** A submission that has reached the database and waits there until `release`. */
async function submissionInFlight(url: string, database: Database) {
	const { key, legacyId, vps } = (await readDemo(dataDir)).clients.trusted;
	await database.owner.query("begin");
	await database.owner.query(
		"select from clients where legacy_id = $1 for update",
		[legacyId],
	);
	const vpsId = vps[submissions % vps.length]?.id;
	submissions += 1;
	const answer = fetch(`${url}/api/v2/support/port25-requests`, {
		method: "POST",
		headers: {
			authorization: `Bearer ${key}`,
			"content-type": "application/json",
		},
		body: JSON.stringify({ vpsId, reason: "To send receipts." }),
	}).then(
		async ({ status }) => {
			if (status === 201) acknowledged += 1;
			return { status };
		},
		() => ({ status: 0 }),
	);
	const waiting = async () => {
		const { rows } = await database.owner.query(
			"select from pg_locks where not granted",
		);
		return rows.length;
	};
	await expect.poll(waiting, { timeout: 10_000, interval: 10 }).toBe(1);
	return { answer, release: () => database.owner.query("rollback") };
}

let submissions = 0;
let acknowledged = 0;

describe.each(["SIGTERM", "SIGINT"] as const)("after %s", (signal) => {
	test("the request that is under way is answered, and then everything is gone", async () => {
		const server = await processes.serve(env);
		const postgres = await postgresPid(dataDir);
		const { answer, release } = await submissionInFlight(
			server.url,
			await openHere(),
		);
		const since = performance.now();
		server.send(signal);
		await server.says(/"msg":"stopping"/);
		await release();
		expect(await answer).toMatchObject({ status: 201 });
		await allGone(signal, { server, postgres, since });
		expect(await server.ended).toMatchObject({ code: 0, signal: null });
		expect(server.written()).not.toMatch(/"level":"(warn|error)"/);
	});
});

describe("an end in order", () => {
	test("is not held up by a connection that is kept alive", async () => {
		const server = await processes.serve(env);
		const postgres = await postgresPid(dataDir);
		const agent = new Agent({ keepAlive: true });
		onTestFinished(() => agent.destroy());
		await new Promise((resolve, reject) => {
			get(`${server.url}/healthz`, { agent }, (answer) =>
				answer.resume().on("end", resolve),
			).on("error", reject);
		});
		expect(Object.keys(agent.freeSockets)).toHaveLength(1);
		const since = performance.now();
		server.send("SIGTERM");
		await allGone("idle connection", { server, postgres, since });
		expect(server.written()).not.toContain("cut off");
	});

	test("cuts off a request that does not end, and is over soon all the same", async () => {
		const server = await processes.serve(env);
		const postgres = await postgresPid(dataDir);
		const { answer } = await submissionInFlight(server.url, await openHere());
		const since = performance.now();
		server.send("SIGTERM");
		expect(await answer).toMatchObject({ status: 0 });
		await allGone("cut off", { server, postgres, since });
		expect(await server.ended).toMatchObject({ code: 0, signal: null });
		expect(server.written()).toContain("cut off");
	});

	test("is given up at a second signal", async () => {
		const server = await processes.serve(env);
		const postgres = await postgresPid(dataDir);
		const { answer } = await submissionInFlight(server.url, await openHere());
		const since = performance.now();
		server.send("SIGTERM");
		await server.says(/"msg":"stopping"/);
		// Two that come together are one, as npm passes Ctrl-C on; so the second is sent until it is taken for one.
		const again = setInterval(() => server.send("SIGTERM"), 50);
		expect(await server.ended).toMatchObject({ code: 1 });
		clearInterval(again);
		await allGone("second signal", { server, postgres, since });
		expect(server.written()).not.toContain("cut off");
		expect(await answer).toMatchObject({ status: 0 });
	});
});

describe("under `npm start`", () => {
	const npmEnv = {
		...env,
		PATH: process.env["PATH"] ?? "",
		TERM: "dumb",
		npm_config_cache: join(processes.folder, "npm"),
		npm_config_update_notifier: "false",
	};
	const words = ["npm", "--prefix", root, "start"];

	async function endsInOrder(
		npm: Running,
		signal: { readonly name: string; readonly give: () => void },
	): Promise<void> {
		const [, url = ""] = await npm.says(/Postern answers at (\S+?)\r?\n/);
		const postgres = await postgresPid(dataDir);
		const { answer, release } = await submissionInFlight(url, await openHere());
		const since = performance.now();
		signal.give();
		await npm.says(/stopping/);
		await release();
		expect(await answer).toMatchObject({ status: 201 });
		await allGone(signal.name, { server: npm, postgres, since });
	}

	test("SIGTERM to npm reaches the server", async () => {
		const npm = processes.startProgram(words, npmEnv);
		const give = () => npm.send("SIGTERM");
		await endsInOrder(npm, { name: "SIGTERM to npm", give });
	});

	const script = "/usr/bin/script";
	test.runIf(existsSync(script))(
		"Ctrl-C in the terminal is one signal, though npm passes it on besides",
		async () => {
			const line = words.map((word) => `'${word}'`).join(" ");
			const npm = processes.startProgram(
				[script, "-qefc", line, "/dev/null"],
				npmEnv,
			);
			await endsInOrder(npm, { name: "Ctrl-C", give: () => npm.type("\x03") });
		},
	);
});

test("after kill -9 PostgreSQL goes too, and the next start has what was acknowledged", async () => {
	const server = await processes.serve(env);
	const postgres = await postgresPid(dataDir);
	const since = performance.now();
	server.send("SIGKILL");
	await allGone("kill -9", { server, postgres, since });
	const next = await processes.serve(env);
	const { owner } = await openHere();
	const { rows } = await owner.query(
		"select count(*)::int as requests from port25_requests",
	);
	expect(rows).toEqual([{ requests: acknowledged }]);
	await next.stop();
});
