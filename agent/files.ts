/** Files that are there as a whole or not at all. */
import { type FileHandle, open, rename, rm, unlink } from "node:fs/promises";
import { dirname } from "node:path";

/**
 * Puts a new file in the place of another, so that after a crash one of the two is there, and whole: a temporary file beside
 * it, fsync, rename, fsync of the folder. It is written a piece at a time; others have their turns between.
 */
export async function replaceFile(
	path: string,
	pieces: Iterable<string>,
	mode = 0o600,
): Promise<void> {
	const temporary = `${path}.new`;
	try {
		await withFile(temporary, { flags: "w", mode }, async (file) => {
			for (const piece of pieces) await file.appendFile(piece);
			await file.sync();
		});
		await rename(temporary, path);
	} catch (error) {
		// On a full disk what was written of it is a part of what fills it.
		await unlink(temporary).catch(() => {});
		throw error;
	}
	await withFile(dirname(path), { flags: "r" }, (folder) => folder.sync());
}

/** Removes a file so that it does not come back with a crash; false when that is not certain. */
export async function removeFile(path: string): Promise<boolean> {
	try {
		await rm(path, { force: true });
		await withFile(dirname(path), { flags: "r" }, (folder) => folder.sync());
		return true;
	} catch {
		return false;
	}
}

/** Writes a file that nobody needs after a crash. */
export async function writePieces(
	path: string,
	pieces: Iterable<string>,
): Promise<void> {
	await withFile(path, { flags: "w", mode: 0o600 }, async (file) => {
		for (const piece of pieces) await file.appendFile(piece);
	});
}

/** Lines with their ends, about 64 KB at a time. */
export function* linesInPieces(
	...lists: readonly Iterable<string>[]
): Generator<string> {
	let piece = "";
	for (const lines of lists)
		for (const line of lines) {
			piece += `${line}\n`;
			if (piece.length < 0x10000) continue;
			yield piece;
			piece = "";
		}
	if (piece !== "") yield piece;
}

async function withFile(
	path: string,
	{ flags, mode }: { readonly flags: string; readonly mode?: number },
	work: (file: FileHandle) => Promise<void>,
): Promise<void> {
	const file = await open(path, flags, mode);
	try {
		await work(file);
	} finally {
		await file.close();
	}
}
