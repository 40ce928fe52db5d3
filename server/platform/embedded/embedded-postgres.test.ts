import { mkdirSync, mkdtempSync, realpathSync } from "node:fs";
import {
	readdir,
	readFile,
	readlink,
	rm,
	stat,
	writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import {
	afterAll,
	beforeAll,
	describe,
	expect,
	onTestFinished,
	test,
} from "vitest";
import type { SocketTarget } from "./credentials.ts";
import {
	type EmbeddedPostgres,
	openEmbeddedPostgres,
} from "./embedded-postgres.ts";
import { isAlive, readPostmasterFile } from "./postmaster-file.ts";
import { openSeparately, type SeparateProcess } from "./separate-process.ts";

const home = realpathSync(
	mkdtempSync(join(tmpdir(), "postern-embedded-test-")),
);
afterAll(() => rm(home, { recursive: true, maxRetries: 50 }));

let folders = 0;
function newFolder(): string {
	folders += 1;
	return join(home, `data-${folders}`);
}

function open(dataDir: string, purpose: "serve" | "command" = "serve") {
	// Nothing here pulls the plug of the machine; the first group shows what holds without this.
	const settings = { fsync: "off" };
	return openEmbeddedPostgres({ dataDir, purpose, settings, say: () => {} });
}

async function query(target: SocketTarget, text: string): Promise<unknown[]> {
	const client = new pg.Client(target);
	client.on("error", () => {});
	try {
		await client.connect();
		const { rows } = await client.query({ text, rowMode: "array" });
		return rows;
	} finally {
		await client.end();
	}
}

function separately(
	dataDir: string,
	purpose: "serve" | "command",
): SeparateProcess {
	const other = openSeparately(dataDir, purpose);
	onTestFinished(() => other.kill());
	return other;
}

async function postmasterPid(dataDir: string): Promise<number> {
	const file = await readPostmasterFile(join(dataDir, "postgres"));
	if (file === undefined) throw new Error("no PostgreSQL is running there");
	return file.pid;
}

/** Gone, or dead and not yet collected by whoever inherited it. */
async function isGone(pid: number): Promise<boolean> {
	if (!isAlive(pid)) return true;
	if (process.platform !== "linux") return false;
	const status = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => ") Z");
	return status.slice(status.lastIndexOf(")")).startsWith(") Z");
}

const soon = { timeout: 10_000, interval: 10 };

describe("a running embedded PostgreSQL", () => {
	const dataDir = newFolder();
	let db: EmbeddedPostgres;
	beforeAll(async () => {
		db = await openEmbeddedPostgres({ dataDir, say: () => {} });
	});
	afterAll(() => db.stop());

	test("keeps its folder and its passwords from other users", async () => {
		const mode = async (name: string) =>
			(await stat(join(dataDir, name))).mode & 0o777;
		expect(await mode(".")).toBe(0o700);
		expect(await mode("postgres")).toBe(0o700);
		expect(await mode("postgres.json")).toBe(0o600);
		expect(await mode("postgres.log")).toBe(0o600);
		expect(await readdir(dataDir)).toEqual([
			"postgres",
			"postgres.json",
			"postgres.log",
		]);
	});

	test.runIf(process.platform === "linux")("has no TCP socket", async () => {
		const pid = await postmasterPid(dataDir);
		const links = await Promise.all(
			(await readdir(`/proc/${pid}/fd`)).map((fd) =>
				readlink(`/proc/${pid}/fd/${fd}`).catch(() => ""),
			),
		);
		const own = links.flatMap(
			(link) => /^socket:\[(\d+)\]$/.exec(link)?.[1] ?? [],
		);
		expect(own).not.toEqual([]);
		const tables = await Promise.all(
			["tcp", "tcp6", "udp", "udp6"].map((name) =>
				readFile(`/proc/${pid}/net/${name}`, "utf8").catch(() => ""),
			),
		);
		const inodes = tables
			.join("")
			.split("\n")
			.map((line) => line.trim().split(/\s+/)[9]);
		expect(own.filter((inode) => inodes.includes(inode))).toEqual([]);
		expect(await query(db.admin, "show listen_addresses")).toEqual([[""]]);
	});

	test("refuses a wrong password and none, for every account", async () => {
		expect(
			await query(db.admin, "select auth_method from pg_hba_file_rules"),
		).toEqual([["scram-sha-256"]]);
		for (const target of [db.admin, db.owner, db.app]) {
			await expect(
				query({ ...target, password: "wrong" }, "select 1"),
			).rejects.toMatchObject({ code: "28P01" });
			await expect(
				query({ ...target, password: "" }, "select 1"),
			).rejects.toThrow(/password/);
		}
	});

	test("gives the owner the database and the application nothing but entry", async () => {
		const roles = await query(
			db.admin,
			`select rolname, rolcanlogin, rolsuper or rolcreatedb or rolcreaterole or rolreplication or rolbypassrls
			 from pg_roles where rolname like 'postern\\__%' order by 1`,
		);
		expect(roles).toEqual([
			["postern_app", true, false],
			["postern_owner", true, false],
		]);
		await query(db.owner, "create table owned (a int)");
		const denied = { code: "42501" };
		await expect(query(db.app, "select * from owned")).rejects.toMatchObject(
			denied,
		);
		await expect(
			query(db.app, "create table mine (a int)"),
		).rejects.toMatchObject(denied);
		await expect(
			query(db.app, "create temporary table mine (a int)"),
		).rejects.toMatchObject(denied);
		await expect(
			query({ ...db.app, database: "postgres" }, "select 1"),
		).rejects.toMatchObject(denied);
		await expect(
			query({ ...db.owner, database: "postgres" }, "select 1"),
		).rejects.toMatchObject(denied);
	});

	test("is durable and the same on every machine", async () => {
		const settings = [
			"fsync",
			"synchronous_commit",
			"full_page_writes",
			"data_checksums",
			"server_encoding",
		];
		const shown = await Promise.all(
			settings.map((name) => query(db.app, `show ${name}`)),
		);
		expect(shown.flat(2)).toEqual(["on", "on", "on", "on", "UTF8"]);
		expect(
			await query(
				db.app,
				"select datlocprovider, datlocale from pg_database where datname = 'postern'",
			),
		).toEqual([["b", "C.UTF-8"]]);
	});

	test("keeps what a failed statement held out of its log", async () => {
		await expect(
			query(db.app, "select 'a secret' from nowhere"),
		).rejects.toThrow();
		expect(await readFile(join(dataDir, "postgres.log"), "utf8")).not.toContain(
			"secret",
		);
	});

	test("is joined by a command, which leaves it running", async () => {
		const joined = await open(dataDir, "command");
		expect(joined.joined).toBe(true);
		expect(await query(joined.app, "select current_user::text")).toEqual([
			["postern_app"],
		]);
		await joined.stop();
		await joined.stop();
		await joined.ended;
		expect(await query(db.app, "select 1")).toEqual([[1]]);
	});

	test("is refused to a second server, with the holder's process named", async () => {
		const message = `Postern is already running on this data folder (process ${process.pid}). Stop it first, or choose another POSTERN_DATA_DIR.`;
		const other = separately(dataDir, "serve");
		expect(await other.nextLine()).toEqual({
			failed: message,
			name: "StartFailure",
		});
	});
});

