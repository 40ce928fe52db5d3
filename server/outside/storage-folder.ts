/** Files in a local folder: the default. */
import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import {
	access,
	copyFile,
	mkdir,
	open,
	readdir,
	rename,
	rm,
	stat,
	statfs,
} from "node:fs/promises";
import { dirname, join } from "node:path";
import { isFileKey } from "../kernel/file-key.ts";
import type { FileStorage, SpooledFile, StoredName } from "./outside.ts";
import { withinSignal } from "./within-signal.ts";

const pieceBytes = 64 * 1024;

/**
 * Keeps each file at `<folder>/<key>`, mode 0600. It gets its name when it is whole and on disk, so a crash leaves a file or
 * none, never half of one.
 */
export function createFolderStorage(folder: string): FileStorage {
	const pathOf = (key: string) => {
		if (!isFileKey(key)) throw new Error("a key that we did not make");
		return join(folder, key);
	};
	return {
		async put(key, file, signal) {
			const path = pathOf(key);
			await withinSignal(signal, () => putFile(path, file));
		},
		async open(key, signal) {
			const path = pathOf(key);
			return withinSignal(
				signal,
				() => openFile(path),
				(file) => file?.end(),
			);
		},
		async remove(key, signal) {
			const path = pathOf(key);
			await withinSignal(signal, () => rm(path, { force: true }));
		},
		list: () => listFiles(folder),
		check: (signal) => withinSignal(signal, () => checkFolder(folder)),
	};
}

async function putFile(path: string, file: SpooledFile): Promise<void> {
	await makeFolders(dirname(path));
	try {
		await flush(file.path);
		await rename(file.path, path);
	} catch (error) {
		if (codeOf(error) === "EXDEV") await copyInto(path, file);
		// What is gone was put by an attempt whose end nobody heard of, or is not there below either.
		else if (codeOf(error) !== "ENOENT") throw error;
	}
	if (!(await isWhole(path, file)))
		throw new Error("the file is not as long as what was written");
	await flush(dirname(path));
}

/** A spool on another file system: a copy under another name first, so that here, too, the name says that it is whole. */
async function copyInto(path: string, file: SpooledFile): Promise<void> {
	const draft = `${path}.${randomUUID()}`;
	try {
		await copyFile(file.path, draft, constants.COPYFILE_EXCL);
		await flush(draft);
		await rename(draft, path);
	} finally {
		await rm(draft, { force: true });
	}
}

async function isWhole(
	path: string,
	{ byteLength }: SpooledFile,
): Promise<boolean> {
	return (await stat(path)).size === byteLength;
}

/** A new folder is durable when its parent is. */
async function makeFolders(path: string): Promise<void> {
	const first = await mkdir(path, { recursive: true, mode: 0o700 });
	if (first !== undefined) await flush(dirname(path));
}

async function flush(path: string): Promise<void> {
	const handle = await open(path, "r");
	try {
		await handle.sync();
	} catch (error) {
		// Some network file systems have no such thing as a folder's sync.
		if (codeOf(error) !== "EINVAL") throw error;
	} finally {
		await handle.close();
	}
}

async function openFile(path: string) {
	try {
		const handle = await open(path, "r");
		const { size } = await handle.stat();
		const bytes = handle.createReadStream({ highWaterMark: pieceBytes });
		return { byteLength: size, bytes, end: () => void bytes.destroy() };
	} catch (error) {
		if (codeOf(error) === "ENOENT") return undefined;
		throw error;
	}
}

async function* listFiles(folder: string): AsyncGenerator<StoredName> {
	for (const place of await namesIn(folder))
		for (const name of await namesIn(join(folder, place))) {
			const key = `${place}/${name}`;
			if (!isFileKey(key)) continue;
			const found = await stat(join(folder, key)).catch(() => undefined);
			if (found === undefined) continue;
			yield { key, byteLength: found.size, storedAt: found.mtime };
		}
}

async function namesIn(folder: string): Promise<string[]> {
	try {
		return await readdir(folder);
	} catch (error) {
		if (["ENOENT", "ENOTDIR"].includes(codeOf(error) ?? "")) return [];
		throw error;
	}
}

/** Whoever only looks makes no folder. */
async function checkFolder(folder: string): Promise<string> {
	const found = await stat(folder).catch((error: unknown) => {
		if (codeOf(error) === "ENOENT") return undefined;
		throw error;
	});
	if (found === undefined) return `${folder}, not there yet`;
	await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
	const probe = join(folder, `.probe-${randomUUID()}`);
	const handle = await open(probe, "wx", 0o600);
	try {
		await handle.writeFile("a file of the doctor");
		await handle.sync();
	} finally {
		await handle.close();
		await rm(probe, { force: true });
	}
	const { bavail, bsize } = await statfs(folder);
	const gib = ((bavail * bsize) / 1024 ** 3).toFixed(1);
	return `${folder}, ${gib} GiB free`;
}

function codeOf(error: unknown): string | undefined {
	return error instanceof Error && "code" in error
		? String(error.code)
		: undefined;
}
