import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { startFakeScanner } from "../../test/clamd.ts";
import { useDatabase } from "../../test/db.ts";
import { useS3 } from "../../test/s3-server.ts";
import { loadConfig } from "../config.ts";
import { noteSystem } from "../domain/allowlist/note-system.ts";
import { system } from "../kernel/actor.ts";
import { connect } from "../platform/db.ts";
import { sql } from "../platform/sql.ts";
import { StartFailure } from "../platform/start-failure.ts";
import { readSystemIdentity } from "../platform/system-identity.ts";
import { examine } from "./doctor.ts";
import type { Checks } from "./doctor-checks.ts";
import { contentChecks } from "./doctor-content.ts";
import { fileChecks } from "./doctor-files.ts";
import { folderChecks } from "./doctor-folder.ts";
import { migrationsCheck, serverChecks } from "./doctor-server.ts";

const db = useDatabase();
const s3 = useS3();
const local = loadConfig({});
let owner: pg.Client;
let folder: string;

beforeAll(async () => {
	owner = await connect(db.ownerTarget);
	folder = await mkdtemp(join(tmpdir(), "postern-doctor-"));
});
afterAll(async () => {
	await owner.end();
	await rm(folder, { recursive: true });
});

/** What one check says: its words, or `FAIL` and what to do. */
async function said(checks: Checks, name: string): Promise<string> {
	const check = checks[name];
	if (check === undefined) throw new Error(`there is no check ${name}`);
	try {
		return await check();
	} catch (error) {
		if (error instanceof StartFailure) return `FAIL ${error.message}`;
		throw error;
	}
}

