/**
 * Real processes for a test file: `postern …` with a data folder of their own and a free port, watched by what
 * they write. When the file is done, however it ended, they are gone, and their PostgreSQL and their files with them.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, mkdtempSync, realpathSync } from "node:fs";
import { readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, vi } from "vitest";
import type { DemoFile } from "../../server/demo/demo-file.ts";
import {
	isAlive,
	readPostmasterFile,
} from "../../server/platform/embedded/postmaster-file.ts";

export const root = fileURLToPath(new URL("../..", import.meta.url));
const program = join(root, "bin/postern.js");

export interface Ended {
	readonly code: number | null;
	readonly signal: NodeJS.Signals | null;
	readonly stdout: string;
	readonly stderr: string;
}

export interface Running {
	readonly pid: number;
	/** When it was started, as `performance.now()` tells. */
	readonly startedAt: number;
	/** All it has written so far, on both channels. */
	written(): string;
	/** Waits until it has written something; rejects when it ends without. */
	says(pattern: RegExp): Promise<RegExpExecArray>;
	send(signal: NodeJS.Signals): void;
	/** Never rejects. */
	readonly ended: Promise<Ended>;
}

export interface Server extends Running {
	readonly url: string;
	readonly dataDir: string;
	/** Ends it in order. */
	stop(): Promise<Ended>;
	/** Kills it outright and waits until its PostgreSQL has gone, too. */
	kill(): Promise<void>;
}

export type Environment = Readonly<Record<string, string | undefined>>;

export interface Processes {
	/** A temporary folder of this file, in which every process runs. */
	readonly folder: string;
	/** A data folder that is not there yet, with a path that a shell would trip over. */
	newDataDir(): string;
	/** Starts `postern …`. */
	start(words: readonly string[], env: Environment): Running;
	/** Starts any other program. Its standard input is a pipe; `lastSignal` (SIGKILL when absent) ends it with the file. */
	startProgram(
		words: readonly string[],
		env: Environment,
		lastSignal?: NodeJS.Signals,
	): ProgramRunning;
	/** Starts `postern …` and waits for its end. */
	run(words: readonly string[], env: Environment): Promise<Ended>;
	/** Starts `postern serve …` and waits until it answers. */
	serve(env: Environment, flags?: readonly string[]): Promise<Server>;
	/** Called when the file is done. What was started or given last ends first. */
	atEnd(end: () => Promise<void>): void;
}

export interface ProgramRunning extends Running {
	type(text: string): void;
}

// The kernel ends a process when the one that started it dies: a test run that is killed leaves none behind either.
const guard = existsSync("/usr/bin/setpriv")
	? ["/usr/bin/setpriv", "--pdeathsig", "KILL", "--"]
	: [];

/** What every process is given; nothing else of the environment of the tests gets in. */
const plainEnvironment = {
	PATH: `${dirname(process.execPath)}:/usr/local/bin:/usr/bin:/bin`,
	HOME: "/nonexistent",
	PORT: "0",
};

/** For a whole test file. */
export function useProcesses(): Processes {
	const folder = realpathSync(mkdtempSync(join(tmpdir(), "postern-e2e-")));
	const dataDirs = new Set<string>();
	const ends: (() => Promise<void>)[] = [];
	let folders = 0;

	afterAll(async () => {
		const failures: unknown[] = [];
		const last = [...dataDirs].map((dataDir) => () => endPostgres(dataDir));
		for (const end of [...ends.reverse(), ...last])
			await end().catch((error: unknown) => failures.push(error));
		await rm(folder, { recursive: true, force: true, maxRetries: 20 });
		if (failures.length > 0)
			throw new AggregateError(failures, "not everything could be ended");
	});

	function startProgram(
		words: readonly string[],
		env: Environment,
		lastSignal: NodeJS.Signals = "SIGKILL",
	): ProgramRunning {
		const running = watch([...guard, ...words], {
			cwd: folder,
			env: { ...plainEnvironment, ...env },
		});
		dataDirs.add(dataDirOf(env));
		ends.push(async () => {
			running.send(lastSignal);
			await running.ended;
		});
		return running;
	}

	const start = (words: readonly string[], env: Environment) =>
		startProgram([process.execPath, program, ...words], env);
	const dataDirOf = (env: Environment) =>
		resolve(folder, env["POSTERN_DATA_DIR"] ?? "data");

	return {
		folder,
		newDataDir() {
			folders += 1;
			return join(folder, `${folders}. "Fred's" data`);
		},
		start,
		startProgram,
		run: (words, env) => start(words, env).ended,
		async serve(env, flags = []) {
			const running = start(["serve", ...flags], env);
			const [, url = ""] = await running.says(/Postern answers at (\S+)\n/);
			const dataDir = dataDirOf(env);
			return {
				...running,
				url,
				dataDir,
				async stop() {
					running.send("SIGTERM");
					return running.ended;
				},
				async kill() {
					const file = await readPostmasterFile(join(dataDir, "postgres"));
					running.send("SIGKILL");
					await running.ended;
					if (file !== undefined) await goneWithin(file.pid, 10_000);
				},
			};
		},
		atEnd(end) {
			ends.push(end);
		},
	};
}

