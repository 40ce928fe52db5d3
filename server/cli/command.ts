/** A command on the database: opens it, runs, and closes everything, also when it fails. */
import { type Config, loadConfig } from "../config.ts";
import { Refusal } from "../kernel/errors.ts";
import { pendingMigrations } from "../platform/migrate.ts";
import { StartFailure } from "../platform/start-failure.ts";
import { createEngine, type Engine } from "./engine.ts";
import {
	connectAsOwner,
	type OpenDatabase,
	openDatabase,
	requireAppLogin,
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
		await requireAppLogin(database);
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

/** Throws a StartFailure when there are migrations to run. */
export async function requireMigrated(database: OpenDatabase): Promise<void> {
	const client = await connectAsOwner(database);
	try {
		const pending = await pendingMigrations(client);
		if (pending.length > 0) throw new StartFailure(howBehind(pending.length));
	} finally {
		await client.end();
	}
}

/** What is said of a database with this many migrations to run. */
export function howBehind(pending: number): string {
	const what = pending === 1 ? "1 migration" : `${pending} migrations`;
	return `The database is not up to date: ${what} to run. Run: postern migrate`;
}

/** Writes one line to standard output. */
export function print(line = ""): void {
	process.stdout.write(`${line}\n`);
}

/** As the operator typed it, with what a terminal would act on made visible. */
export function shown(text: string): string {
	return /^[\w./-]{1,200}$/.test(text)
		? text
		: JSON.stringify(text.slice(0, 200));
}

/** For `catch`: puts what is missing in the words of the command; the refusal's own speak of "the resource". */
export function sayWhatIsMissing(message: string): (error: unknown) => never {
	return (error) => {
		if (error instanceof Refusal && error.kind === "not_found")
			throw new StartFailure(message, { cause: error });
		throw error;
	};
}