describe("the server", () => {
	const checks = (config = local) =>
		serverChecks({ client: owner, app: db.target, config });

	test("is well", async () => {
		expect(await said(checks(), "version")).toMatch(/^PostgreSQL \d+/);
		expect(await said(checks(), "role")).toBe("the application is postern_app");
		expect(await said(checks(), "connections")).toMatch(/^\d+ of \d+ in use$/);
		expect(await said(checks(), "clock")).toMatch(/^agrees with the database/);
	});

	test("has an application that can do too much, or cannot connect", async () => {
		const asOwner = serverChecks({
			client: owner,
			app: db.ownerTarget,
			config: local,
		});
		expect(await said(asOwner, "role")).toMatch(
			/^FAIL .* has more rights than it needs \(.*owns tables\)/,
		);
		const nobody = serverChecks({
			client: owner,
			app: { ...db.target, user: "nobody_of_that_name" },
			config: local,
		});
		expect(await said(nobody, "role")).toMatch(
			/^FAIL the application cannot connect \(28/,
		);
	});

	test("has too few connections left", async () => {
		const greedy = loadConfig({ POSTERN_DB_POOL_MAX: "200" });
		expect(await said(checks(greedy), "connections")).toMatch(
			/^FAIL .* Raise max_connections/,
		);
	});

	test("has seen all migrations, not all, or one that nobody knows", async () => {
		const check = () => said(migrationsCheck(owner), "migrations");
		expect(await check()).toBe("up to date");
		await owner.query(
			"insert into migrations (name, digest) values ('9999-later.sql', 'x')",
		);
		expect(await check()).toMatch(/^FAIL .*9999-later.sql.* newer Postern/);
		await owner.query("delete from migrations where name like '9999%'");
		const { rows } = await owner.query("delete from migrations returning *");
		expect(await check()).toMatch(
			/^FAIL \d+ to run \(0001-skeleton.sql.*\)\. Run: postern migrate$/,
		);
		for (const { name, digest, at } of rows)
			await owner.query("insert into migrations values ($1, $2, $3)", [
				name,
				digest,
				at,
			]);
	});
});

describe("the content", () => {
	const checks = (config = local) => contentChecks({ db: db.sql, config });

	test("of a new database is well", async () => {
		expect(await said(checks(), "identity")).toMatch(
			/^system \d+, timeline \d+$/,
		);
		expect(await said(checks(), "demo")).toBe("none");
		expect(await said(checks(), "queue")).toBe("empty");
		expect(await said(checks(), "restored")).toBe("nothing to confirm");
	});

	test("stands in another database than before", async () => {
		const now = await readSystemIdentity(db.sql);
		if (now === undefined) throw new Error("the database is not seen");
		await db.performer.perform(system("test"), noteSystem, {
			...now,
			timeline: now.timeline + 1,
		});
		expect(await said(checks(), "identity")).toMatch(
			/^FAIL .*restored or failed over/,
		);
		await db.performer.perform(system("test"), noteSystem, now);
		expect(await said(checks(), "identity")).toMatch(/^system/);
	});

	test("is a demo, which only this machine may reach", async () => {
		await db.ownerSql.run(sql`update installation set is_demo = true`);
		expect(await said(checks(), "demo")).toBe("served on loopback only");
		const open = loadConfig({ HOST: "0.0.0.0" });
		expect(await said(checks(open), "demo")).toMatch(/^FAIL .*demo remove$/);
		await db.ownerSql.run(sql`update installation set is_demo = false`);
	});

	test("has jobs that are dead, or that nobody runs", async () => {
		await db.sql.run(sql`
			insert into jobs (kind, payload, run_at, created_at) values ('x', '{}', now() - interval '10 minutes', now())`);
		expect(await said(checks(), "queue")).toMatch(
			/^FAIL a job has waited 6\d\d seconds/,
		);
		await db.sql.run(sql`update jobs set run_at = now() - interval '1 second'`);
		expect(await said(checks(), "queue")).toMatch(/^1 due/);
		await db.sql.run(sql`update jobs set dead_at = now()`);
		expect(await said(checks(), "queue")).toBe(
			"FAIL dead jobs: 1. Run: postern jobs list --dead",
		);
		await db.sql.run(sql`delete from jobs`);
	});
});

describe("the data folder", () => {
	const checks = (dataDir: string) =>
		folderChecks(loadConfig({ POSTERN_DATA_DIR: dataDir }));

	test("may be not there yet, and has a disk all the same", async () => {
		const none = checks(join(folder, "none"));
		expect(await said(none, "folder")).toBe("not there yet");
		expect(await said(none, "disk")).toMatch(/GiB free/);
	});

	test("is private, with what it holds, or the one thing that is not is named", async () => {
		const dataDir = join(folder, "data");
		const demo = join(dataDir, "demo.json");
		await mkdir(dataDir, { mode: 0o700 });
		await writeFile(demo, "{}", { mode: 0o600 });
		expect(await said(checks(dataDir), "folder")).toBe("private");
		await chmod(demo, 0o644);
		expect(await said(checks(dataDir), "folder")).toBe(
			`FAIL ${demo} has the mode 0644 and is open to others. Run: chmod 0600 ${demo}`,
		);
		await chmod(demo, 0o600);
		await chmod(dataDir, 0o755);
		expect(await said(checks(dataDir), "folder")).toMatch(
			/^FAIL .* has the mode 0755 and is open to others\. Run: chmod 0710 /,
		);
	});
});

describe("attachments", () => {
	const checks = (change: Record<string, string>) =>
		fileChecks(
			loadConfig({ POSTERN_DATA_DIR: join(folder, "files"), ...change }),
		);

	test("are kept in a folder that can be written, or that is said", async () => {
		expect(await said(checks({}), "attachments")).toMatch(/not there yet$/);
		const dir = join(folder, "kept");
		await mkdir(dir);
		const here = checks({ POSTERN_ATTACHMENTS_DIR: dir });
		expect(await said(here, "attachments")).toMatch(/kept, [\d.]+ GiB free$/);
		const file = join(folder, "file");
		await writeFile(file, "");
		const below = checks({ POSTERN_ATTACHMENTS_DIR: join(file, "below") });
		expect(await said(below, "attachments")).toMatch(
			/^FAIL attachments cannot be kept \(ENOTDIR.*\)\. Give this user the folder/,
		);
	});

	test("are kept in a bucket that takes, gives and deletes them, or that is said", async () => {
		const { bucket, endpoint = "", accessKeyId, secretAccessKey } = s3();
		const settings = {
			POSTERN_S3_BUCKET: bucket,
			POSTERN_S3_ENDPOINT: endpoint,
			POSTERN_S3_ADDRESSING: "path",
			POSTERN_S3_ACCESS_KEY_ID: accessKeyId,
			POSTERN_S3_SECRET_ACCESS_KEY: secretAccessKey,
		};
		expect(await said(checks(settings), "attachments")).toBe(
			`bucket ${bucket}`,
		);
		const wrong = { ...settings, POSTERN_S3_BUCKET: "nobodys" };
		expect(await said(checks(wrong), "attachments")).toMatch(
			/^FAIL attachments cannot be kept \(.*\)\. Look at the POSTERN_S3_… options/,
		);
	});

	test("are scanned by a clamd that answers, or that is said", async () => {
		expect(await said(checks({}), "scanner")).toBe(
			"none: attachments are taken unscanned",
		);
		const fake = await startFakeScanner();
		const { port } = fake.address as { port: number };
		const there = checks({ POSTERN_CLAMD: `127.0.0.1:${port}` });
		expect(await said(there, "scanner")).toBe("ClamAV 0.0.0");
		await fake.close();
		expect(await said(there, "scanner")).toMatch(
			/^FAIL clamd does not answer \(.*ECONNREFUSED.*\)\. Start it/,
		);
	});
});

test("one line a check, and no more than that when the database is not there", async () => {
	const lines: string[] = [];
	const config = loadConfig({
		DATABASE_URL: "postgres://nobody:secret@127.0.0.1:1/none",
		POSTERN_DATA_DIR: join(folder, "none"),
	});
	expect(await examine(config, (line) => lines.push(line))).toBe(false);
	expect(lines).toEqual([
		"ok    folder      not there yet",
		expect.stringMatching(/^ok {4}attachments .*\/attachments, not there yet$/),
		"ok    scanner     none: attachments are taken unscanned",
		"ok    mail        none: mail is printed for the operator",
		"FAIL  database    The database of DATABASE_URL does not answer (ECONNREFUSED). Start it, or correct host and port.",
	]);
});
