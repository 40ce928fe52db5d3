/** Opens the database a command works on: the one of DATABASE_URL, or the embedded one of the data folder. */
import type pg from "pg";
import type { Config } from "../config.ts";
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
	const text = url.reveal();
	const owner = { connectionString: (ownerUrl ?? url).reveal() };
	const client = await connectAsOwner({ isEmbedded: false, owner });
	try {
		await requireVersion(client);
	} finally {
		await client.end();
	}
	return {
		isEmbedded: false,
		owner,
		app:
			new URL(text).username === appRole
				? { connectionString: text }
				: { connectionString: text, options: `-c role=${appRole}` },
		announce: () => {},
		ended: new Promise(() => {}),
		stop: async () => {},
	};
}

/** A connection as the owner of the schema; a StartFailure of one line says why there is none. */
export async function connectAsOwner(
	database: Pick<OpenDatabase, "owner" | "isEmbedded">,
): Promise<pg.Client> {
	try {
		return await connect(database.owner);
	} catch (error) {
		const what = database.isEmbedded
			? "The embedded database"
			: "The database of DATABASE_URL";
		throw new StartFailure(`${what} ${whyNot(error)}`, { cause: error });
	}
}

function whyNot(error: unknown): string {
	const code = errorCode(error);
	switch (code) {
		case "28P01":
		case "28000":
			return "refuses the login. Check user and password.";
		case "3D000":
			return "does not exist on that server. Create it, or correct the name.";
		case "ENOTFOUND":
		case "EAI_AGAIN":
			return "has a host name that cannot be resolved. Correct it, or mend DNS.";
		default:
			return `does not answer${code === undefined ? "" : ` (${code})`}. Start it, or correct host and port.`;
	}
}
