/** Small files and renames that are still there after a power cut. */
import { randomBytes } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { errorCode } from "../start-failure.ts";

/** Whose a file is and who may read it. */
export interface FileOwnership {
	readonly uid: number;
	readonly gid: number;
	/** Permission bits. */
	readonly mode: number;
}

/**
 * Writes a whole file, or leaves what was there: never half a file. It is ours and of mode 0600, unless told otherwise.
 * Errors: those of the file system.
 */
export async function writeFileDurably(
	path: string,
	text: string,
	ownership?: FileOwnership,
): Promise<void> {
	const draft = `${path}.${randomBytes(6).toString("hex")}`;
	try {
		const file = await open(draft, "wx", 0o600);
		try {
			if (ownership !== undefined) {
				await file.chown(ownership.uid, ownership.gid);
				await file.chmod(ownership.mode);
			}
			await file.writeFile(text);
			await file.sync();
		} finally {
			await file.close();
		}
		await rename(draft, path);
	} catch (error) {
		await rm(draft, { force: true });
		throw error;
	}
	await syncFolder(dirname(path));
}

/** Makes the names in a folder durable: a rename is on disk only when its folder is. */
export async function syncFolder(path: string): Promise<void> {
	const folder = await open(path, "r");
	try {
		await folder.sync();
	} catch (error) {
		// Some network and user-space file systems have no such thing as a folder's sync.
		if (errorCode(error) !== "EINVAL") throw error;
	} finally {
		await folder.close();
	}
}
