/** Putting a new database in the place of a data folder's own, without ever being without one. */
import { mkdir, realpath } from "node:fs/promises";
import { join } from "node:path";
import { errorCode, StartFailure } from "../start-failure.ts";
import { clusterName } from "./cluster.ts";
import {
	findProgram,
	findTools,
	lockConflictExitCode,
	run,
} from "./command.ts";
import {
	createPasswords,
	readPasswords,
	writePasswords,
} from "./credentials.ts";
import { prepareDataFolder } from "./data-folder.ts";
import { lockDataFolder } from "./data-folder-lock.ts";
import {
	type EmbeddedPostgres,
	type EmbeddedPostgresOptions,
	openEmbeddedPostgres,
} from "./embedded-postgres.ts";
import type { DataFolderLock, LockHolder } from "./lock-holder.ts";
import { settlePrevious } from "./postmaster-file.ts";
import {
	draftIn,
	settleReplacement,
	swapClusters,
} from "./replacement-journal.ts";

export interface Replacement {
	/** New and empty, beside the old database, with the same accounts and passwords. */
	readonly database: EmbeddedPostgres;
	/**
	 * Stops the new one, puts it in place and gives the folder up. Returns the name that the old files have now, if there
	 * were any. When it fails the old one is in place, and `abandon` is still to be called.
	 */
	complete(now: Date): Promise<string | undefined>;
	/** Removes the new one; the old one was never touched. */
	abandon(): Promise<void>;
}

/**
 * Makes a new database beside the one of a data folder, whatever version that is of, and holds the folder until
 * `complete` or `abandon`. A crash at any point leaves the old one in place.
 *
 * StartFailure: Postern is running on the folder, or the folder or PostgreSQL cannot be used; one line each.
 */
export async function openReplacement(
	options: Pick<EmbeddedPostgresOptions, "dataDir" | "say" | "settings">,
): Promise<Replacement> {
	const dataDir = await prepareDataFolder(options.dataDir);
	const lock = await takeFolder(dataDir);
	const draft = draftIn(dataDir);
	try {
		await refuseRunning(dataDir);
		await settleReplacement(dataDir);
		await mkdir(draft, { mode: 0o700 });
		await writePasswords(
			draft,
			(await readPasswords(dataDir)) ?? (await createPasswords(dataDir)),
		);
		const database = await openEmbeddedPostgres({
			...options,
			dataDir: draft,
			purpose: "serve",
		});
		return {
			database,
			async complete(now) {
				await database.stop();
				const keptAs = await swapClusters(dataDir, now);
				await lock.release();
				return keptAs;
			},
			async abandon() {
				try {
					await database.stop();
					await settleReplacement(dataDir);
				} finally {
					await lock.release();
				}
			},
		};
	} catch (error) {
		await settleReplacement(dataDir);
		await lock.release();
		throw error;
	}
}

async function takeFolder(dataDir: string): Promise<DataFolderLock> {
	const lock = await lockDataFolder(dataDir, "command");
	if (lock.held) return lock;
	lock.leave();
	throw new StartFailure(whoHasIt(lock.holder));
}

function whoHasIt({ pid, purpose }: LockHolder): string {
	const who = pid === undefined ? "" : ` (process ${pid})`;
	return purpose === "command"
		? `A postern command is still running on this data folder${who}. Wait for it: a restore needs the folder for itself.`
		: `Postern is running on this data folder${who}. Stop it first: a restore needs the folder for itself.`;
}

/** A PostgreSQL of an earlier start that is still ending, or one in another container that our lock does not reach. */
async function refuseRunning(dataDir: string): Promise<void> {
	const pgdata = await realpath(join(dataDir, clusterName)).catch(
		(error: unknown) => {
			if (errorCode(error) === "ENOENT") return undefined;
			throw error;
		},
	);
	if (pgdata === undefined) return;
	await settlePrevious(pgdata);
	const { flock } = findTools();
	const nothing = findProgram("true");
	if (flock === undefined || nothing === undefined) return;
	const conflict = String(lockConflictExitCode);
	const args = ["-n", "-E", conflict, pgdata, nothing];
	const { code } = await run({ file: flock, args, lifeline: false }, 10_000);
	if (code === lockConflictExitCode)
		throw new StartFailure(
			"PostgreSQL is running on this data folder, perhaps in another container. Stop it first: a restore needs the folder for itself.",
		);
}
