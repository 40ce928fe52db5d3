import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { expectInvariants } from "../../test/deltas.ts";
import { form } from "../../test/upload-stage.ts";
import { loadConfig } from "../config.ts";
import type { DemoFile } from "../demo/demo-file.ts";
import { prepareDemo } from "../demo/prepare-demo.ts";
import { defaultPolicy } from "../domain/port25/policy/policy.ts";
import { requestPort25 } from "../domain/port25/request-port25.ts";
import { scopes, system } from "../kernel/actor.ts";
import { openBackup } from "../platform/backup/backup-file.ts";
import {
	createTrialHome,
	openTrial,
} from "../platform/embedded/trial-postgres.ts";
import { createLog } from "../platform/log.ts";
import { sql } from "../platform/sql.ts";
import { backUp } from "./backup.ts";
import { createEngine, type Engine } from "./engine.ts";
import { fileHandling, filePortsFor } from "./files-at.ts";
import { noticeSystem } from "./notice-system.ts";
import { migrateDatabase, putPolicyInForce } from "./prepare-database.ts";
import { restore } from "./restore.ts";
import { confirm } from "./restored-entries.ts";

const home = createTrialHome();
beforeAll(home.create);
afterAll(home.remove);

const dataDir = home.newFolder();
const config = loadConfig({ POSTERN_DATA_DIR: dataDir });
const path = join(home.path, "demo.backup");
const now = new Date("2026-11-20T10:00:00.000Z");
const silent = createLog({
	level: "silent",
	format: "json",
	isTerminal: false,
});

/** Runs the installation as `serve` does, but for the HTTP server, and stops it. */
async function whileRunning<Result>(
	body: (engine: Engine) => Promise<Result>,
): Promise<Result> {
	const postgres = await openTrial(dataDir, "serve");
	try {
		await migrateDatabase({ ...postgres, isEmbedded: true });
		const engine = createEngine({ database: postgres, config });
		try {
			await noticeSystem(engine, silent);
			return await body(engine);
		} finally {
			await engine.pool.end();
		}
	} finally {
		await postgres.stop();
	}
}

let demo: DemoFile;

/** An upload of `trusted`, and where its file is. */
async function sendFile({ performer, sql: db }: Engine): Promise<string> {
	const { clientId } = demo.clients.trusted;
	const actor = {
		kind: "customer",
		clientId,
		keyId: "key_test",
		scopes: scopes.customer,
	} as const;
	const handling = fileHandling(config, await filePortsFor(config), {
		performer,
		log: silent,
	});
	await handling.receive(actor, form(fileText));
	const row = await db.first(
		sql<{ fileKey: string }>`select file_key from uploads`,
	);
	return join(dataDir, "attachments", row!.fileKey);
}

const fileText = "It does not work.\n";
let filePath: string;

/** Asks for port 25 on one of the servers of `trusted`, who gets it at once. */
function ask({ performer }: Engine, place: number) {
	const { clientId, vps } = demo.clients.trusted;
	const actor = {
		kind: "customer",
		clientId,
		keyId: "key_test",
		scopes: scopes.customer,
	} as const;
	return performer.perform(actor, requestPort25, {
		vps: { id: vps[place]?.id ?? "" },
		reason: "Mail.",
		requirement: "enforced",
	});
}

async function factsOf({ sql: db }: Engine) {
	const facts = await db.first(sql<{
		requests: number;
		active: number;
		suspended: number;
		clients: number;
		epoch: string;
	}>`
		select (select count(*) from port25_requests) as requests, (select count(*) from clients) as clients,
		       (select count(*) from allowlist_entries where state = 'active') as active,
		       (select count(*) from allowlist_entries where state = 'suspended') as suspended,
		       (select epoch from sites where id = 'default') as epoch`);
	if (facts === undefined) throw new Error("no facts");
	return facts;
}

/** The command in a process of its own, on the same data folder. */
function start(...words: string[]) {
	const main = new URL("../main.ts", import.meta.url).pathname;
	return spawn(process.execPath, [main, ...words], {
		env: { POSTERN_DATA_DIR: dataDir },
		stdio: ["ignore", "pipe", "inherit"],
	});
}

/** What such a command says; it must end well. */
async function run(...words: string[]): Promise<string> {
	const child = start(...words);
	const [said, [code]] = await Promise.all([
		text(child.stdout),
		once(child, "exit"),
	]);
	expect(code).toBe(0);
	return said;
}

function restoreFrom(file: string) {
	const settings = { fsync: "off" };
	return restore({ config, path: file, now, settings, say: () => {} });
}

