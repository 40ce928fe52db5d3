/** The three database accounts of an embedded PostgreSQL and the file that keeps their passwords. */
import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { errorCode, StartFailure } from "../start-failure.ts";
import { writeFileDurably } from "./durable-files.ts";

/** Where and as whom to connect; fits the configuration of a `pg` client or pool. */
export interface SocketTarget {
	/** The folder of the unix socket. */
	readonly host: string;
	readonly port: number;
	readonly user: string;
	readonly password: string;
	readonly database: string;
	/** Said outright, because PGSSLMODE in the environment would otherwise ask for TLS on a unix socket. */
	readonly ssl: false;
}

export interface Passwords {
	/** `postern`, the superuser. */
	readonly admin: string;
	/** `postern_owner`, who owns the database and changes its schema. */
	readonly owner: string;
	/** `postern_app`, who reads and writes rows. */
	readonly app: string;
}

export interface SocketTargets {
	readonly admin: SocketTarget;
	readonly owner: SocketTarget;
	readonly app: SocketTarget;
}

/** PostgreSQL's port: with no TCP it only names the socket file, `.s.PGSQL.5432`. */
export const socketPort = 5432;

const fileName = "postgres.json";

/** The passwords of a data folder, or undefined when it has none yet. StartFailure: unreadable, or not what we wrote. */
export async function readPasswords(
	dataDir: string,
): Promise<Passwords | undefined> {
	const path = join(dataDir, fileName);
	let text: string;
	try {
		text = await readFile(path, "utf8");
	} catch (cause) {
		if (errorCode(cause) === "ENOENT") return undefined;
		throw new StartFailure(
			`${path} cannot be read (${errorCode(cause) ?? "unknown error"}). Start Postern as the user who owns the data folder.`,
			{ cause },
		);
	}
	const passwords = parsePasswords(text);
	if (passwords === undefined)
		throw new StartFailure(
			`${path} does not hold the database passwords any more. Put back the file that belongs to this data folder.`,
		);
	return passwords;
}

/** New random passwords (192 bits each), on disk before this returns: what knows them may be created afterwards only. */
export async function createPasswords(dataDir: string): Promise<Passwords> {
	const random = () => randomBytes(24).toString("base64url");
	const passwords = { admin: random(), owner: random(), app: random() };
	await writePasswords(dataDir, passwords);
	return passwords;
}

/** Keeps the passwords of a data folder; on disk before this returns. */
export function writePasswords(
	dataDir: string,
	passwords: Passwords,
): Promise<void> {
	return writeFileDurably(
		join(dataDir, fileName),
		`${JSON.stringify(passwords, null, "\t")}\n`,
	);
}

/** The three accounts at a socket. */
export function targetsAt(host: string, passwords: Passwords): SocketTargets {
	const place = { host, port: socketPort, ssl: false } as const;
	return {
		admin: {
			...place,
			user: "postern",
			password: passwords.admin,
			database: "postgres",
		},
		owner: {
			...place,
			user: "postern_owner",
			password: passwords.owner,
			database: "postern",
		},
		app: {
			...place,
			user: "postern_app",
			password: passwords.app,
			database: "postern",
		},
	};
}

function parsePasswords(text: string): Passwords | undefined {
	let parsed: unknown;
	try {
		parsed = JSON.parse(text);
	} catch {
		return undefined;
	}
	if (typeof parsed !== "object" || parsed === null) return undefined;
	if (!("admin" in parsed && "owner" in parsed && "app" in parsed))
		return undefined;
	const { admin, owner, app } = parsed;
	if (
		typeof admin !== "string" ||
		typeof owner !== "string" ||
		typeof app !== "string"
	)
		return undefined;
	return { admin, owner, app };
}
