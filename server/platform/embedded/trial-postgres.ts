/** For tests: opening a PostgreSQL of this folder's kind, asking it, and seeing it go. */
import { randomBytes } from "node:crypto";
import { realpathSync } from "node:fs";
import { mkdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import type { SocketTarget } from "./credentials.ts";
import {
	type EmbeddedPostgres,
	openEmbeddedPostgres,
} from "./embedded-postgres.ts";
import type { LockPurpose } from "./lock-holder.ts";
import { isAlive, readPostmasterFile } from "./postmaster-file.ts";

export interface TrialHome {
	readonly path: string;
	/** The path of a data folder that is not there yet. */
	newFolder(): string;
	create(): Promise<void>;
	remove(): Promise<void>;
}

/** A temporary folder for one test file; to be created before its tests, so that a run that skips them leaves nothing. */
export function createTrialHome(): TrialHome {
	const name = `postern-test-${randomBytes(6).toString("hex")}`;
	const path = join(realpathSync(tmpdir()), name);
	let folders = 0;
	return {
		path,
		newFolder: () => {
			folders += 1;
			return join(path, `data-${folders}`);
		},
		create: () => mkdir(path, { mode: 0o700 }),
		// A PostgreSQL whose starter was killed may still be writing its last file.
		remove: () => rm(path, { recursive: true, maxRetries: 50 }),
	};
}

/** Opens a data folder without waiting for the disk: nothing in these tests pulls the plug of the machine. */
export function openTrial(
	dataDir: string,
	purpose: LockPurpose = "serve",
): Promise<EmbeddedPostgres> {
	const settings = { fsync: "off" };
	return openEmbeddedPostgres({ dataDir, purpose, settings, say: () => {} });
}

/** The rows of one statement on a connection of its own, as arrays. */
export async function query(
	target: SocketTarget,
	text: string,
): Promise<unknown[]> {
	const client = new pg.Client(target);
	client.on("error", () => {});
	try {
		await client.connect();
		const { rows } = await client.query({ text, rowMode: "array" });
		return rows;
	} finally {
		await client.end();
	}
}

/** The pid of the PostgreSQL that runs on a data folder. */
export async function postmasterPid(dataDir: string): Promise<number> {
	const file = await readPostmasterFile(join(dataDir, "postgres"));
	if (file === undefined) throw new Error("no PostgreSQL is running there");
	return file.pid;
}

/** Gone, or dead and not yet collected by whoever inherited it. */
export async function isGone(pid: number): Promise<boolean> {
	if (!isAlive(pid)) return true;
	if (process.platform !== "linux") return false;
	const status = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => ") Z");
	return status.slice(status.lastIndexOf(")")).startsWith(") Z");
}
