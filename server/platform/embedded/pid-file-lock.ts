/**
 * The lock of a folder where there are no abstract sockets: files in it with the holders' pids.
 *
 * Holders have numbers, `postern.lock.1`, `postern.lock.2` …, and the file with the highest number says who has the folder.
 * It is never removed, only made empty when its holder leaves, so that numbers only grow. Whoever finds the highest one
 * without a living holder creates the next: exactly one of many can, and what a slow one creates below a higher number
 * counts for nothing.
 */
import { randomBytes } from "node:crypto";
import {
	link,
	readdir,
	readFile,
	rename,
	rm,
	writeFile,
} from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { errorCode, StartFailure } from "../start-failure.ts";
import { findProgram, run } from "./command.ts";
import {
	type DataFolderLock,
	type HeldElsewhere,
	type LockHolder,
	type LockPurpose,
	type LockSubject,
	parseHolder,
} from "./lock-holder.ts";
import { isAlive } from "./postmaster-file.ts";

const fileNames: Readonly<Record<LockSubject, string>> = {
	data: "postern.lock",
	seal: "seal.lock",
};
const attemptsMax = 20;
const pollMs = 100;

/**
 * Takes the data folder if nobody has it; otherwise says who has. The file of a dead process, or of one whose pid somebody
 * else has today (told by the time at which that process began), holds nothing.
 * Errors: the folder is not there or cannot be written.
 */
export async function lockWithPidFile(
	dataDir: string,
	purpose: LockPurpose,
	subject: LockSubject = "data",
): Promise<DataFolderLock | HeldElsewhere> {
	const place = { dataDir, name: fileNames[subject] };
	const mine = {
		pid: process.pid,
		began: await findBeginning(process.pid),
		purpose,
	};
	for (let attempt = 0; attempt < attemptsMax; attempt += 1) {
		const last = await findLast(place);
		if (last > 0) {
			const path = pathOf(place, last);
			const text = await readIfThere(path);
			// A higher one has come in between.
			if (text === undefined) continue;
			const holder = parseHolder(text);
			if (await isHeld(holder, text)) return watchFile(path, text, holder);
		}
		const path = pathOf(place, last + 1);
		if (!(await createWhole(path, JSON.stringify(mine)))) continue;
		if ((await findLast(place)) === last + 1) {
			await removeBelow(place, last + 1);
			return holdFile(path, mine);
		}
		await rm(path, { force: true });
	}
	throw new StartFailure(
		`Whether another Postern runs on the data folder ${dataDir} cannot be told. Try again, or remove ${pathOf(place, "*")}.`,
	);
}

interface Place {
	readonly dataDir: string;
	/** Of the lock's files, without their numbers. */
	readonly name: string;
}

function pathOf({ dataDir, name }: Place, number: number | "*"): string {
	return join(dataDir, `${name}.${number}`);
}

/** The numbers of the files that are there, in no order. */
async function listNumbers({ dataDir, name }: Place): Promise<number[]> {
	const files = await readdir(dataDir);
	return files.flatMap((file) => {
		const [, number] = /^\.(\d{1,15})$/.exec(file.slice(name.length)) ?? [];
		return file.startsWith(name) && number !== undefined
			? [Number(number)]
			: [];
	});
}

/** The highest number; 0 when nobody has ever had the folder. */
async function findLast(place: Place): Promise<number> {
	return Math.max(0, ...(await listNumbers(place)));
}

async function removeBelow(place: Place, number: number): Promise<void> {
	for (const other of await listNumbers(place))
		if (other < number) await rm(pathOf(place, other), { force: true });
}

interface Mine {
	readonly pid: number;
	readonly began: string;
	readonly purpose: LockPurpose;
}

function holdFile(path: string, mine: Mine): DataFolderLock {
	let url: string | undefined;
	let writing: Promise<void> = Promise.resolve();
	const rewrite = async () => {
		const draft = draftBeside(path);
		await writeFile(draft, JSON.stringify({ ...mine, url }), { mode: 0o600 });
		await rename(draft, path);
	};
	return {
		held: true,
		announce: (where) => {
			url = where;
			// Only a courtesy to whoever asks; without it the lock is as good.
			writing = writing.then(rewrite).catch(() => {});
		},
		release: async () => {
			await writing;
			const text = await readIfThere(path);
			const isMine =
				text !== undefined &&
				beganOf(text) === mine.began &&
				parseHolder(text).pid === mine.pid;
			if (isMine) await writeFile(path, "");
		},
	};
}

function watchFile(
	path: string,
	text: string,
	holder: LockHolder,
): HeldElsewhere {
	const began = beganOf(text);
	const isReleased = async () => {
		const now = await readIfThere(path);
		if (now === undefined || now === "" || beganOf(now) !== began) return true;
		return holder.pid === undefined || !isAlive(holder.pid);
	};
	return {
		held: false,
		holder,
		released: async (timeoutMs) => {
			const deadline = Date.now() + timeoutMs;
			for (;;) {
				if (await isReleased()) return true;
				const leftMs = deadline - Date.now();
				if (leftMs <= 0) return false;
				await delay(Math.min(pollMs, leftMs));
			}
		},
		leave: () => {},
	};
}

/** Creates a file with all its content at once; false when there is one already. */
async function createWhole(path: string, text: string): Promise<boolean> {
	const draft = draftBeside(path);
	await writeFile(draft, text, { mode: 0o600, flag: "wx" });
	try {
		await link(draft, path);
		return true;
	} catch (error) {
		if (errorCode(error) === "EEXIST") return false;
		throw error;
	} finally {
		await rm(draft, { force: true });
	}
}

function draftBeside(path: string): string {
	return `${path}.${randomBytes(6).toString("hex")}`;
}

async function readIfThere(path: string): Promise<string | undefined> {
	try {
		return await readFile(path, "utf8");
	} catch (error) {
		if (errorCode(error) === "ENOENT") return undefined;
		throw error;
	}
}

async function isHeld(holder: LockHolder, text: string): Promise<boolean> {
	if (holder.pid === undefined || !isAlive(holder.pid)) return false;
	return (await findBeginning(holder.pid)) === beganOf(text);
}

function beganOf(text: string): string | undefined {
	return /"began":"([^"]*)"/.exec(text)?.[1];
}

/** When a process began, in ps's words; empty when there is no ps to ask. */
async function findBeginning(pid: number): Promise<string> {
	const file = findProgram("ps");
	if (file === undefined) return "";
	const args = ["-p", String(pid), "-o", "lstart="];
	const { code, output } = await run({ file, args, lifeline: false }, 5_000);
	return code === 0 ? output : "";
}