describe("an embedded database", () => {
	let before: Awaited<ReturnType<typeof factsOf>>;

	test("is backed up while it is in use, and not restored while it is", async () => {
		await whileRunning(async (engine) => {
			const baseUrl = "http://127.0.0.1:3000";
			demo = await prepareDemo(engine.performer, {
				path: join(dataDir, "demo.json"),
				baseUrl,
			});
			await putPolicyInForce(engine.performer, defaultPolicy);
			await ask(engine, 0);
			await ask(engine, 1);
			filePath = await sendFile(engine);
			expect(await run("backup", path)).toMatch(
				/^Wrote .*demo\.backup: \d+ rows of \d+ tables, \d+ KiB\.\nWith 1 file of attachments\.\n/,
			);
			const { header } = await openBackup(path);
			expect(header.postern).toMatch(/^\d+\.\d+\.\d+$/);
			before = await factsOf(engine);
			await expect(restoreFrom(path)).rejects.toThrow(
				`Postern is running on this data folder (process ${process.pid}). Stop it first`,
			);
			// Gone with the restore below.
			await ask(engine, 2);
			expect(await factsOf(engine)).toMatchObject({ active: 3 });
		});
	});

	test("keeps what it has when the file is no whole backup", async () => {
		const bad = join(home.path, "bad.backup");
		const bytes = await readFile(path);
		for (const piece of [
			bytes.subarray(0, bytes.length - 1),
			Buffer.from("not a backup"),
			Buffer.alloc(0),
		]) {
			await writeFile(bad, piece);
			await expect(restoreFrom(bad)).rejects.toMatchObject({
				name: "StartFailure",
			});
		}
		expect(await readdir(dataDir)).not.toContain("postgres.restoring");
		await whileRunning(async (engine) => {
			expect(await factsOf(engine)).toMatchObject({ requests: 3 });
		});
	});

	test("keeps what it has when the restore is killed half-way", async () => {
		const child = start("restore", path);
		const exited = once(child, "exit");
		const draft = join(dataDir, "postgres.restoring", "postgres");
		const isThere = () => existsSync(join(draft, "postmaster.pid"));
		await expect.poll(isThere, { timeout: 90_000, interval: 10 }).toBe(true);
		child.kill("SIGKILL");
		await exited;
		await whileRunning(async (engine) => {
			expect(await factsOf(engine)).toMatchObject({ requests: 3, active: 3 });
		});
		expect(await readdir(dataDir)).not.toContain("postgres.restoring");
	});

	test("is what it was at the backup after a restore, with everything closed until it is confirmed", async () => {
		await rm(filePath);
		const later = filePath.replace(/[0-9a-f]{30}$/, "f".repeat(30));
		await writeFile(later, "a file of the database before");
		expect(await restoreFrom(path)).toMatchObject({
			files: { whole: 1, damaged: 0 },
			suspended: 2,
			keptAs: "postgres.before-restore-20261120T100000000Z",
		});
		expect(await readFile(filePath, "utf8")).toBe(fileText);
		expect(existsSync(later), "what was there stays").toBe(true);
		await whileRunning(async (engine) => {
			const after = await factsOf(engine);
			expect(after).toMatchObject({
				requests: 2,
				clients: before.clients,
				active: 0,
				suspended: 2,
			});
			expect(after.epoch).not.toBe(before.epoch);
			await expectInvariants(engine.sql);
			// The start in between found nothing new: the restore has told of itself.
			const { rows } = await engine.pool.query(
				"select kind from events where kind in ('site.epoch_begun', 'database.restored') order by id",
			);
			expect(rows.map(({ kind }) => kind)).toEqual([
				"database.restored",
				"site.epoch_begun",
			]);

			const { resumed } = await confirm(engine.performer, system("test"));
			expect(resumed).toBe(2);
			expect(await factsOf(engine)).toMatchObject({ active: 2, suspended: 0 });
			await expectInvariants(engine.sql);
			// The sequences go on where they stood, and the demo's keys still work.
			expect((await ask(engine, 2)).state).toBe("approved");
		});
	});

	test("gaps in no stream of the audit log", async () => {
		await whileRunning(async ({ pool }) => {
			const { rows } = await pool.query(
				"select stream from audit group by stream having max(seq) <> count(*) or min(seq) <> 1",
			);
			expect(rows).toEqual([]);
		});
	});
});

test("a database of DATABASE_URL is neither backed up nor restored by us", async () => {
	const elsewhere = loadConfig({
		DATABASE_URL: "postgres://nobody@localhost/none",
	});
	const refused = "DATABASE_URL is set: back up and restore that database";
	await expect(backUp({ config: elsewhere, path, now })).rejects.toThrow(
		refused,
	);
	await expect(
		restore({ config: elsewhere, path, now, say: () => {} }),
	).rejects.toThrow(refused);
});

test("an empty database is not backed up", async () => {
	const empty = loadConfig({ POSTERN_DATA_DIR: home.newFolder() });
	await expect(backUp({ config: empty, path, now })).rejects.toThrow(
		"nothing to back up",
	);
});
