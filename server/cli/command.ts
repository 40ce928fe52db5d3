/** A command on the database: opens it, runs, and closes everything, also when it fails. */
import { type Config, loadConfig } from "../config.ts";
import { pendingMigrations } from "../platform/migrate.ts";
import { StartFailure } from "../platform/start-failure.ts";
import { createEngine, type Engine } from "./engine.ts";
import {
	connectAsOwner,
	type OpenDatabase,
	openDatabase,
} from "./open-database.ts";

export interface CommandContext extends Engine {
	readonly config: Config;
	readonly database: OpenDatabase;
}

/** Runs `body` on a migrated database. Throws a StartFailure when the database cannot be had or is not up to date. */
export async function onDatabase<Output>(
	body: (context: CommandContext) => Promise<Output>,
): Promise<Output> {
	const config = loadConfig();
	const database = await openDatabase(config, "command");
	try {
		await requireMigrated(database);
		const engine = createEngine({ database, config });
		try {
			return await body({ ...engine, config, database });
		} finally {
			await engine.pool.end();
		}
	} finally {
		await database.stop();
	}
}

async function requireMigrated(database: OpenDatabase): Promise<void> {
	const client = await connectAsOwner(database);
	try {
		const pending = await pendingMigrations(client);
		if (pending.length > 0)
			throw new StartFailure(
				`The database is not up to date (${pending.length} migrations to run). Run: postern migrate`,
			);
	} finally {
		await client.end();
	}
}

/** Writes one line to standard output. */
export function print(line = ""): void {
	process.stdout.write(`${line}\n`);
}
