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
import { isAlive } from "./postmaster-file.ts";
import { openSeparately, type SeparateProcess } from "./separate-process.ts";
import {
	createTrialHome,
	isGone,
	openTrial,
	postmasterPid,
	query,
} from "./trial-postgres.ts";

const home = createTrialHome();
beforeAll(home.create);
afterAll(home.remove);

function separately(
	dataDir: string,
	purpose: "serve" | "command",
): SeparateProcess {
	const other = openSeparately(dataDir, purpose);
	onTestFinished(() => other.kill());
	return other;
}

const soon = { timeout: 60_000, interval: 10 };

// Making a database takes most of the time here, so the tests that only need one that is not running share it.
const shared = home.newFolder();

test("keeps its data from one start to the next, and stops twice", async () => {
	const dataDir = shared;
	const first = await openTrial(dataDir);
	await query(first.owner, "create table kept as select 42 as answer");
	const pid = await postmasterPid(dataDir);
	await Promise.all([first.stop(), first.stop()]);
	await first.ended;
	expect(isAlive(pid)).toBe(false);
	const second = await openTrial(dataDir);
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
		const joined = await openTrial(dataDir, "command");
		await query(joined.owner, "create table survived as select 42 as answer");
		await other.kill();
		await joined.ended;
		await expect.poll(() => isGone(pid), soon).toBe(true);
		const next = await openTrial(dataDir);
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
		const next = await openTrial(dataDir);
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
		const next = await openTrial(dataDir);
		await next.stop();

		const reused = stale.replace(/^\d+/, String(process.ppid));
		await writeFile(join(dataDir, "postgres/postmaster.pid"), reused);
		const again = await openTrial(dataDir);
		expect(await query(again.owner, "select answer from survived")).toEqual([
			[42],
		]);
		await again.stop();
	});

	test("a crash while the database is being made leaves nothing half-made", async () => {
		const fresh = home.newFolder();
		const other = separately(fresh, "serve");
		const drafts = async () =>
			(await readdir(fresh).catch(() => [])).filter((name) =>
				name.startsWith("postgres.init-"),
			);
		await expect.poll(drafts, soon).toHaveLength(1);
		await other.kill();
		expect(await readdir(fresh)).not.toContain("postgres");
		expect(await drafts()).toHaveLength(1);
		const next = await openTrial(fresh);
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
		const opening = openTrial(dataDir);
		await command.stop();
		const db = await opening;
		expect(db.joined).toBe(false);
		await db.stop();
	});
});

test("a path too long for a unix socket gets a private socket folder, removed at the stop", async () => {
	const dataDir = join(home.path, "x".repeat(200), "data");
	const db = await openTrial(dataDir);
	expect(await query(db.app, "select 1")).toEqual([[1]]);
	expect((await stat(db.app.host)).mode & 0o777).toBe(0o700);
	await db.stop();
	await expect(stat(db.app.host)).rejects.toMatchObject({ code: "ENOENT" });

	// A killed process leaves its socket folder; the next start removes it.
	const other = separately(dataDir, "serve");
	await other.nextLine();
	const left = await readlink(join(dataDir, "socket"));
	await other.kill();
	const next = await openTrial(dataDir);
	await expect(stat(left)).rejects.toMatchObject({ code: "ENOENT" });
	await next.stop();
	expect(await readdir(dataDir)).toEqual([
		"postgres",
		"postgres.json",
		"postgres.log",
	]);
});
