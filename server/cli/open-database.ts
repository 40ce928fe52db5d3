/** Opens the database a command works on: the one of DATABASE_URL, or the embedded one of the data folder. */
import type pg from "pg";
import type { Config } from "../config.ts";
import { withoutCredentials } from "../config-values.ts";
import { type ConnectionTarget, connect } from "../platform/db.ts";
import { openEmbeddedPostgres } from "../platform/embedded/embedded-postgres.ts";
import { requireVersion } from "../platform/migrate.ts";
import { errorCode, StartFailure } from "../platform/start-failure.ts";

export interface OpenDatabase {
	readonly isEmbedded: boolean;
	/** Owns the schema. */
	readonly owner: ConnectionTarget;
	/** May read and write what the application needs, and nothing else. */
	readonly app: ConnectionTarget;
	/** Tells whoever meets the data folder where this process serves. */
	announce(url: string): void;
	/** Settles when the embedded server has ended, asked or not; never for an external one. */
	readonly ended: Promise<void>;
	stop(): Promise<void>;
}

/** The application's role: the login of DATABASE_URL becomes it at once. */
const appRole = "postern_app";

/**
 * `serve` owns the data folder of an embedded database or fails; `command` joins the one that is running.
 * Throws a StartFailure of one line when the database cannot be had.
 */
export async function openDatabase(
	config: Config,
	purpose: "serve" | "command",
	say: (line: string) => void = () => {},
): Promise<OpenDatabase> {
	const { url, ownerUrl, dataDir } = config.database;
	if (url === undefined) {
		const postgres = await openEmbeddedPostgres({ dataDir, purpose, say });
		return {
			isEmbedded: true,
			owner: postgres.owner,
			app: postgres.app,
			announce: postgres.announce,
			ended: postgres.ended,
			stop: postgres.stop,
		};
	}
	const database = externalDatabase(url.reveal(), ownerUrl?.reveal());
	const client = await connectAsOwner(database);
	try {
		await requireVersion(client);
	} finally {
		await client.end();
	}
	return database;
}

function externalDatabase(url: string, ownerUrl?: string): OpenDatabase {
	return {
		isEmbedded: false,
		owner: { connectionString: ownerUrl ?? url },
		app: asApplication(url),
		announce: () => {},
		ended: new Promise(() => {}),
		stop: async () => {},
	};
}

/**
 * The same login, become the application's role. Options of the URL are kept: the driver would otherwise take them
 * instead of ours.
 */
function asApplication(text: string): ConnectionTarget {
	const url = new URL(text);
	const own = url.searchParams.get("options");
	url.searchParams.delete("options");
	const become = `-c role=${appRole}`;
	return {
		connectionString: url.href,
		options: own === null ? become : `${own} ${become}`,
	};
}

/** A connection as the owner of the schema; a StartFailure of one line says why there is none. */
export async function connectAsOwner(
	database: Pick<OpenDatabase, "owner" | "app" | "isEmbedded">,
): Promise<pg.Client> {
	const { owner, app, isEmbedded } = database;
	const isSameLogin = !isEmbedded && isLoginOf(owner, app);
	return connectOrSayWhy(
		owner,
		isEmbedded
			? "The embedded database"
			: `The database of ${isSameLogin ? "DATABASE_URL" : "DATABASE_OWNER_URL"}`,
	);
}

function isLoginOf(one: ConnectionTarget, other: ConnectionTarget): boolean {
	const [a, b] = [one, other].map(({ connectionString }) => {
		const { username, password, host, pathname } = new URL(
			connectionString ?? "",
		);
		return `${username}:${password}@${host}${pathname}`;
	});
	return a === b;
}

/**
 * Makes sure that the application gets in, before a pool would fail on its first use, that it has become its role, and that
 * what it commits survives a crash (invariant I9). Only with a DATABASE_URL it may be otherwise. The role is made by the
 * first migration. Throws a StartFailure of one line.
 */
export async function requireAppLogin(database: OpenDatabase): Promise<void> {
	if (database.isEmbedded) return;
	const client = await connectOrSayWhy(
		database.app,
		"The database of DATABASE_URL",
	);
	try {
		const { rows } = await client.query<{ role: string; commit: string }>(
			"select current_user as role, current_setting('synchronous_commit') as commit",
		);
		const { role, commit } = rows[0] ?? {};
		if (role !== appRole)
			throw new StartFailure(
				`The application is ${role ?? "nobody"} on the database of DATABASE_URL and not ${appRole}. A pooler may drop startup options: give ${appRole} a login and use it, with DATABASE_OWNER_URL for the owner.`,
			);
		if (commit === "off")
			throw new StartFailure(
				"The database of DATABASE_URL has synchronous_commit = off, which loses answered requests in a crash. Set it to on for this database and user.",
			);
	} finally {
		await client.end();
	}
}

async function connectOrSayWhy(
	target: ConnectionTarget,
	what: string,
): Promise<pg.Client> {
	try {
		return await connect(target);
	} catch (error) {
		throw new StartFailure(`${what} ${whyNot(error)}`, { cause: error });
	}
}

/** Completes "The database …". PostgreSQL's own words are shown where ours fail: they name roles, never a password. */
function whyNot(error: unknown): string {
	const code = errorCode(error);
	const text = error instanceof Error ? error.message : "";
	switch (code) {
		case "28P01":
		case "28000":
			return "refuses the login. Check user and password.";
		case "3D000":
			return "does not exist on that server. Create it, or correct the name.";
		case "42501":
		case "22023":
			return `does not let its user become ${appRole}. As an administrator run: grant ${appRole} to the user of DATABASE_URL;`;
		case "53300":
			return "has no connection left. Raise its max_connections, or lower POSTERN_DB_POOL_MAX of each process.";
		case "57P03":
			return "is just starting or ending. Try again in a moment.";
		case "ENOTFOUND":
		case "EAI_AGAIN":
			return "has a host name that cannot be resolved. Correct it, or mend DNS.";
	}
	if (/^SASL|password/.test(text))
		return "asks for a password, and the URL has none. Add it.";
	const isSilent =
		code === undefined
			? /timeout|terminated/.test(text)
			: /^(E[A-Z]+|08...)$/.test(code);
	return isSilent
		? `does not answer${code === undefined ? "" : ` (${code})`}. Start it, or correct host and port.`
		: `cannot be used: ${withoutCredentials(text)}`;
}
