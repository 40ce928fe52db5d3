/** Where PostgreSQL's unix socket lies: beside its files, or in a private folder when that path is too long for the kernel. */
import {
	chown,
	lstat,
	mkdtemp,
	readdir,
	readlink,
	rm,
	rmdir,
	symlink,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { errorCode, StartFailure } from "../start-failure.ts";
import type { Account } from "./accounts.ts";
import { socketPort } from "./credentials.ts";

export interface SocketFolder {
	readonly path: string;
	/** Removes the private folder; nothing to do when the socket lies beside the files. */
	remove(): Promise<void>;
}

// sun_path holds 108 bytes on Linux and 104 on macOS and the BSDs, with the closing NUL.
const pathBytesMax = process.platform === "linux" ? 107 : 103;
const prefix = "postern-";
const linkName = "socket";

/** Whether a socket in this folder has a path that the kernel takes. */
export function fitsSocket(folder: string): boolean {
	const path = join(folder, `.s.PGSQL.${socketPort}`);
	return Buffer.byteLength(path) <= pathBytesMax;
}

/**
 * The folder for the socket of a data folder's PostgreSQL, which runs as `account` when that is not us.
 * A private one is remembered by the link `socket` in the data folder, so that the next start removes what a crash left.
 * StartFailure: there is no place for one.
 */
export async function openSocketFolder(
	dataDir: string,
	pgdata: string,
	account: Account | undefined,
): Promise<SocketFolder> {
	const link = join(dataDir, linkName);
	await removeRemembered(link);
	if (fitsSocket(pgdata)) return { path: pgdata, remove: async () => {} };
	const path = await makePrivateFolder();
	await symlink(path, link);
	if (account !== undefined) await chown(path, account.uid, account.gid);
	return { path, remove: () => removeRemembered(link) };
}

async function makePrivateFolder(): Promise<string> {
	for (const place of [await findRuntimeFolder(), tmpdir(), "/tmp"]) {
		if (place === undefined || !fitsSocket(join(place, `${prefix}XXXXXX`)))
			continue;
		try {
			// Mode 0700, and never a folder that was there before.
			return await mkdtemp(join(place, prefix));
		} catch {
			// Not writable or not there: the next place may do.
		}
	}
	throw new StartFailure(
		"The data folder's path is too long for a unix socket, and no temporary folder with a short path can be written. Choose a shorter POSTERN_DATA_DIR.",
	);
}

/** What XDG_RUNTIME_DIR names on a machine with logins: /run/user/<uid>, if it is there and really ours alone. */
async function findRuntimeFolder(): Promise<string | undefined> {
	const uid = process.getuid?.();
	const path = `/run/user/${uid}`;
	try {
		const found = await lstat(path);
		const ours = found.isDirectory() && found.uid === uid;
		return ours && (found.mode & 0o077) === 0 ? path : undefined;
	} catch {
		return undefined;
	}
}

async function removeRemembered(link: string): Promise<void> {
	let folder: string;
	try {
		folder = await readlink(link);
	} catch (error) {
		if (errorCode(error) === "ENOENT") return;
		throw error;
	}
	if (await isOurs(folder)) {
		const names = await readdir(folder);
		const sockets = names.filter((name) => name.startsWith(".s.PGSQL."));
		await Promise.all(sockets.map((name) => rm(join(folder, name))));
		await rmdir(folder);
	}
	await rm(link, { force: true });
}

/** A temporary folder may have been emptied since and its name taken by someone else. */
async function isOurs(folder: string): Promise<boolean> {
	if (!basename(folder).startsWith(prefix)) return false;
	try {
		const found = await lstat(folder);
		const uid = process.getuid?.();
		return (
			found.isDirectory() &&
			(found.mode & 0o077) === 0 &&
			(uid === 0 || found.uid === uid)
		);
	} catch {
		return false;
	}
}
