/** One running PostgreSQL server as a child of this process. */
import { type ChildProcess, spawn } from "node:child_process";
import { Socket } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { StartFailure } from "../start-failure.ts";
import {
	type Command,
	childEnvironment,
	lockConflictExitCode,
} from "./command.ts";
import { openPostgresLog, type PostgresLog } from "./postgres-log.ts";
import { readPostmasterFile } from "./postmaster-file.ts";
import { settlesWithin } from "./settles-within.ts";

export interface PostgresProcess {
	/** Settles when the server is gone, asked or not. */
	readonly ended: Promise<void>;
	/**
	 * Ends the server and waits until it is gone. `fast` disconnects its clients; `when-idle` first waits for them to leave
	 * (at most a minute) and lets no new ones in. What does not end within 5 s is stopped harder: nothing acknowledged is
	 * lost by that, the next start recovers. Legal any number of times.
	 */
	stop(how: "fast" | "when-idle"): Promise<void>;
}

export interface Launch {
	readonly command: Command;
	readonly dataDir: string;
	readonly pgdata: string;
	/** A pid that `postmaster.pid` names but that is not PostgreSQL's any more. */
	readonly reusedPid: number | undefined;
	readonly say: (line: string) => void;
}

const readyTimeoutMs = 120_000;
const patienceMs = 3_000;
const idleTimeoutMs = 60_000;
const stopTimeoutMs = 5_000;

/** Starts a server and returns when it accepts connections. StartFailure: it did not start; its last log lines are the detail. */
export async function startPostgres(launch: Launch): Promise<PostgresProcess> {
	const log = await openPostgresLog(launch.dataDir);
	let child: ChildProcess;
	try {
		child = spawnServer(launch, log);
	} finally {
		await log.close();
	}
	const ended = new Promise<void>((resolve) => {
		child.once("exit", () => {
			releaseLifeline(child);
			resolve();
		});
		// Not spawned at all: there is no exit event then.
		child.once("error", () => resolve());
	});
	const server: PostgresProcess = {
		ended,
		stop: (how) => stopServer(child, ended, how),
	};
	try {
		await waitUntilReady(launch, child, log);
	} catch (error) {
		await server.stop("fast");
		throw error;
	}
	// The server must not keep a process alive that has nothing else to do.
	child.unref();
	loosenLifeline(child);
	return server;
}

function spawnServer(launch: Launch, log: PostgresLog): ChildProcess {
	const { command, reusedPid } = launch;
	return spawn(command.file, command.args, {
		cwd: "/",
		// Own session: Ctrl-C in the terminal reaches us alone, and we stop the server after our work is done.
		detached: true,
		stdio: [
			...(["ignore", log.fd, log.fd] as const),
			...(command.lifeline ? (["pipe"] as const) : []),
		],
		env: {
			...childEnvironment,
			...(reusedPid === undefined
				? {}
				: { PG_GRANDPARENT_PID: String(reusedPid) }),
		},
		...(command.uid === undefined ? {} : { uid: command.uid }),
		...(command.gid === undefined ? {} : { gid: command.gid }),
	});
}

function isGone(child: ChildProcess): boolean {
	return (
		child.pid === undefined ||
		child.exitCode !== null ||
		child.signalCode !== null
	);
}

async function waitUntilReady(
	launch: Launch,
	child: ChildProcess,
	log: PostgresLog,
): Promise<void> {
	const begun = Date.now();
	let said = false;
	while (!isGone(child)) {
		const file = await readPostmasterFile(launch.pgdata);
		if (file?.ready && file.pid === child.pid) return;
		const waitedMs = Date.now() - begun;
		if (waitedMs > readyTimeoutMs) break;
		if (waitedMs > patienceMs && !said) {
			said = true;
			launch.say("PostgreSQL is still starting (it may be recovering) …");
		}
		await delay(3);
	}
	const lines = await log.tail();
	throw new StartFailure(explain(child, lines), { detail: lines });
}

function explain(child: ChildProcess, lines: string): string {
	if (child.exitCode === lockConflictExitCode)
		return "Another PostgreSQL is running on this data folder, perhaps in another container. Stop it first, or choose another POSTERN_DATA_DIR.";
	const reason = /^.*(?:FATAL|PANIC): +(.*)$/m.exec(lines)?.[1];
	if (reason !== undefined) return `PostgreSQL did not start: ${reason}.`;
	return isGone(child)
		? `PostgreSQL did not start (${child.signalCode ?? `exit code ${child.exitCode}`}); its log is postgres.log in the data folder.`
		: "PostgreSQL did not become ready in two minutes; its log is postgres.log in the data folder.";
}

async function stopServer(
	child: ChildProcess,
	ended: Promise<void>,
	how: "fast" | "when-idle",
): Promise<void> {
	if (isGone(child)) return ended;
	child.ref();
	const steps = [
		...(how === "when-idle"
			? [{ signal: "SIGTERM", waitMs: idleTimeoutMs } as const]
			: []),
		{ signal: "SIGINT", waitMs: stopTimeoutMs } as const,
		{ signal: "SIGQUIT", waitMs: stopTimeoutMs } as const,
		{ signal: "SIGKILL", waitMs: stopTimeoutMs } as const,
	];
	for (const { signal, waitMs } of steps) {
		child.kill(signal);
		if (await settlesWithin(ended, waitMs)) return;
	}
}

/** The pipe must not keep us alive either, and the shell at its other end may be gone first. */
function loosenLifeline(child: ChildProcess): void {
	const pipe = child.stdio[3];
	pipe?.on("error", () => {});
	if (pipe instanceof Socket) pipe.unref();
}

/** Tells the waiting shell that its PostgreSQL has ended, so that it does not signal whoever gets that pid later. */
function releaseLifeline(child: ChildProcess): void {
	const pipe = child.stdio[3];
	if (pipe instanceof Socket) pipe.end("ended\n");
}
