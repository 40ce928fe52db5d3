/** A second place for the binaries, for a user that cannot reach the first one (a clone below /root). */
import {
	chmod,
	cp,
	mkdtemp,
	readdir,
	rename,
	rm,
	stat,
} from "node:fs/promises";
import { join } from "node:path";
import { errorCode } from "../start-failure.ts";
import { ownHome, provideOwnHome } from "./accounts.ts";
import { binariesIn, type PostgresBinaries } from "./binaries.ts";

/**
 * Copies the binaries to where every user can run them, once for each version: complete or not there at all.
 * For root only. Errors: those of the file system.
 */
export async function copyForOthers(
	binaries: PostgresBinaries,
): Promise<PostgresBinaries> {
	const folder = join(ownHome, `postgresql-${binaries.version}`);
	const copy = binariesIn(folder, binaries.version);
	if (await isThere(copy.postgres)) return copy;
	await provideOwnHome();
	const draft = await mkdtemp(join(ownHome, "copy-"));
	try {
		await cp(binaries.folder, draft, {
			recursive: true,
			verbatimSymlinks: true,
		});
		await openToAll(draft);
		await rename(draft, folder);
	} catch (error) {
		// Another start was faster.
		const code = errorCode(error);
		if (code !== "ENOTEMPTY" && code !== "EEXIST") throw error;
	} finally {
		await rm(draft, { recursive: true, force: true });
	}
	return copy;
}

/** Everyone may read, and run what its owner may run: the umask of whoever installed it may have been stricter. */
async function openToAll(folder: string): Promise<void> {
	await chmod(folder, 0o755);
	const entries = await readdir(folder, {
		recursive: true,
		withFileTypes: true,
	});
	for (const entry of entries) {
		if (entry.isSymbolicLink()) continue;
		const path = join(entry.parentPath, entry.name);
		const { mode } = await stat(path);
		await chmod(path, (mode & 0o100) === 0 ? 0o644 : 0o755);
	}
}

async function isThere(path: string): Promise<boolean> {
	try {
		await stat(path);
		return true;
	} catch {
		return false;
	}
}
