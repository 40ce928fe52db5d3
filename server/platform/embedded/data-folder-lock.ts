/** Who owns a data folder, or changes one thing in it: exactly one process at a time. */
import { stat } from "node:fs/promises";
import {
	createConnection,
	createServer,
	type Server,
	type Socket,
} from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { errorCode, StartFailure } from "../start-failure.ts";
import {
	type DataFolderLock,
	type HeldElsewhere,
	type LockPurpose,
	type LockSubject,
	parseHolder,
} from "./lock-holder.ts";
import { lockWithPidFile } from "./pid-file-lock.ts";
import { settlesWithin } from "./settles-within.ts";

/**
 * Takes a data folder, or the one subject in it, if nobody has it; otherwise says who has. Never waits for the holder to
 * leave.
 *
 * On Linux the lock is an abstract unix socket named after the folder's device and inode: taking it is atomic, the kernel
 * gives it back at our death, and a folder has one lock by whatever path. The holder answers every connection with one
 * line of JSON, `{pid, purpose, url?}`, and keeps it open as long as it holds the lock. It does not reach into another
 * network namespace (container); PostgreSQL's start takes an flock for that. Elsewhere the lock is a file.
 *
 * Errors: the folder is not there.
 */
export async function lockDataFolder(
	dataDir: string,
	purpose: LockPurpose,
	subject: LockSubject = "data",
): Promise<DataFolderLock | HeldElsewhere> {
	if (process.platform !== "linux")
		return lockWithPidFile(dataDir, purpose, subject);
	const { dev, ino } = await stat(dataDir, { bigint: true });
	const name = `\0postern-${subject}-${dev}-${ino}`;
	for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
		const lock = await listenOn(name, purpose);
		if (lock !== undefined) return lock;
		const other = await askHolder(name);
		if (other !== undefined) return other;
		// The holder went away between the two.
		await delay(10);
	}
	throw new StartFailure(
		`Whether another Postern runs on the data folder ${dataDir} cannot be told. Try again.`,
	);
}

const attemptsMax = 50;
const answerTimeoutMs = 2_000;

async function listenOn(
	name: string,
	purpose: LockPurpose,
): Promise<DataFolderLock | undefined> {
	const waiting = new Set<Socket>();
	let url: string | undefined;
	const server = createServer((socket) => {
		waiting.add(socket);
		socket.unref();
		socket.on("error", () => socket.destroy());
		socket.on("close", () => waiting.delete(socket));
		socket.write(`${JSON.stringify({ pid: process.pid, purpose, url })}\n`);
	});
	if (!(await listens(server, name))) return undefined;
	// The lock alone is no reason to stay alive.
	server.unref();
	const release = once(async () => {
		const closed = new Promise<void>((resolve) =>
			server.close(() => resolve()),
		);
		for (const socket of waiting) socket.destroy();
		await closed;
	});
	return {
		held: true,
		announce: (where) => {
			url = where;
		},
		release,
	};
}

function once(action: () => Promise<void>): () => Promise<void> {
	let running: Promise<void> | undefined;
	return () => {
		running ??= action();
		return running;
	};
}

function listens(server: Server, name: string): Promise<boolean> {
	return new Promise((resolve, reject) => {
		server.once("error", (error) => {
			if (errorCode(error) === "EADDRINUSE") resolve(false);
			else reject(error);
		});
		server.listen({ path: name, exclusive: true }, () => resolve(true));
	});
}

/** Asks the holder who it is; undefined when there is none any more. */
function askHolder(name: string): Promise<HeldElsewhere | undefined> {
	return new Promise((resolve) => {
		const socket = createConnection(name);
		let text = "";
		const answer = () => {
			clearTimeout(timer);
			resolve({ held: false, holder: parseHolder(text), ...watch(socket) });
		};
		const timer = setTimeout(() => {
			// Connected or not: somebody has the name and does not answer.
			answer();
		}, answerTimeoutMs);
		socket.setEncoding("utf8");
		socket.on("error", () => socket.destroy());
		socket.on("close", () => {
			clearTimeout(timer);
			resolve(undefined);
		});
		socket.on("data", (chunk) => {
			text += chunk;
			if (text.includes("\n")) answer();
			else if (text.length > 4096) socket.destroy();
		});
	});
}

function watch(socket: Socket): Pick<HeldElsewhere, "released" | "leave"> {
	const closed = new Promise<void>((resolve) => {
		if (socket.destroyed) resolve();
		socket.once("close", () => resolve());
	});
	return {
		released: (timeoutMs) => settlesWithin(closed, timeoutMs),
		leave: () => {
			socket.destroy();
		},
	};
}