// Making a database takes most of the time here, so the tests that only need one that is not running share it.
const shared = newFolder();

test("keeps its data from one start to the next, and stops twice", async () => {
	const dataDir = shared;
	const first = await open(dataDir);
	await query(first.owner, "create table kept as select 42 as answer");
	const pid = await postmasterPid(dataDir);
	await Promise.all([first.stop(), first.stop()]);
	await first.ended;
	expect(isAlive(pid)).toBe(false);
	const second = await open(dataDir);
	expect(await query(second.owner, "select answer from kept")).toEqual([[42]]);
	expect(second.owner).toEqual(first.owner);
	await second.stop();
	await second.stop();
	expect(await readdir(dataDir)).toEqual([
		"postgres",
		"postgres.json",
		"postgres.log",
	]);
});

describe("when processes are killed outright", () => {
	const dataDir = shared;

	test("PostgreSQL ends soon after its starter, and the next start has everything", async () => {
		const other = separately(dataDir, "serve");
		await other.nextLine();
		const pid = await postmasterPid(dataDir);
		const joined = await open(dataDir, "command");
		await query(joined.owner, "create table survived as select 42 as answer");
		const began = performance.now();
		await other.kill();
		await joined.ended;
		await expect.poll(() => isGone(pid), soon).toBe(true);
		expect(performance.now() - began).toBeLessThan(3_000);
		const next = await open(dataDir);
		expect(await query(next.owner, "select answer from survived")).toEqual([
			[42],
		]);
		await next.stop();
	});

	test("a start right after the death of the last one waits for its PostgreSQL to end", async () => {
		for (let round = 0; round < 3; round += 1) {
			const other = separately(dataDir, "serve");
			expect(await other.nextLine()).toMatchObject({ open: { joined: false } });
			await other.kill();
		}
		const next = await open(dataDir);
		expect(await query(next.owner, "select answer from survived")).toEqual([
			[42],
		]);
		await next.stop();
	});

	test("a stale postmaster.pid does no harm, not even when another process has that pid today", async () => {
		const other = separately(dataDir, "serve");
		await other.nextLine();
		const pid = await postmasterPid(dataDir);
		process.kill(pid, "SIGKILL");
		await other.kill();
		const stale = await readFile(
			join(dataDir, "postgres/postmaster.pid"),
			"utf8",
		);
		expect(stale).toMatch(new RegExp(`^${pid}\n`));
		const next = await open(dataDir);
		await next.stop();

		const reused = stale.replace(/^\d+/, String(process.ppid));
		await writeFile(join(dataDir, "postgres/postmaster.pid"), reused);
		const again = await open(dataDir);
		expect(await query(again.owner, "select answer from survived")).toEqual([
			[42],
		]);
		await again.stop();
	});

	test("a crash while the database is being made leaves nothing half-made", async () => {
		const fresh = newFolder();
		const other = separately(fresh, "serve");
		const drafts = async () =>
			(await readdir(fresh).catch(() => [])).filter((name) =>
				name.startsWith("postgres.init-"),
			);
		await expect.poll(drafts, soon).toHaveLength(1);
		await other.kill();
		expect(await readdir(fresh)).not.toContain("postgres");
		expect(await drafts()).toHaveLength(1);
		const next = await open(fresh);
		expect(await drafts()).toEqual([]);
		expect(await query(next.app, "select 1")).toEqual([[1]]);
		await next.stop();
	});
});