function watch(
	words: readonly string[],
	where: { readonly cwd: string; readonly env: Environment },
): ProgramRunning {
	const startedAt = performance.now();
	const [file = "", ...args] = words;
	const child = spawn(file, args, {
		...where,
		stdio: ["pipe", "pipe", "pipe"],
	});
	const texts = { stdout: "", stderr: "" };
	const listeners = new Set<() => void>();
	const ended = new Promise<Ended>((resolve) => {
		const end = (code: number | null, signal: NodeJS.Signals | null) => {
			resolve({ code, signal, ...texts });
			for (const listener of listeners) listener();
		};
		child.once("close", end);
		child.once("error", (error) => {
			texts.stderr += error.message;
			end(null, null);
		});
	});
	for (const channel of ["stdout", "stderr"] as const)
		child[channel].setEncoding("utf8").on("data", (text: string) => {
			texts[channel] += text;
			for (const listener of listeners) listener();
		});
	child.stdin.on("error", () => {});
	const written = () => `${texts.stderr}\n${texts.stdout}`;
	return {
		pid: child.pid ?? 0,
		startedAt,
		written,
		ended,
		says: (pattern) =>
			new Promise((resolve, reject) => {
				const look = () => {
					const found = pattern.exec(written());
					if (found === null && !isOver(child)) return;
					listeners.delete(look);
					if (found !== null) resolve(found);
					else reject(new Error(`ended without ${pattern}:\n${written()}`));
				};
				listeners.add(look);
				look();
			}),
		send(signal) {
			if (!isOver(child)) child.kill(signal);
		},
		type: (text) => child.stdin.write(text),
	};
}

function isOver({ exitCode, signalCode, pid }: ChildProcess): boolean {
	return pid === undefined || exitCode !== null || signalCode !== null;
}

/** What the demo's file in a data folder says. */
export async function readDemo(dataDir: string): Promise<DemoFile> {
	return JSON.parse(await readFile(join(dataDir, "demo.json"), "utf8"));
}

/** Gone, or dead and not yet collected by whoever inherited it. */
export async function isGone(pid: number): Promise<boolean> {
	if (!isAlive(pid)) return true;
	if (process.platform !== "linux") return false;
	const status = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => ") Z");
	return status.slice(status.lastIndexOf(")")).startsWith(") Z");
}

/** Looks until the process has gone; fails when it has not in this time. Returns how long it took, in milliseconds. */
export async function goneWithin(
	pid: number,
	timeoutMs: number,
): Promise<number> {
	const began = performance.now();
	await vi.waitUntil(() => isGone(pid), { timeout: timeoutMs, interval: 5 });
	return performance.now() - began;
}

/** The pid of the PostgreSQL that runs on a data folder. */
export async function postgresPid(dataDir: string): Promise<number> {
	const file = await readPostmasterFile(join(dataDir, "postgres"));
	if (file === undefined) throw new Error("no PostgreSQL is running there");
	return file.pid;
}

/** For the end: whatever a failed test left running on this data folder. */
async function endPostgres(dataDir: string): Promise<void> {
	const file = await readPostmasterFile(join(dataDir, "postgres")).catch(
		() => undefined,
	);
	if (file === undefined || (await isGone(file.pid))) return;
	const words = await readFile(`/proc/${file.pid}/cmdline`, "utf8").catch(
		() => "",
	);
	if (words !== "" && !words.includes(dataDir)) return;
	await goneWithin(file.pid, 5_000).catch(() =>
		process.kill(file.pid, "SIGKILL"),
	);
}
