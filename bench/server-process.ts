/** The server that is measured, started as `npm start` does it, with only the rate limits out of the way. */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";

export const root = new URL("..", import.meta.url).pathname;

export interface ServerProcess {
	readonly port: number;
	readonly pid: number;
	/** When the process was started, as `performance.now()` says it. */
	readonly startedAt: number;
	/** Ends it as Ctrl-C does, and waits. */
	stop(): Promise<void>;
}

export interface ServerOptions {
	readonly urls: { readonly app: string; readonly owner: string };
	/** Its log goes there. */
	readonly logPath: string;
	/** Arguments for Node. */
	readonly nodeArgs?: readonly string[];
	/** Its data folder; none of its own when absent. */
	readonly dataDir?: string;
	/** Any that is free when absent. */
	readonly port?: number;
}

/** What is configured beside the defaults. */
export const settings = {
	POSTERN_RATE_KEY_PER_MINUTE: "1000000",
	POSTERN_RATE_CLIENT_PER_MINUTE: "1000000",
	POSTERN_RATE_AGENT_PER_MINUTE: "1000000",
	POSTERN_PORT25_PER_HOUR: "1000000",
	POSTERN_RATE_TICKETS_PER_MINUTE: "1000000",
	POSTERN_RATE_REPLIES_PER_MINUTE: "1000000",
};

const startMsMax = 30_000;

/** Resolves when it listens. */
export async function startServer({
	urls,
	logPath,
	nodeArgs = [],
	dataDir,
	port: wishedPort = 0,
}: ServerOptions): Promise<ServerProcess> {
	const log = openSync(logPath, "w");
	const startedAt = performance.now();
	const child = spawn(
		process.execPath,
		[...nodeArgs, "--max-semi-space-size=16", "bin/postern.js", "serve"],
		{
			cwd: root,
			stdio: ["ignore", log, log],
			env: {
				PATH: process.env["PATH"],
				HOME: process.env["HOME"],
				...settings,
				...(dataDir !== undefined && { POSTERN_DATA_DIR: dataDir }),
				PORT: String(wishedPort),
				DATABASE_URL: urls.app,
				DATABASE_OWNER_URL: urls.owner,
			},
		},
	);
	closeSync(log);
	const ended = new Promise<void>((resolve) => child.once("exit", resolve));
	const stop = async () => {
		if (child.exitCode === null) child.kill("SIGINT");
		await ended;
	};
	try {
		const port = await portWhenListening(child, logPath);
		return { port, pid: child.pid ?? 0, startedAt, stop };
	} catch (error) {
		await stop();
		throw error;
	}
}

/** The server says in its log where it listens. */
async function portWhenListening(
	child: ChildProcess,
	logPath: string,
): Promise<number> {
	const deadline = performance.now() + startMsMax;
	while (child.exitCode === null && performance.now() < deadline) {
		const log = readFileSync(logPath, "utf8");
		const port = /"url":"http:\/\/127\.0\.0\.1:(\d+)"/.exec(log)?.[1];
		if (port !== undefined) return Number(port);
		await delay(20);
	}
	throw new Error(
		`the server did not start:\n${readFileSync(logPath, "utf8").slice(-2000)}`,
	);
}
