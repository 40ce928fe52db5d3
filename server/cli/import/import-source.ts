/** Where an import comes from: a file, a pipe, or standard input. */
import { type FileHandle, mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { errorCode, StartFailure } from "../../platform/start-failure.ts";
import type { Source } from "./import-inventory.ts";

export interface OpenSource {
	readonly source: Source;
	close(): Promise<void>;
}

/**
 * Opens a file, `-` for what comes in on `input`. What can be read only once and shall be read twice is kept on disk
 * meanwhile, where nobody else may read it. Throws a StartFailure when there is nothing to read.
 */
export async function openSource(
	path: string,
	{
		input,
		isReadTwice,
	}: { readonly input: Readable; readonly isReadTwice: boolean },
): Promise<OpenSource> {
	if (path === "-") return isReadTwice ? keep(input) : once(input);
	const handle = await openFile(path);
	if ((await handle.stat()).isFile()) return again(handle);
	const stream = handle.createReadStream();
	return isReadTwice ? keep(stream) : once(stream);
}

async function openFile(path: string): Promise<FileHandle> {
	try {
		const handle = await open(path);
		if (!(await handle.stat()).isDirectory()) return handle;
		await handle.close();
	} catch (error) {
		throw new StartFailure(`${path} cannot be read (${errorCode(error)}).`, {
			cause: error,
		});
	}
	throw new StartFailure(`${path} is a folder.`);
}

function once(stream: Readable): OpenSource {
	return {
		source: () => stream,
		async close() {
			stream.destroy();
		},
	};
}

function again(handle: FileHandle): OpenSource {
	return {
		source: () => handle.createReadStream({ start: 0, autoClose: false }),
		close: () => handle.close(),
	};
}

async function keep(stream: Readable): Promise<OpenSource> {
	const folder = await mkdtemp(join(tmpdir(), "postern-import-"));
	try {
		const copy = await open(join(folder, "lines.ndjson"), "wx+", 0o600);
		await copy.writeFile(stream);
		return again(copy);
	} finally {
		// What is open stays readable; nothing is left behind, whatever happens.
		await rm(folder, { recursive: true });
	}
}
