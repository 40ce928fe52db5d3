/** What a restore leaves on disk while it puts new database files in the place of the old ones, and how a crash in it ends. */
import { lstat, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { errorCode } from "../start-failure.ts";
import { clusterName } from "./cluster.ts";
import { syncFolder, writeFileDurably } from "./durable-files.ts";

/** A data folder within the data folder, where the new files are made. */
const draftName = "postgres.restoring";
const journalName = "restore.json";
const previousPrefix = "postgres.before-restore-";

export function draftIn(dataDir: string): string {
	return join(dataDir, draftName);
}

/**
 * Moves the new files into place, and the old ones aside under the name that is returned (undefined when there were none).
 * Two renames cannot be one: a journal says until the second is done that the first is to be taken back.
 * Errors: those of the file system; the old files are in place then.
 */
export async function swapClusters(
	dataDir: string,
	now: Date,
): Promise<string | undefined> {
	const place = join(dataDir, clusterName);
	const stamp = now.toISOString().replace(/[-:.]/g, "");
	const previous = `${previousPrefix}${stamp}`;
	const hasPrevious = await isThere(place);
	try {
		if (hasPrevious) {
			await writeFileDurably(
				join(dataDir, journalName),
				`${JSON.stringify({ previous })}\n`,
			);
			await rename(place, join(dataDir, previous));
		}
		await rename(join(draftIn(dataDir), clusterName), place);
		await syncFolder(dataDir);
	} finally {
		await settleReplacement(dataDir);
	}
	return hasPrevious ? previous : undefined;
}

/**
 * Ends a replacement that was cut off: the old files go back if the new ones are not in place, and what else it left is
 * removed. Does nothing when there was none. The caller owns the data folder. Errors: those of the file system.
 */
export async function settleReplacement(dataDir: string): Promise<void> {
	const journal = join(dataDir, journalName);
	const previous = await readJournal(journal);
	if (previous !== undefined) {
		const place = join(dataDir, clusterName);
		const aside = join(dataDir, previous);
		if (!(await isThere(place)) && (await isThere(aside)))
			await rename(aside, place);
		await syncFolder(dataDir);
		await rm(journal, { force: true });
	}
	// A PostgreSQL that is just dying there may still add a file.
	await rm(draftIn(dataDir), {
		recursive: true,
		force: true,
		maxRetries: 10,
		retryDelay: 50,
	});
}

async function readJournal(path: string): Promise<string | undefined> {
	try {
		const read: unknown = JSON.parse(await readFile(path, "utf8"));
		if (typeof read !== "object" || read === null || !("previous" in read))
			return undefined;
		const { previous } = read;
		const isOurs =
			typeof previous === "string" && /^[a-z.-]+\d+T\d+Z$/.test(previous);
		return isOurs ? previous : undefined;
	} catch (error) {
		if (errorCode(error) === "ENOENT" || error instanceof SyntaxError)
			return undefined;
		throw error;
	}
}

async function isThere(path: string): Promise<boolean> {
	try {
		await lstat(path);
		return true;
	} catch (error) {
		if (errorCode(error) === "ENOENT") return false;
		throw error;
	}
}
