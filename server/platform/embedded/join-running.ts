/** Using the PostgreSQL that another process of ours has already started on a data folder. */
import { realpath } from "node:fs/promises";
import { Socket } from "node:net";
import { join } from "node:path";
import pg from "pg";
import { errorCode, StartFailure } from "../start-failure.ts";
import { clusterName } from "./cluster.ts";
import { readPasswords, type SocketTargets, targetsAt } from "./credentials.ts";
import { readPostmasterFile } from "./postmaster-file.ts";

export interface JoinedPostgres {
	readonly targets: SocketTargets;
	/** Settles when the server has gone or we have left. */
	readonly ended: Promise<void>;
	/** Lets the server go; a holder that ends waits for this. */
	leave(): Promise<void>;
}

/**
 * Joins if the server accepts connections now; undefined when it does not yet, or not any more.
 *
 * Keeps one idle connection open until `leave`: a command that started the server ends it by PostgreSQL's smart shutdown,
 * which waits for its clients, so the server stays for as long as we need it. The connection alone keeps no process alive.
 * StartFailure: the folder's files are not readable to us.
 */
export async function joinRunning(
	dataDir: string,
): Promise<JoinedPostgres | undefined> {
	const passwords = await readPasswords(dataDir);
	const server = await findServer(dataDir);
	if (passwords === undefined || server === undefined) return undefined;
	const targets = targetsAt(server, passwords);
	const socket = new Socket();
	const client = new pg.Client({
		...targets.owner,
		application_name: "postern joined",
		connectionTimeoutMillis: 3_000,
		stream: () => socket,
	});
	client.on("error", () => {});
	const ended = new Promise<void>((resolve) =>
		client.once("end", () => resolve()),
	);
	try {
		await client.connect();
	} catch {
		// Just starting, just ending, or its accounts are not made yet: the caller tries again.
		socket.destroy();
		return undefined;
	}
	socket.unref();
	return {
		targets,
		ended,
		leave: () => {
			// With nothing else to do, the process would otherwise end before the server has heard of it.
			socket.ref();
			return client.end();
		},
	};
}

async function findServer(dataDir: string): Promise<string | undefined> {
	try {
		const pgdata = await realpath(join(dataDir, clusterName));
		const file = await readPostmasterFile(pgdata);
		return file?.ready ? file.socketFolder : undefined;
	} catch (cause) {
		const code = errorCode(cause);
		if (code === "ENOENT") return undefined;
		throw new StartFailure(
			`The running PostgreSQL's files in ${dataDir} cannot be read (${code ?? "unknown error"}). Run the command as the user who owns the data folder.`,
			{ cause },
		);
	}
}
