/**
 * The file of the seal keys: read whole or not at all, changed by one process at a time, and on disk before a key in it is
 * used. It is never part of a backup of the database.
 */
import {
	type FileHandle,
	open,
	readdir,
	readFile,
	realpath,
	rm,
	stat,
} from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { lockDataFolder } from "../embedded/data-folder-lock.ts";
import { writeFileDurably } from "../embedded/durable-files.ts";
import { errorCode, StartFailure } from "../start-failure.ts";
import { noKeys, readKeys, type SealKeys, writeKeys } from "./seal-keys.ts";

/** Who owns the file may read and write it, its group may read it (a secret that is mounted), nobody else may anything. */
const modeMax = 0o640;

/** Keys of a thousand months are a tenth of it; whatever is larger is another file. */
const sizeBytesMax = 1024 * 1024;

/** How long a change waits for another process's; that takes milliseconds. */
const turnMs = 10_000;

export interface KeyFile {
	readonly keys: SealKeys;
	/** Another text, whenever the file is another one. */
	readonly edition: string;
}

/**
 * What the file holds now; undefined when there is none. StartFailure of one line that says what to do: it cannot be read,
 * is open to others, or is not what we wrote.
 */
export async function readKeyFile(path: string): Promise<KeyFile | undefined> {
	const found = await statFile(path);
	if (found === undefined) return undefined;
	const mode = Number(found.mode) & 0o777;
	if ((mode & ~modeMax) !== 0)
		throw new StartFailure(
			`The seal keys ${path} have the mode ${octal(mode)} and are open to others. Run: chmod ${octal(mode & modeMax)} ${path}`,
		);
	if (!found.isFile() || found.size > sizeBytesMax)
		throw new StartFailure(
			`${path} is not a whole file of seal keys. Put back a copy of the one that belongs to this installation.`,
		);
	const read = readKeys(await readWhole(path));
	if ("problem" in read)
		throw new StartFailure(
			`${path} ${read.problem}. Put back a copy of the one that belongs to this installation.`,
		);
	return { keys: read, edition: editionOf(found) };
}

/** Which edition is there now, without reading it; undefined when there is none. */
export async function findEdition(path: string): Promise<string | undefined> {
	const found = await statFile(path);
	return found && editionOf(found);
}

/**
 * Changes the keys while no other process does, and returns them when they are on disk. `change` gets what is there now and
 * may return it as it is: then nothing is written. A new file has the mode 0600; another one keeps its mode and its owner.
 * What the old file held is overwritten where the file system lets us. Turns are taken on one machine: whoever changes one
 * file on a network from several must do it one after another.
 *
 * StartFailure of one line: as `readKeyFile`, or the file cannot be written.
 */
export async function changeKeyFile(
	path: string,
	change: (keys: SealKeys) => SealKeys,
): Promise<SealKeys> {
	try {
		return await inTurn(await folderOf(path), async () => {
			const before = (await readKeyFile(path))?.keys ?? noKeys;
			const after = change(before);
			if (after !== before) await replace(path, writeKeys(after));
			return after;
		});
	} catch (cause) {
		if (cause instanceof StartFailure) throw cause;
		throw new StartFailure(whyNotWritten(path, errorCode(cause)), { cause });
	}
}

/** Where the file really is: a mounted secret is a link, and the file behind it is replaced, not the link. */
async function placeOf(path: string): Promise<string> {
	try {
		return await realpath(path);
	} catch (error) {
		if (errorCode(error) !== "ENOENT") throw error;
		return join(await realpath(dirname(path)), basename(path));
	}
}

async function folderOf(path: string): Promise<string> {
	return dirname(await placeOf(path));
}

async function inTurn<Output>(
	folder: string,
	body: () => Promise<Output>,
): Promise<Output> {
	const deadline = performance.now() + turnMs;
	for (;;) {
		const lock = await lockDataFolder(folder, "command", "seal");
		if (lock.held) {
			try {
				return await body();
			} finally {
				await lock.release();
			}
		}
		const isFree = await lock.released(
			Math.max(0, deadline - performance.now()),
		);
		lock.leave();
		if (!isFree)
			throw new StartFailure(
				`Another process${lock.holder.pid === undefined ? "" : ` (${lock.holder.pid})`} has been changing the seal keys for a long time. Try again when it has ended.`,
			);
	}
}

async function replace(path: string, text: string): Promise<void> {
	const place = await placeOf(path);
	await removeDrafts(place);
	const old = await openIfThere(place);
	try {
		const found = await old?.stat();
		await writeFileDurably(
			place,
			text,
			found && { uid: found.uid, gid: found.gid, mode: found.mode & 0o777 },
		);
		// Another name of the same file is somebody's copy: theirs to keep or to destroy.
		if (old !== undefined && found?.nlink === 1) await overwrite(old);
	} finally {
		await old?.close();
	}
}

/** A process that was killed may have left a draft, with keys in it that are to be destroyed one day. */
async function removeDrafts(place: string): Promise<void> {
	const folder = dirname(place);
	const name = basename(place);
	for (const other of await readdir(folder))
		if (
			other.startsWith(`${name}.`) &&
			/^[0-9a-f]{12}$/.test(other.slice(name.length + 1))
		)
			await rm(join(folder, other));
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
	try {
		return await open(path, "r+");
	} catch (error) {
		if (errorCode(error) === "ENOENT") return undefined;
		throw error;
	}
}

/** The file that has just been replaced, in place: a plain file system then keeps nothing of it. */
async function overwrite(file: FileHandle): Promise<void> {
	const { size } = await file.stat();
	await file.write(Buffer.alloc(size), 0, size, 0);
	await file.sync();
}

async function statFile(path: string) {
	try {
		return await stat(path, { bigint: true });
	} catch (cause) {
		if (errorCode(cause) === "ENOENT") return undefined;
		throw new StartFailure(whyNotRead(path, errorCode(cause)), { cause });
	}
}

function editionOf(found: {
	readonly dev: bigint;
	readonly ino: bigint;
	readonly size: bigint;
	readonly mtimeNs: bigint;
}): string {
	return [found.dev, found.ino, found.size, found.mtimeNs].join("-");
}

async function readWhole(path: string): Promise<string> {
	try {
		return await readFile(path, "utf8");
	} catch (cause) {
		throw new StartFailure(whyNotRead(path, errorCode(cause)), { cause });
	}
}

function whyNotRead(path: string, code = "unknown error"): string {
	return `The seal keys ${path} cannot be read (${code}). Run Postern as the user who may read them, or correct POSTERN_SEAL_KEYS_FILE.`;
}

function whyNotWritten(path: string, code = "unknown error"): string {
	switch (code) {
		case "ENOENT":
		case "ENOTDIR":
			return `There is no folder for the seal keys ${path}. Make it, or correct POSTERN_SEAL_KEYS_FILE.`;
		case "EACCES":
		case "EPERM":
			return `The seal keys ${path} cannot be written by this user (${code}). Run this as the user who owns the file and its folder.`;
		case "EROFS":
			return `The seal keys ${path} are on a read-only file system. Change them where they come from, and put the new file there.`;
		case "ENOSPC":
			return `There is no space left for the seal keys ${path}. Make room: the old file is as it was.`;
		default:
			return `The seal keys ${path} cannot be written (${code}). The old file is as it was.`;
	}
}

function octal(mode: number): string {
	return mode.toString(8).padStart(4, "0");
}
