/** Users of the machine: a name to borrow inside a user namespace, and a user of our own where there are none. */
import { chmod, mkdir, readFile } from "node:fs/promises";
import { userInfo } from "node:os";
import { StartFailure } from "../start-failure.ts";
import { findProgram, run } from "./command.ts";

export interface Account {
	readonly uid: number;
	readonly gid: number;
}

/** Where an own user's files lie when it cannot reach ours. */
export const ownHome = "/var/lib/postern";
const ownName = "postern";

/** Whether this process's uid has a name on this machine (initdb asks for it). */
export function hasName(): boolean {
	try {
		userInfo();
		return true;
	} catch {
		return false;
	}
}

/** A named user that is not root, to be called by inside a user namespace: only a label, no rights are borrowed. */
export async function findLabel(): Promise<Account | undefined> {
	return (await readAccounts()).find(
		(account) => account.uid !== 0 && account.name !== "nobody",
	);
}

/**
 * The machine's user `postern`, made with useradd when it is not there. For root only.
 * StartFailure: there is none and it cannot be made.
 */
export async function provideOwnAccount(): Promise<Account> {
	const known = await findOwn();
	if (known !== undefined) return known;
	const useradd = findProgram("useradd");
	const outcome =
		useradd === undefined
			? { code: undefined, output: "useradd is not installed" }
			: await run(
					{
						file: useradd,
						args: [
							...["--system", "--user-group", "--no-create-home"],
							...["--home-dir", ownHome],
							...["--shell", "/usr/sbin/nologin", ownName],
						],
						lifeline: false,
					},
					30_000,
				);
	// Looked up again even after a failure: another start may have made it in between.
	const made = await findOwn();
	if (made !== undefined) return made;
	throw new StartFailure(
		"PostgreSQL does not run as root, user namespaces are off here, and a user named postern cannot be made. Start Postern as an ordinary user, or set DATABASE_URL.",
		{ detail: outcome.output },
	);
}

/** Makes the own user's home: root's, and open to pass through whatever our umask is. */
export async function provideOwnHome(): Promise<void> {
	await mkdir(ownHome, { recursive: true });
	await chmod(ownHome, 0o755);
}

async function findOwn(): Promise<Account | undefined> {
	return (await readAccounts()).find(
		(account) => account.name === ownName && account.uid !== 0,
	);
}

interface NamedAccount extends Account {
	readonly name: string;
}

async function readAccounts(): Promise<readonly NamedAccount[]> {
	let text: string;
	try {
		text = await readFile("/etc/passwd", "utf8");
	} catch {
		return [];
	}
	return text.split("\n").flatMap((line) => {
		const [name = "", , uid = "", gid = ""] = line.split(":");
		if (!/^\d+$/.test(uid) || !/^\d+$/.test(gid)) return [];
		return [{ name, uid: Number(uid), gid: Number(gid) }];
	});
}
