/**
 * The files that a database speaks of, behind its rows in a backup: a line with what a file is, then its bytes in base64, so
 * many a line. (The whole is compressed, which takes back what base64 adds.)
 */
import { createHash } from "node:crypto";
import { assert } from "../../kernel/assert.ts";
import { StartFailure } from "../start-failure.ts";
import { type Backup, linesOf } from "./backup-file.ts";
import { filesExtra } from "./backup-header.ts";

export interface BackedUpFile {
	readonly key: string;
	readonly byteLength: number;
	/** Hexadecimal. */
	readonly sha256: string;
}

/** Where files come from. */
export interface FileSource {
	/** Those that rows of the same snapshot speak of. */
	readonly files: () => AsyncIterable<BackedUpFile>;
	/** Undefined for one that is not there. */
	readonly open: (
		key: string,
	) => Promise<AsyncIterable<Uint8Array> | undefined>;
}

/** Where files go. */
export type FileSink = (
	file: BackedUpFile,
	bytes: AsyncIterable<Uint8Array>,
) => Promise<void>;

export interface FileCount {
	whole: number;
	/** Not there, or not what its row says. */
	damaged: number;
}

/** Divisible by three, so that no line but the last of a file is padded. */
const bytesALine = 48 * 1024;

/** The lines; what became of the files is counted in `count`. A file that is not there does not keep the others out. */
export async function* linesOfFiles(
	source: FileSource,
	count: FileCount,
): AsyncGenerator<string> {
	yield `${JSON.stringify({ files: filesExtra })}\n`;
	for await (const file of source.files()) {
		const bytes = await source.open(file.key);
		if (bytes === undefined) {
			count.damaged += 1;
			continue;
		}
		yield `${JSON.stringify({ file })}\n`;
		const hash = createHash("sha256");
		for await (const piece of inLines(bytes)) {
			hash.update(piece);
			yield `${JSON.stringify(piece.toString("base64"))}\n`;
		}
		count[hash.digest("hex") === file.sha256 ? "whole" : "damaged"] += 1;
	}
}

async function* inLines(
	bytes: AsyncIterable<Uint8Array>,
): AsyncGenerator<Buffer> {
	let rest = Buffer.alloc(0);
	for await (const piece of bytes) {
		rest = Buffer.concat([rest, piece]);
		let at = 0;
		for (; rest.length - at >= bytesALine; at += bytesALine)
			yield rest.subarray(at, at + bytesALine);
		rest = rest.subarray(at);
	}
	if (rest.length > 0) yield rest;
}

/**
 * Gives every file of a backup to `sink`, one after another. A file that was damaged before it was backed up is left out.
 * StartFailure: the backup is not as it should be.
 */
export async function restoreFiles(
	{ path, header }: Backup,
	sink: FileSink,
): Promise<FileCount> {
	const count: FileCount = { whole: 0, damaged: 0 };
	if (!header.extras.includes(filesExtra)) return count;
	const lines = linesOf(path);
	try {
		await skipRows(lines, path);
		let next = await lines.next();
		while (next.done !== true) {
			const file = fileIn(next.value);
			if (file === undefined) return count;
			const restored = await restoreFile(lines, file, sink);
			count[restored.isWhole ? "whole" : "damaged"] += 1;
			next = restored.next;
		}
		throw cutShort(path);
	} finally {
		await lines.return(undefined);
	}
}

/** Thrown into whoever reads a file to its end, so that it keeps nothing of it. */
class DamagedFile extends Error {}

interface RestoredFile {
	readonly isWhole: boolean;
	/** The line behind its last one. */
	readonly next: IteratorResult<string>;
}

async function restoreFile(
	lines: AsyncGenerator<string>,
	file: BackedUpFile,
	sink: FileSink,
): Promise<RestoredFile> {
	const behind: { line?: IteratorResult<string> } = {};
	async function* bytes() {
		const hash = createHash("sha256");
		for (;;) {
			const next = await lines.next();
			const piece = next.done === true ? undefined : pieceIn(next.value);
			if (piece === undefined) {
				behind.line = next;
				break;
			}
			hash.update(piece);
			yield piece;
		}
		if (hash.digest("hex") !== file.sha256) throw new DamagedFile();
	}
	const isWhole = await sink(file, bytes()).then(
		() => true,
		(error: unknown) => {
			if (error instanceof DamagedFile) return false;
			throw error;
		},
	);
	assert(behind.line !== undefined, "a sink reads a file to its end");
	return { isWhole, next: behind.line };
}

function cutShort(path: string): StartFailure {
	return new StartFailure(
		`${path} does not have all the files that it should. Use another copy of it, or another backup.`,
	);
}

async function skipRows(
	lines: AsyncGenerator<string>,
	path: string,
): Promise<void> {
	const start = JSON.stringify({ files: filesExtra });
	for (;;) {
		const next = await lines.next();
		if (next.done === true) throw cutShort(path);
		if (next.value === start) return;
	}
}

function fileIn(line: string): BackedUpFile | undefined {
	const read: unknown = JSON.parse(line);
	const file: unknown = Object(read).file;
	return typeof file === "object" &&
		file !== null &&
		"key" in file &&
		typeof file.key === "string" &&
		"byteLength" in file &&
		typeof file.byteLength === "number" &&
		"sha256" in file &&
		typeof file.sha256 === "string"
		? { key: file.key, byteLength: file.byteLength, sha256: file.sha256 }
		: undefined;
}

function pieceIn(line: string): Buffer | undefined {
	if (!line.startsWith('"')) return undefined;
	const read: unknown = JSON.parse(line);
	return typeof read === "string" ? Buffer.from(read, "base64") : undefined;
}
