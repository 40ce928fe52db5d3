/** PostgreSQL that comes with Postern: started on a data folder for as long as a process of ours needs it. */
import { errorCode, StartFailure } from "../start-failure.ts";
import { findPostgresBinaries } from "./binaries.ts";
import { bootstrapRoles } from "./bootstrap-roles.ts";
import { createCluster, findCluster, removeDrafts } from "./cluster.ts";
import { findTools, serverCommand } from "./command.ts";
import {
	createPasswords,
	type Passwords,
	readPasswords,
	type SocketTarget,
	targetsAt,
} from "./credentials.ts";
import { prepareDataFolder } from "./data-folder.ts";
import { lockDataFolder } from "./data-folder-lock.ts";
import { chooseGround, type Ground } from "./ground.ts";
import { joinRunning } from "./join-running.ts";
import type {
	DataFolderLock,
	HeldElsewhere,
	LockPurpose,
} from "./lock-holder.ts";
import { type PostgresProcess, startPostgres } from "./postgres-process.ts";
import { settlePrevious } from "./postmaster-file.ts";
import { settleReplacement } from "./replacement-journal.ts";
import { type PostgresSettings, settingArgs } from "./server-settings.ts";
import { openSocketFolder, type SocketFolder } from "./socket-folder.ts";

export interface EmbeddedPostgres {
	/** The superuser, for setting up databases (tests); the application never uses it. */
	readonly admin: SocketTarget;
	readonly owner: SocketTarget;
	readonly app: SocketTarget;
	/** Whether another process of ours had started it, and keeps it. */
	readonly joined: boolean;
	/** Settles when this PostgreSQL has gone, asked or not. */
	readonly ended: Promise<void>;
	/** Tells other processes that meet this data folder where we serve. */
	announce(url: string): void;
	/** Ends PostgreSQL and gives the data folder up; if joined, only leaves. Close the pools first. Legal any number of times. */
	stop(): Promise<void>;
}

export interface EmbeddedPostgresOptions {
	readonly dataDir: string;
	/** Takes one line for a person to read. */
	readonly say: (line: string) => void;
	/** `serve` (as is) owns the data folder or fails; `command` joins a PostgreSQL that is running already. */
	readonly purpose?: LockPurpose;
	/** PostgreSQL settings over ours (`fsync: "off"` for tests); the socket, its rights and the absence of TCP stay. */
	readonly settings?: PostgresSettings;
}

const serveWaitMs = 10_000;
const joinWaitMs = 15_000;
const joinRetryMs = 50;

/**
 * Opens the PostgreSQL of a data folder, making folder and database when they are not there.
 *
 * `serve`: refused while another process serves the folder; waits up to 10 s for a command to finish with it.
 * `command`: joins the PostgreSQL of whoever has the folder (waits up to 15 s while it starts), or starts it and ends it in
 * `stop`, then waiting (up to a minute) for others who joined.
 *
 * StartFailure: the folder is taken, cannot be used, or PostgreSQL does not start; one line each.
 */
export async function openEmbeddedPostgres(
	options: EmbeddedPostgresOptions,
): Promise<EmbeddedPostgres> {
	const purpose = options.purpose ?? "serve";
	const dataDir = await prepareDataFolder(options.dataDir);
	const deadline =
		Date.now() + (purpose === "serve" ? serveWaitMs : joinWaitMs);
	for (;;) {
		const lock = await lockDataFolder(dataDir, purpose);
		if (lock.held)
			return startUnderLock({ ...options, dataDir, purpose }, lock);
		try {
			const joined =
				purpose === "serve"
					? await waitForCommand(lock, deadline)
					: await joinHolder(lock, dataDir, deadline);
			if (joined !== undefined) return joined;
		} finally {
			lock.leave();
		}
	}
}

async function waitForCommand(
	other: HeldElsewhere,
	deadline: number,
): Promise<undefined> {
	const { pid, purpose } = other.holder;
	if (purpose !== "serve" && (await other.released(deadline - Date.now())))
		return;
	const who = pid === undefined ? "" : ` (process ${pid})`;
	throw new StartFailure(
		purpose === "command"
			? `A postern command is still running on this data folder${who}. Wait for it, or choose another POSTERN_DATA_DIR.`
			: `Postern is already running on this data folder${who}. Stop it first, or choose another POSTERN_DATA_DIR.`,
	);
}

