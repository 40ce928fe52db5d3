/** `postmaster.pid`, by which a running PostgreSQL says that it has a data folder and where its socket is. */
import { readFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { errorCode, StartFailure } from "../start-failure.ts";
import { run } from "./command.ts";

export interface PostmasterFile {
	readonly pid: number;
	readonly socketFolder: string;
	/** Whether connections are accepted. */
	readonly ready: boolean;
}

/** The file's content, or undefined when there is none or it is still being written. */
export async function readPostmasterFile(
	pgdata: string,
): Promise<PostmasterFile | undefined> {
	let text: string;
	try {
		text = await readFile(join(pgdata, "postmaster.pid"), "utf8");
	} catch (error) {
		if (errorCode(error) === "ENOENT") return undefined;
		throw error;
	}
	// Lines: pid, data folder, start time, port, socket folder, listen address, shared memory, status.
	const lines = text.split("\n");
	const pid = Number(lines[0]);
	if (!Number.isSafeInteger(pid) || pid <= 0) return undefined;
	return {
		pid,
		socketFolder: lines[4] ?? "",
		ready: lines[7]?.trim() === "ready",
	};
}

/**
 * Waits until the PostgreSQL of an earlier start has ended; the caller owns the data folder. Normally it is ending already,
 * because its starter died; an orphan that is not is asked to.
 *
 * Answers the pid in a stale file when some other process has that number today, else undefined: PostgreSQL would take
 * that process for itself and must be told (`PG_GRANDPARENT_PID`). Any other stale file PostgreSQL sees through alone.
 * StartFailure: it does not end, or its starter lives (in another network namespace, where our lock does not reach).
 */
export async function settlePrevious(
	pgdata: string,
): Promise<number | undefined> {
	const found = await readPostmasterFile(pgdata);
	if (found === undefined) return undefined;
	const reused = () => (isAlive(found.pid) ? found.pid : undefined);
	for (const signal of [undefined, "SIGINT", "SIGQUIT"] as const) {
		if (signal !== undefined) {
			await refuseIfStarted(found.pid);
			send(found.pid, signal);
		}
		const deadline = Date.now() + (signal === undefined ? 1_000 : 5_000);
		while (Date.now() < deadline) {
			// Not isAlive alone: where nobody reaps orphans, an ended PostgreSQL keeps its number for ever.
			if (!(await isPostmasterOf(found.pid, pgdata))) return reused();
			await delay(10);
		}
	}
	throw new StartFailure(
		`An earlier PostgreSQL (process ${found.pid}) still has ${pgdata} and does not end. End it first.`,
	);
}

/** Whether a process exists; one of another user does. */
export function isAlive(pid: number): boolean {
	try {
		process.kill(pid, 0);
		return true;
	} catch (error) {
		return errorCode(error) === "EPERM";
	}
}

function send(pid: number, signal: "SIGINT" | "SIGQUIT"): void {
	try {
		process.kill(pid, signal);
	} catch {
		// Gone in the meantime, or not ours: the wait that follows tells.
	}
}

async function refuseIfStarted(pid: number): Promise<void> {
	if (process.platform !== "linux") return;
	const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
	const parent = Number(/^PPid:\s*(\d+)$/m.exec(status)?.[1]);
	// An orphan's new parent is init or the like.
	if (!(parent > 1) || parent === process.pid) return;
	const [program = ""] = await readCommandLine(parent);
	if (basename(program).startsWith("node"))
		throw new StartFailure(
			`Postern is already running on this data folder (process ${parent}). Stop it first, or choose another POSTERN_DATA_DIR.`,
		);
}

async function isPostmasterOf(pid: number, pgdata: string): Promise<boolean> {
	const words = await readCommandLine(pid);
	const [program = ""] = words;
	return basename(program) === "postgres" && words.includes(pgdata);
}

async function readCommandLine(pid: number): Promise<readonly string[]> {
	if (process.platform === "linux") {
		try {
			return (await readFile(`/proc/${pid}/cmdline`, "utf8")).split("\0");
		} catch {
			return [];
		}
	}
	const { output } = await run(
		{
			file: "/bin/ps",
			args: ["-p", String(pid), "-o", "args="],
			lifeline: false,
		},
		5_000,
	);
	// ps joins the words with spaces; the data folder follows -D and may hold spaces itself.
	const [program = "", rest = ""] = output.split(" -D ", 2);
	return [program, rest.split(" -c ", 1)[0] ?? ""];
}
