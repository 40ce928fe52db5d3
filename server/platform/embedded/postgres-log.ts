/** PostgreSQL's own log: `postgres.log` in the data folder, with one older file beside it. */
import { open, rename, stat } from "node:fs/promises";
import { join } from "node:path";
import { errorCode } from "../start-failure.ts";

export interface PostgresLog {
	/** For the child's output; close it with `close` once the child has it. */
	readonly fd: number;
	close(): Promise<void>;
	/** The last lines written since this start, at most 8 KiB. */
	tail(): Promise<string>;
}

const fileName = "postgres.log";
const sizeBytesMax = 10 * 1024 * 1024;
const tailBytesMax = 8 * 1024;

/** Opens the log for appending; one that is over 10 MB becomes `postgres.log.1` first and a new one is begun. */
export async function openPostgresLog(dataDir: string): Promise<PostgresLog> {
	const path = join(dataDir, fileName);
	let start = await sizeOf(path);
	if (start > sizeBytesMax) {
		await rename(path, `${path}.1`);
		start = 0;
	}
	const file = await open(path, "a", 0o600);
	return {
		fd: file.fd,
		close: () => file.close(),
		tail: () => readTail(path, start),
	};
}

async function sizeOf(path: string): Promise<number> {
	try {
		return (await stat(path)).size;
	} catch (error) {
		if (errorCode(error) === "ENOENT") return 0;
		throw error;
	}
}

async function readTail(path: string, start: number): Promise<string> {
	const file = await open(path, "r");
	try {
		const end = (await file.stat()).size;
		const length = Math.max(0, Math.min(end - start, tailBytesMax));
		const { buffer, bytesRead } = await file.read(
			Buffer.alloc(length),
			0,
			length,
			end - length,
		);
		return buffer.toString("utf8", 0, bytesRead).trim();
	} finally {
		await file.close();
	}
}