/** Undefined when the holder gave the folder up: it may be ours now. */
async function joinHolder(
	other: HeldElsewhere,
	dataDir: string,
	deadline: number,
): Promise<EmbeddedPostgres | undefined> {
	for (;;) {
		const running = await joinRunning(dataDir);
		if (running !== undefined)
			return {
				...running.targets,
				joined: true,
				ended: running.ended,
				announce: () => {},
				stop: running.leave,
			};
		if (Date.now() > deadline) {
			const { pid } = other.holder;
			throw new StartFailure(
				`Another Postern${pid === undefined ? "" : ` (process ${pid})`} has this data folder, but its database does not answer. Try again, or stop it.`,
			);
		}
		if (await other.released(joinRetryMs)) return undefined;
	}
}

type Opening = EmbeddedPostgresOptions & { readonly purpose: LockPurpose };

async function startUnderLock(
	opening: Opening,
	lock: DataFolderLock,
): Promise<EmbeddedPostgres> {
	try {
		const running = await start(opening);
		const stop = async () => {
			const { server, socket } = running;
			await server.stop(opening.purpose === "serve" ? "fast" : "when-idle");
			await socket.remove();
			await lock.release();
		};
		let stopping: Promise<void> | undefined;
		return {
			...targetsAt(running.socket.path, running.passwords),
			joined: false,
			ended: running.server.ended,
			announce: lock.announce,
			stop: () => {
				stopping ??= stop();
				return stopping;
			},
		};
	} catch (error) {
		await lock.release();
		throw asStartFailure(error, opening.dataDir);
	}
}

interface Running {
	readonly server: PostgresProcess;
	readonly socket: SocketFolder;
	readonly passwords: Passwords;
}

async function start(opening: Opening): Promise<Running> {
	const { dataDir, say } = opening;
	await settleReplacement(dataDir);
	const tools = findTools();
	const found = await findPostgresBinaries();
	const ground = await chooseGround({
		dataDir,
		binaries: found,
		cluster: await findCluster(dataDir, found.major),
		tools,
		say,
	});
	const { cluster, confinement } = ground;
	const passwords = await providePasswords(dataDir, ground);
	await removeDrafts(cluster);
	if (cluster.owner === undefined)
		await createCluster({
			...ground,
			tools,
			password: passwords.admin,
			durable: opening.settings?.fsync !== "off",
		});
	const reusedPid = await settlePrevious(cluster.pgdata);
	const account = confinement.kind === "own-user" ? confinement : undefined;
	const socket = await openSocketFolder(dataDir, cluster.pgdata, account);
	let server: PostgresProcess | undefined;
	try {
		server = await startPostgres({
			command: serverCommand(confinement, tools, {
				file: ground.binaries.postgres,
				args: [
					...["-D", cluster.pgdata],
					...settingArgs(socket.path, opening.settings),
				],
				pgdata: cluster.pgdata,
			}),
			dataDir,
			pgdata: cluster.pgdata,
			reusedPid,
			say,
		});
		await bootstrapRoles(targetsAt(socket.path, passwords).admin, passwords);
		return { server, socket, passwords };
	} catch (error) {
		await server?.stop("fast");
		await socket.remove();
		throw error;
	}
}

async function providePasswords(
	dataDir: string,
	ground: Ground,
): Promise<Passwords> {
	const passwords = await readPasswords(dataDir);
	if (passwords !== undefined) return passwords;
	if (ground.cluster.owner === undefined) return createPasswords(dataDir);
	throw new StartFailure(
		`The database in ${ground.cluster.pgdata} is there, but its passwords (postgres.json in the data folder) are not. Put that file back, or choose another POSTERN_DATA_DIR.`,
	);
}

const fileErrors = new Set(["EACCES", "EPERM", "EROFS", "ENOSPC", "EDQUOT"]);

/** A full or forbidden disk met half-way is no bug of ours. */
function asStartFailure(error: unknown, dataDir: string): unknown {
	const code = errorCode(error);
	if (code === undefined || !fileErrors.has(code)) return error;
	return new StartFailure(
		`The data folder ${dataDir} cannot be used (${code}). Make room or give this user the rights, or choose another POSTERN_DATA_DIR.`,
		{ cause: error },
	);
}
