import { mkdirSync } from "node:fs";
import { readdir, readFile, readlink, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
	afterAll,
	beforeAll,
	describe,
	expect,
	onTestFinished,
	test,
} from "vitest";
import {
	type EmbeddedPostgres,
	openEmbeddedPostgres,
} from "./embedded-postgres.ts";
import { openSeparately } from "./separate-process.ts";
import {
	createTrialHome,
	openTrial,
	postmasterPid,
	query,
} from "./trial-postgres.ts";

const home = createTrialHome();
beforeAll(home.create);
afterAll(home.remove);

describe("a running embedded PostgreSQL", () => {
	const dataDir = home.newFolder();
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
		const joined = await openTrial(dataDir, "command");
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
		const other = openSeparately(dataDir, "serve");
		onTestFinished(() => other.kill());
		expect(await other.nextLine()).toEqual({
			failed: message,
			name: "StartFailure",
		});
	});
});

describe("a data folder that cannot be used is refused in one line", () => {
	async function refusal(dataDir: string): Promise<string> {
		const error = await openTrial(dataDir).then(
			() => undefined,
			(reason: unknown) => reason,
		);
		expect(error).toMatchObject({ name: "StartFailure" });
		const { message } = error as Error;
		expect(message).not.toContain("\n");
		return message;
	}

	test("a file in its place", async () => {
		const file = join(home.path, "a-file");
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
		const dataDir = home.newFolder();
		mkdirSync(join(dataDir, "postgres"), { recursive: true });
		await writeFile(join(dataDir, "postgres/PG_VERSION"), "17\n");
		expect(await refusal(dataDir)).toMatch(
			/made by PostgreSQL 17, this Postern brings PostgreSQL 18/,
		);
	});

	test("something that is not a database where the database should be", async () => {
		const dataDir = home.newFolder();
		mkdirSync(join(dataDir, "postgres"), { recursive: true });
		expect(await refusal(dataDir)).toMatch(/is not a PostgreSQL database/);
	});

	test("a setting that PostgreSQL does not know", async () => {
		const opening = openEmbeddedPostgres({
			dataDir: home.newFolder(),
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
			const dataDir = home.newFolder();
			mkdirSync(dataDir, { mode: 0o500 });
			expect(await refusal(dataDir)).toMatch(
				/cannot be used by user .* \(EACCES\)/,
			);
		},
	);
});
