import { mkdirSync } from "node:fs";
import { readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
	afterAll,
	beforeAll,
	describe,
	expect,
	onTestFinished,
	test,
} from "vitest";
import { lockDataFolder } from "./data-folder-lock.ts";
import { parseHolder } from "./lock-holder.ts";
import { lockWithPidFile } from "./pid-file-lock.ts";
import { lockSeparately } from "./separate-process.ts";
import { createTrialHome } from "./trial-postgres.ts";

const home = createTrialHome();
beforeAll(home.create);
afterAll(home.remove);

function newFolder(): string {
	const path = home.newFolder();
	mkdirSync(path);
	return path;
}

function separately(dataDir: string) {
	const other = lockSeparately(dataDir, "serve");
	onTestFinished(() => other.kill());
	return other;
}

describe("the lock of a data folder", () => {
	test("goes to exactly one of several processes that want it at once", async () => {
		const dataDir = newFolder();
		const all = Array.from({ length: 4 }, () => separately(dataDir));
		const answers = await Promise.all(all.map((other) => other.nextLine()));
		const winners = all.filter(
			(_, index) => JSON.stringify(answers[index]) === '{"open":true}',
		);
		expect(winners).toHaveLength(1);
		const holder = { pid: winners[0]!.pid, purpose: "serve" };
		expect(
			answers.filter(
				(answer) =>
					JSON.stringify(answer) === JSON.stringify({ failed: holder }),
			),
		).toHaveLength(3);
	});

	test("is free again at the moment its holder is killed", async () => {
		const dataDir = newFolder();
		const other = separately(dataDir);
		await other.nextLine();
		const waiting = await lockDataFolder(dataDir, "serve");
		if (waiting.held) throw new Error("two hold the lock");
		expect(await waiting.released(0)).toBe(false);
		await other.kill();
		expect(await waiting.released(5_000)).toBe(true);
		const lock = await lockDataFolder(dataDir, "serve");
		if (!lock.held)
			throw new Error("nobody holds the lock, and it is not given");
		await lock.release();
		await lock.release();
	});

	test("is the folder's, by whatever path", async () => {
		const dataDir = newFolder();
		const alias = `${dataDir}-alias`;
		await symlink(dataDir, alias);
		const lock = await lockDataFolder(dataDir, "command");
		if (!lock.held) throw new Error("the lock is not given");
		lock.announce("http://127.0.0.1:3000");
		const other = await lockDataFolder(alias, "serve");
		expect(other).toMatchObject({
			held: false,
			holder: {
				pid: process.pid,
				purpose: "command",
				url: "http://127.0.0.1:3000",
			},
		});
		if (!other.held) other.leave();
		await lock.release();
	});

	test("takes nothing in a stranger's answer for granted", () => {
		const nobody = { pid: undefined, purpose: undefined, url: undefined };
		for (const line of [
			"",
			"x",
			"1",
			"null",
			"[]",
			'{"pid":"1","purpose":"x","url":1}',
			'{"pid":-1}',
			'{"pid":1.5}',
		])
			expect(parseHolder(line)).toEqual(nobody);
	});
});

describe("the lock by a file, for platforms without abstract sockets", () => {
	test("refuses a second holder, is waited for, and leaves nothing of its holder behind", async () => {
		const dataDir = newFolder();
		const lock = await lockWithPidFile(dataDir, "command");
		if (!lock.held) throw new Error("the lock is not given");
		const other = await lockWithPidFile(dataDir, "serve");
		if (other.held) throw new Error("two hold the lock");
		expect(other.holder).toMatchObject({
			pid: process.pid,
			purpose: "command",
		});
		expect(await other.released(0)).toBe(false);
		const released = other.released(5_000);
		await lock.release();
		expect(await released).toBe(true);
		expect(await readdir(dataDir)).toEqual(["postern.lock.1"]);
		expect(await readFile(join(dataDir, "postern.lock.1"), "utf8")).toBe("");
	});

	test("passes over the file of a dead process and of a pid that somebody else has today", async () => {
		const dataDir = newFolder();
		const began = "Thu Jan  1 00:00:00 1970";
		for (const stale of [
			`{"pid":4194304,"began":"${began}"}`,
			`{"pid":${process.pid},"began":"${began}"}`,
			"",
			"x",
		]) {
			const [last = "postern.lock.1"] = await readdir(dataDir);
			await writeFile(join(dataDir, last), stale);
			const lock = await lockWithPidFile(dataDir, "serve");
			if (!lock.held) throw new Error("a stale file holds the lock");
			await lock.release();
		}
		expect(await readdir(dataDir)).toEqual(["postern.lock.5"]);
	});

	test("goes to exactly one of many who meet a stale file at once", async () => {
		const dataDir = newFolder();
		await writeFile(
			join(dataDir, "postern.lock.7"),
			'{"pid":4194304,"began":""}',
		);
		const locks = await Promise.all(
			Array.from({ length: 8 }, () => lockWithPidFile(dataDir, "serve")),
		);
		expect(locks.filter((lock) => lock.held)).toHaveLength(1);
		for (const lock of locks) if (lock.held) await lock.release();
	});

	test("is never held twice, however takers and leavers meet", async () => {
		const dataDir = newFolder();
		let holders = 0;
		let held = 0;
		const takeAndLeave = async () => {
			for (let round = 0; round < 10; round += 1) {
				const lock = await lockWithPidFile(dataDir, "serve");
				if (!lock.held) continue;
				holders += 1;
				held += 1;
				expect(holders).toBe(1);
				await readdir(dataDir);
				holders -= 1;
				await lock.release();
			}
		};
		await Promise.all(Array.from({ length: 6 }, takeAndLeave));
		expect(held).toBeGreaterThan(0);
	});
});
