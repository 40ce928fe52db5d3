/** For tests: a data folder opened by a process of its own, which can be told to stop or be killed. */
import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { LockPurpose } from "./lock-holder.ts";

export interface SeparateProcess {
	readonly child: ChildProcess;
	readonly pid: number;
	/** The next line it says: `{"open": …}` or `{"failed": …}`, in the order of events. */
	nextLine(): Promise<unknown>;
	/** Asks it to stop; settles when it is gone. */
	stop(): Promise<void>;
	/** Kills it outright; settles when it is gone. */
	kill(): Promise<void>;
}

const openerScript = `
	const [url, dataDir, purpose] = process.argv.slice(1);
	const { openEmbeddedPostgres } = await import(url);
	const say = (line) => process.stdout.write(JSON.stringify(line) + "\\n");
	try {
		const db = await openEmbeddedPostgres({ dataDir, purpose, say: () => {}, settings: { fsync: "off" } });
		say({ open: { joined: db.joined, pid: process.pid } });
		process.stdin.once("data", async () => {
			say({ stopping: true });
			await db.stop();
			process.exit();
		});
	} catch (error) {
		say({ failed: error.message, name: error.name });
	}
`;

const lockerScript = `
	const [url, dataDir, purpose] = process.argv.slice(1);
	const { lockDataFolder } = await import(url);
	const say = (line) => process.stdout.write(JSON.stringify(line) + "\\n");
	const lock = await lockDataFolder(dataDir, purpose);
	say(lock.held ? { open: true } : { failed: lock.holder });
	if (!lock.held) lock.leave();
	process.stdin.once("data", async () => {
		if (lock.held) await lock.release();
		process.exit();
	});
`;

/** Opens the PostgreSQL of a data folder in a process of its own. */
export function openSeparately(
	dataDir: string,
	purpose: LockPurpose,
): SeparateProcess {
	const url = new URL("embedded-postgres.ts", import.meta.url).href;
	return start(openerScript, [url, dataDir, purpose]);
}

/** Takes only the lock of a data folder in a process of its own. */
export function lockSeparately(
	dataDir: string,
	purpose: LockPurpose,
): SeparateProcess {
	const url = new URL("data-folder-lock.ts", import.meta.url).href;
	return start(lockerScript, [url, dataDir, purpose]);
}

function start(script: string, args: readonly string[]): SeparateProcess {
	const child = spawn(
		process.execPath,
		["--input-type=module", "--eval", script, ...args],
		{ stdio: ["pipe", "pipe", "inherit"] },
	);
	const gone = new Promise<void>((resolve) =>
		child.once("exit", () => resolve()),
	);
	const lines = createInterface({ input: child.stdout });
	const iterator = lines[Symbol.asyncIterator]();
	return {
		child,
		pid: child.pid ?? 0,
		nextLine: async () => {
			const { value, done } = await iterator.next();
			if (done === true) throw new Error("the process ended without a word");
			const parsed: unknown = JSON.parse(value);
			return parsed;
		},
		stop: () => {
			child.stdin.end("stop\n");
			return gone;
		},
		kill: () => {
			child.kill("SIGKILL");
			return gone;
		},
	};
}
