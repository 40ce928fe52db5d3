/**
 * The file of a backup: lines of JSON, compressed with gzip, and sealed.
 *
 * The seal is a second gzip member with the SHA-256 of everything before it, of fixed bytes, so that any bit that was
 * changed and any byte that is missing is noticed, while `zcat` still shows the whole file. (gzip's own checksum has
 * 32 bits and leaves out its header.)
 */
import { createHash, randomBytes } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { open, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { crc32, createGunzip, createGzip } from "node:zlib";
import { syncFolder } from "../embedded/durable-files.ts";
import { errorCode, StartFailure } from "../start-failure.ts";
import {
	type BackupHeader,
	filesExtra,
	formatVersion,
	parseHeader,
} from "./backup-header.ts";

/**
 * Writes chunks of lines to a file of mode 0600: all of it and on disk, or nothing (a file of that name stays as it was).
 * Returns its size. StartFailure: it cannot be written there.
 */
export async function writeSealedFile(
	path: string,
	chunks: AsyncIterable<string>,
): Promise<number> {
	const draft = join(
		dirname(resolve(path)),
		`.${basename(path)}.${randomBytes(6).toString("hex")}`,
	);
	try {
		await refuseFolder(path);
		await pipeline(
			Readable.from(chunks, { objectMode: false }),
			createGzip({ level: 6 }),
			sealed,
			createWriteStream(draft, { mode: 0o600, flags: "wx", flush: true }),
		);
		const { size } = await stat(draft);
		await rename(draft, path);
		await syncFolder(dirname(resolve(path)));
		return size;
	} catch (error) {
		throw explained(error, path, "written");
	} finally {
		await rm(draft, { force: true });
	}
}

async function refuseFolder(path: string): Promise<void> {
	const found = await stat(path).catch(() => undefined);
	if (found !== undefined && !found.isFile())
		throw Object.assign(new Error("not a file"), { code: "EISDIR" });
}

async function* sealed(source: AsyncIterable<Buffer>): AsyncIterable<Buffer> {
	const hash = createHash("sha256");
	for await (const chunk of source) {
		hash.update(chunk);
		yield chunk;
	}
	yield sealOf(hash.digest("hex"));
}

/** A gzip member (RFC 1952) with one stored block (RFC 1951, 3.2.4). */
function sealOf(digest: string): Buffer {
	const text = Buffer.from(`${JSON.stringify({ sha256: digest })}\n`);
	const head = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff, 1]);
	const lengths = Buffer.alloc(4);
	lengths.writeUInt16LE(text.length, 0);
	lengths.writeUInt16LE(text.length ^ 0xffff, 2);
	const tail = Buffer.alloc(8);
	tail.writeUInt32LE(crc32(text), 0);
	tail.writeUInt32LE(text.length, 4);
	return Buffer.concat([head, lengths, text, tail]);
}

const sealBytes = sealOf("0".repeat(64)).length;

export interface Backup {
	readonly path: string;
	readonly header: BackupHeader;
}

/**
 * Reads a backup's header after checking the whole file against its seal.
 * StartFailure: unreadable, empty, none of ours, cut short or changed, or made by a newer Postern.
 */
export async function openBackup(path: string): Promise<Backup> {
	const size = await sizeOf(path);
	if (size === 0)
		throw new StartFailure(`${path} is empty. Choose another backup.`);
	const header = await readHeader(path);
	if (header === undefined) throw foreign(path);
	if (!(await isSealed(path, size)))
		throw new StartFailure(
			`${path} is cut short or was changed: its checksum is wrong. Use another copy of it, or another backup.`,
		);
	const isKnown = header.extras.every((extra) => extra === filesExtra);
	if (header.formatVersion > formatVersion || !isKnown)
		throw new StartFailure(newer(path, header));
	return { path, header };
}

function foreign(path: string): StartFailure {
	return new StartFailure(
		`${path} is not a backup of Postern, or only a piece of one. Choose another file.`,
	);
}

/** What is said of a backup that this version is too old for. */
export function newer(path: string, { postern }: BackupHeader): string {
	return `${path} was made by a newer Postern (${postern}). Restore it with that version.`;
}

async function sizeOf(path: string): Promise<number> {
	try {
		const found = await stat(path);
		if (found.isFile()) return found.size;
	} catch (error) {
		throw explained(error, path, "read");
	}
	throw new StartFailure(`${path} is not a file. Choose a backup.`);
}

async function readHeader(path: string): Promise<BackupHeader | undefined> {
	try {
		for await (const line of linesOf(path, headerLengthMax))
			return parseHeader(line);
	} catch (error) {
		// Not gzip at all, or damaged in its first bytes.
		if (errorCode(error)?.startsWith("Z_") !== true)
			throw explained(error, path, "read");
	}
	return undefined;
}

async function isSealed(path: string, size: number): Promise<boolean> {
	if (size <= sealBytes) return false;
	const hash = createHash("sha256");
	try {
		const end = size - sealBytes - 1;
		for await (const chunk of createReadStream(path, { end }))
			hash.update(chunk);
		const file = await open(path, "r");
		try {
			const seal = Buffer.alloc(sealBytes);
			await file.read(seal, 0, sealBytes, size - sealBytes);
			return seal.equals(sealOf(hash.digest("hex")));
		} finally {
			await file.close();
		}
	} catch (error) {
		throw explained(error, path, "read");
	}
}

/** No line of ours is that long; whatever else has a gzip's first bytes may have no line break at all. */
const lineLengthMax = 256 * 1024 * 1024;

/** The first one names tables and columns, and holds nothing of what is in them. */
const headerLengthMax = 4 * 1024 * 1024;

/** The lines of a backup, decompressed as they are read. (Not `readline`: it also breaks at U+2028, which JSON may hold.) */
export async function* linesOf(
	path: string,
	lengthMax = lineLengthMax,
): AsyncGenerator<string> {
	const file = createReadStream(path);
	const text = createGunzip();
	file.on("error", (error) => text.destroy(error));
	file.pipe(text);
	text.setEncoding("utf8");
	// Pieces of the line that is being read, looked through once each, however long it gets.
	let pieces: string[] = [];
	let length = 0;
	try {
		for await (const chunk of text) {
			const [first = "", ...others] = String(chunk).split("\n");
			pieces.push(first);
			length += first.length;
			for (const piece of others) {
				yield pieces.join("");
				pieces = [piece];
				length = piece.length;
			}
			if (length > lengthMax) throw foreign(path);
		}
	} finally {
		file.destroy();
		text.destroy();
	}
	if (length > 0) yield pieces.join("");
}

function explained(
	error: unknown,
	path: string,
	what: "read" | "written",
): unknown {
	if (error instanceof StartFailure) return error;
	switch (errorCode(error)) {
		case "ENOENT":
			return new StartFailure(
				what === "read"
					? `${path} is not there. Choose a backup.`
					: `${path} cannot be written: its folder is not there. Make it, or choose another place.`,
				{ cause: error },
			);
		case "EACCES":
		case "EPERM":
		case "EROFS":
		case "EISDIR":
		case "ENOTDIR":
			return new StartFailure(
				`${path} cannot be ${what} (${errorCode(error)}). Choose another place, or give this user the rights.`,
				{ cause: error },
			);
		case "ENOSPC":
		case "EDQUOT":
			return new StartFailure(
				`${path} cannot be written: there is no space left. Make room, or choose another place.`,
				{ cause: error },
			);
		default:
			return error;
	}
}
