import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
	afterAll,
	beforeAll,
	describe,
	expect,
	onTestFinished,
	test,
} from "vitest";
import { openReplacement } from "./replace-cluster.ts";
import { settleReplacement, swapClusters } from "./replacement-journal.ts";
import { openSeparately } from "./separate-process.ts";
import { createTrialHome, openTrial, query } from "./trial-postgres.ts";

const home = createTrialHome();
beforeAll(home.create);
afterAll(home.remove);

const now = new Date("2026-11-20T10:00:00.123Z");
const keptName = "postgres.before-restore-20261120T100000123Z";

function openNew(dataDir: string) {
	const settings = { fsync: "off" };
	return openReplacement({ dataDir, settings, say: () => {} });
}

// Making a database takes most of the time here, so the tests share one.
const dataDir = home.newFolder();

describe("a new database in the place of a data folder's own", () => {
	beforeAll(async () => {
		const old = await openTrial(dataDir);
		await query(old.owner, "create table generation as select 'old' as name");
		await old.stop();
	});

	async function generation(): Promise<unknown> {
		const db = await openTrial(dataDir);
		try {
			return (await query(db.owner, "select name from generation"))[0];
		} finally {
			await db.stop();
		}
	}

	const ordinary = ["postgres", "postgres.json", "postgres.log"];

	test("is refused while a server or a command has the folder", async () => {
		for (const [purpose, line] of [
			["serve", /^Postern is running on this data folder \(process \d+\)/],
			["command", /^A postern command is still running on this data folder/],
		] as const) {
			const other = openSeparately(dataDir, purpose);
			onTestFinished(() => other.kill());
			await other.nextLine();
			await expect(openNew(dataDir)).rejects.toThrow(line);
			await other.stop();
		}
		expect(await readdir(dataDir)).toEqual(ordinary);
	});

	test.runIf(process.platform === "linux")(
		"is refused while a PostgreSQL that our lock does not reach runs on the files",
		async () => {
			const pgdata = join(dataDir, "postgres");
			const holder = spawn("flock", [pgdata, "sh", "-c", "echo held; cat"]);
			await once(holder.stdout, "data");
			await expect(openNew(dataDir)).rejects.toThrow(
				"perhaps in another container",
			);
			holder.stdin.end();
			await once(holder, "exit");
			expect(await readdir(dataDir)).toEqual(ordinary);
		},
	);

	test("leaves no trace when it is abandoned", async () => {
		const replacement = await openNew(dataDir);
		await query(replacement.database.owner, "create table x (y int)");
		await replacement.abandon();
		expect(await readdir(dataDir)).toEqual(ordinary);
		expect(await generation()).toEqual(["old"]);
	});

	test("takes the place with the same passwords, and the old one is kept", async () => {
		const passwords = await readFile(join(dataDir, "postgres.json"), "utf8");
		const replacement = await openNew(dataDir);
		await query(
			replacement.database.owner,
			"create table generation as select 'new' as name",
		);
		expect(await replacement.complete(now)).toBe(keptName);
		expect(await readdir(dataDir)).toEqual([
			"postgres",
			keptName,
			...ordinary.slice(1),
		]);
		expect(await readFile(join(dataDir, "postgres.json"), "utf8")).toBe(
			passwords,
		);
		expect(await generation()).toEqual(["new"]);
	});

	test("can be undone by hand: the old files are whole", async () => {
		await rename(join(dataDir, "postgres"), join(dataDir, "postgres.new"));
		await rename(join(dataDir, keptName), join(dataDir, "postgres"));
		expect(await generation()).toEqual(["old"]);
	});

	test("is also made where there was none before", async () => {
		const fresh = home.newFolder();
		const replacement = await openNew(fresh);
		expect(await replacement.complete(now)).toBeUndefined();
		const db = await openTrial(fresh);
		expect(await query(db.app, "select 1")).toEqual([[1]]);
		await db.stop();
	});
});

/** Folders that stand for database files: which they are is told by the one file in them. */
describe("a crash while the files are swapped", () => {
	async function arrange(
		there: Readonly<Record<string, string>>,
		journal = true,
	): Promise<string> {
		const folder = home.newFolder();
		await mkdir(folder);
		for (const [path, name] of Object.entries(there)) {
			await mkdir(join(folder, path), { recursive: true });
			await writeFile(join(folder, path, "which"), name);
		}
		if (journal)
			await writeFile(
				join(folder, "restore.json"),
				JSON.stringify({ previous: keptName }),
			);
		return folder;
	}

	async function which(folder: string): Promise<string> {
		return readFile(join(folder, "postgres", "which"), "utf8");
	}

	test.each([
		[
			"before the first rename",
			{ postgres: "old", "postgres.restoring/postgres": "new" },
			"old",
			["postgres"],
		],
		[
			"between the two",
			{ [keptName]: "old", "postgres.restoring/postgres": "new" },
			"old",
			["postgres"],
		],
		[
			"after the second",
			{ [keptName]: "old", postgres: "new" },
			"new",
			["postgres", keptName],
		],
	])("%s leaves one whole database in place", async (_, there, name, left) => {
		const folder = await arrange(there);
		await settleReplacement(folder);
		await settleReplacement(folder);
		expect(await which(folder)).toBe(name);
		expect(await readdir(folder)).toEqual(left);
	});

	test("without a journal nothing is put back: an operator may have moved the files", async () => {
		const folder = await arrange({ [keptName]: "old" }, false);
		await settleReplacement(folder);
		expect(await readdir(folder)).toEqual([keptName]);
	});

	test("a journal that is half written, or names something else, is not believed", async () => {
		for (const text of ["{", '{"previous":"../../etc"}', '{"previous":7}']) {
			const folder = await arrange({ postgres: "old" }, false);
			await writeFile(join(folder, "restore.json"), text);
			await settleReplacement(folder);
			expect(await which(folder)).toBe("old");
		}
	});

	test("a swap that fails half-way is taken back", async () => {
		const folder = await arrange({ postgres: "old" }, false);
		await expect(swapClusters(folder, now)).rejects.toMatchObject({
			code: "ENOENT",
		});
		expect(await which(folder)).toBe("old");
		expect(await readdir(folder)).toEqual(["postgres"]);
	});
});
