/** The folder that holds everything an installation without a DATABASE_URL keeps. */
import {
	access,
	chmod,
	constants,
	mkdir,
	readdir,
	realpath,
	stat,
} from "node:fs/promises";
import { userInfo } from "node:os";
import { dirname, resolve } from "node:path";
import { errorCode, StartFailure } from "../start-failure.ts";
import { syncFolder } from "./durable-files.ts";

/**
 * Makes sure that the data folder is there, is private and can be written; answers its real path.
 *
 * A new folder gets mode 0700, and so does an existing one that is empty or already a data folder of ours. Any other
 * folder keeps its mode (somebody may have named `/var`); what we put into it is private by itself.
 *
 * StartFailure: it is a file, cannot be made or written, or is a stranger's folder that others can write to.
 */
export async function prepareDataFolder(path: string): Promise<string> {
	try {
		await makeFolder(resolve(path));
		const folder = await realpath(path);
		await tighten(folder);
		await access(folder, constants.R_OK | constants.W_OK | constants.X_OK);
		return folder;
	} catch (cause) {
		if (cause instanceof StartFailure) throw cause;
		throw new StartFailure(explain(path, errorCode(cause)), { cause });
	}
}

/** Not mkdir's own `recursive`: that never returns where a folder cannot hold new ones and says ENOENT (/proc). */
async function makeFolder(path: string): Promise<void> {
	if (await makeOne(path)) return;
	const parent = dirname(path);
	if (parent !== path) await makeFolder(parent);
	if (!(await makeOne(path)))
		throw Object.assign(new Error("no folder can be made there"), {
			code: "ENOENT",
		});
}

/** False when the parent is missing; a folder that is there already is as good as a new one. */
async function makeOne(path: string): Promise<boolean> {
	try {
		await mkdir(path, { mode: 0o700 });
		await syncParent(path);
		return true;
	} catch (error) {
		const code = errorCode(error);
		if (code === "ENOENT") return false;
		if (code !== "EEXIST" || !(await stat(path)).isDirectory()) throw error;
		return true;
	}
}

async function syncParent(path: string): Promise<void> {
	try {
		await syncFolder(dirname(path));
	} catch (error) {
		// A parent that we may write to but not read.
		if (errorCode(error) !== "EACCES") throw error;
	}
}

// Group x is left alone: an own database account enters the folder that way.
const openToOthers = 0o067;
const writableByOthers = 0o022;

async function tighten(folder: string): Promise<void> {
	const { mode } = await stat(folder);
	if ((mode & openToOthers) === 0) return;
	const names = await readdir(folder);
	if (names.length > 0 && !names.includes("postgres.json")) {
		if ((mode & writableByOthers) === 0) return;
		throw new StartFailure(
			`The data folder ${folder} holds other things and can be written by other users. Choose a folder of its own as POSTERN_DATA_DIR.`,
		);
	}
	try {
		await chmod(folder, 0o700);
	} catch (error) {
		// Somebody else's folder that we may write to, such as a mounted volume: its owner decides.
		if (errorCode(error) !== "EPERM") throw error;
	}
}

function explain(path: string, code: string | undefined): string {
	switch (code) {
		case "EEXIST":
		case "ENOTDIR":
			return `The data folder ${path} is a file, or lies below one. Remove it, or choose another POSTERN_DATA_DIR.`;
		case "ENOENT":
			return `The data folder ${path} cannot be made there (ENOENT). Choose another POSTERN_DATA_DIR.`;
		case "EACCES":
		case "EPERM":
			return `The data folder ${path} cannot be used by ${currentUser()} (${code}). Give this user the folder, or choose another POSTERN_DATA_DIR.`;
		case "EROFS":
			return `The data folder ${path} is on a read-only file system. Choose another POSTERN_DATA_DIR.`;
		case "ENOSPC":
			return `There is no space left for the data folder ${path}. Make room, or choose another POSTERN_DATA_DIR.`;
		default:
			return `The data folder ${path} cannot be used (${code ?? "unknown error"}). Choose another POSTERN_DATA_DIR.`;
	}
}

/** Who we are, for a message: a uid in a container need not have a name. */
export function currentUser(): string {
	try {
		return `user ${userInfo().username}`;
	} catch {
		return `user ${process.getuid?.() ?? "unknown"}`;
	}
}