describe("commands without a server", () => {
	const dataDir = shared;

	test("the first starts PostgreSQL, the second joins it, and it stays until both are done", async () => {
		const first = separately(dataDir, "command");
		const second = separately(dataDir, "command");
		const answers = await Promise.all([first.nextLine(), second.nextLine()]);
		expect(answers.map((answer) => answer)).toEqual(
			expect.arrayContaining([
				{ open: expect.objectContaining({ joined: false }) },
				{ open: expect.objectContaining({ joined: true }) },
			]),
		);
		const starterFirst = JSON.stringify(answers[0]).includes('"joined":false');
		const [starter, joiner] = starterFirst ? [first, second] : [second, first];
		const pid = await postmasterPid(dataDir);
		const starterGone = starter.stop();
		expect(await starter.nextLine()).toEqual({ stopping: true });
		expect(isAlive(pid)).toBe(true);
		await joiner.stop();
		await starterGone;
		expect(isAlive(pid)).toBe(false);
	});

	test("a server waits for a command to finish", async () => {
		const command = separately(dataDir, "command");
		await command.nextLine();
		const opening = open(dataDir);
		await command.stop();
		const db = await opening;
		expect(db.joined).toBe(false);
		await db.stop();
	});
});

test("a path too long for a unix socket gets a private socket folder, removed at the stop", async () => {
	const dataDir = join(home, "x".repeat(200), "data");
	const db = await open(dataDir);
	expect(await query(db.app, "select 1")).toEqual([[1]]);
	expect((await stat(db.app.host)).mode & 0o777).toBe(0o700);
	await db.stop();
	await expect(stat(db.app.host)).rejects.toMatchObject({ code: "ENOENT" });

	// A killed process leaves its socket folder; the next start removes it.
	const other = separately(dataDir, "serve");
	await other.nextLine();
	const left = await readlink(join(dataDir, "socket"));
	await other.kill();
	const next = await open(dataDir);
	await expect(stat(left)).rejects.toMatchObject({ code: "ENOENT" });
	await next.stop();
	expect(await readdir(dataDir)).toEqual([
		"postgres",
		"postgres.json",
		"postgres.log",
	]);
});

describe("a data folder that cannot be used is refused in one line", () => {
	async function refusal(dataDir: string): Promise<string> {
		const error = await open(dataDir).then(
			() => undefined,
			(reason: unknown) => reason,
		);
		expect(error).toMatchObject({ name: "StartFailure" });
		const { message } = error as Error;
		expect(message).not.toContain("\n");
		return message;
	}

	test("a file in its place", async () => {
		const file = join(home, "a-file");
		await writeFile(file, "");
		expect(await refusal(file)).toMatch(/a-file is a file.* POSTERN_DATA_DIR/);
		expect(await refusal(join(file, "data"))).toMatch(
			/is a file, or lies below one/,
		);
	});

	test.runIf(process.platform === "linux")(
		"a place where no folder can be made",
		async () => {
			expect(await refusal("/proc/postern/data")).toMatch(
				/\/proc\/postern\/data cannot be .* POSTERN_DATA_DIR/,
			);
		},
	);

	test("a database of another major version", async () => {
		const dataDir = newFolder();
		mkdirSync(join(dataDir, "postgres"), { recursive: true });
		await writeFile(join(dataDir, "postgres/PG_VERSION"), "17\n");
		expect(await refusal(dataDir)).toMatch(
			/made by PostgreSQL 17, this Postern brings PostgreSQL 18/,
		);
	});

	test("something that is not a database where the database should be", async () => {
		const dataDir = newFolder();
		mkdirSync(join(dataDir, "postgres"), { recursive: true });
		expect(await refusal(dataDir)).toMatch(/is not a PostgreSQL database/);
	});

	test("a setting that PostgreSQL does not know", async () => {
		const opening = openEmbeddedPostgres({
			dataDir: shared,
			say: () => {},
			settings: { fsync: "off", no_such_setting: "1" },
		});
		await expect(opening).rejects.toMatchObject({
			message: expect.stringMatching(
				/^PostgreSQL did not start: unrecognized configuration parameter/,
			),
			detail: expect.stringContaining("FATAL"),
		});
	});

	test.skipIf(process.getuid?.() === 0)(
		"a folder without write access",
		async () => {
			const dataDir = newFolder();
			mkdirSync(dataDir, { mode: 0o500 });
			expect(await refusal(dataDir)).toMatch(
				/cannot be used by user .* \(EACCES\)/,
			);
		},
	);
});
