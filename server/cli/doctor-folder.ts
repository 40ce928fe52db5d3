/** What the doctor looks at on this machine: the data folder and its disk. */
import { stat, statfs } from "node:fs/promises";
import { join } from "node:path";
import type { Config } from "../config.ts";
import { errorCode, StartFailure } from "../platform/start-failure.ts";
import type { Checks } from "./doctor-checks.ts";

/** PostgreSQL stops when the disk is full; this much is worth a warning in time. */
const freeBytesMin = 1024 ** 3;

/** Each with the most that its mode may allow. The group may pass through the folder where PostgreSQL is another user. */
const privateThings = [
	{ name: ".", mode: 0o710 },
	{ name: "postgres", mode: 0o700 },
	{ name: "postgres.json", mode: 0o600 },
	{ name: "postgres.log", mode: 0o600 },
	{ name: "demo.json", mode: 0o600 },
	{ name: "seal.keys", mode: 0o600 },
	{ name: "attachments", mode: 0o700 },
] as const;

/** For a database elsewhere only the files that Postern writes itself, where there are any. */
export function folderChecks({ database }: Config): Checks {
	const { dataDir } = database;
	const isEmbedded = database.url === undefined;
	return {
		folder: () => checkModes(dataDir),
		...(isEmbedded && { disk: () => checkDisk(dataDir) }),
	};
}

async function checkModes(dataDir: string): Promise<string> {
	let isThere = false;
	for (const { name, mode } of privateThings) {
		const path = join(dataDir, name);
		const found = await modeOf(path);
		if (found === undefined) continue;
		isThere = true;
		if ((found & ~mode) !== 0)
			throw new StartFailure(
				`${path} has the mode ${octal(found)} and is open to others. Run: chmod ${octal(mode & found)} ${path}`,
			);
	}
	return isThere ? "private" : "not there yet";
}

async function modeOf(path: string): Promise<number | undefined> {
	try {
		return (await stat(path)).mode & 0o777;
	} catch (error) {
		if (errorCode(error) === "ENOENT") return undefined;
		throw new StartFailure(
			`${path} cannot be looked at (${errorCode(error) ?? "unknown error"}). Run this as the user who runs Postern.`,
			{ cause: error },
		);
	}
}

function octal(mode: number): string {
	return mode.toString(8).padStart(4, "0");
}

/** Where the database files are, which may be elsewhere by a link. */
async function checkDisk(dataDir: string): Promise<string> {
	const space =
		(await spaceAt(join(dataDir, "postgres"))) ??
		(await spaceAt(dataDir)) ??
		(await spaceAt("."));
	const freeBytes = (space?.bavail ?? 0) * (space?.bsize ?? 0);
	const gib = (freeBytes / 1024 ** 3).toFixed(1);
	if (freeBytes >= freeBytesMin) return `${gib} GiB free`;
	throw new StartFailure(
		`only ${gib} GiB free. Make room: PostgreSQL stops when the disk is full.`,
	);
}

async function spaceAt(path: string) {
	try {
		return await statfs(path);
	} catch (error) {
		if (errorCode(error) === "ENOENT") return undefined;
		throw error;
	}
}
