/** `postern restore`: a backup in the place of the embedded database, with everything closed until it is confirmed. */
import type { Command } from "commander";
import pg from "pg";
import { type Config, loadConfig } from "../config.ts";
import { forgetSessions } from "../domain/accounts/forget-sessions.ts";
import { settleRestore } from "../domain/allowlist/settle-restore.ts";
import { system } from "../kernel/actor.ts";
import { Bug } from "../kernel/assert.ts";
import { type Backup, openBackup } from "../platform/backup/backup-file.ts";
import {
	type FileCount,
	restoreFiles,
} from "../platform/backup/backup-files.ts";
import { loadBackup, migrationsOf } from "../platform/backup/load-backup.ts";
import { openReplacement } from "../platform/embedded/replace-cluster.ts";
import type { PostgresSettings } from "../platform/embedded/server-settings.ts";
import { type Migration, readMigrations } from "../platform/migrate.ts";
import { StartFailure } from "../platform/start-failure.ts";
import { readSystemIdentity } from "../platform/system-identity.ts";
import { requireEmbedded } from "./backup.ts";
import { fileSinkInto } from "./backup-files.ts";
import { print } from "./command.ts";
import { count } from "./count.ts";
import { createEngine, type Engine } from "./engine.ts";
import { filePortsFor } from "./files-at.ts";
import { connectAsOwner, type OpenDatabase } from "./open-database.ts";
import { suspendAll } from "./restored-entries.ts";

export function addRestore(program: Command): void {
	program
		.command("restore")
		.description(
			"put a backup in the place of the embedded database; the old one is kept",
		)
		.argument("<file>", "what postern backup wrote")
		.action(async (path: string) => {
			const restored = await restore({
				config: loadConfig(),
				path,
				now: new Date(),
				say: (line) => process.stderr.write(`${line}\n`),
			});
			for (const line of describeRestored(path, restored)) print(line);
		});
}

export interface RestoreOrder {
	readonly config: Config;
	readonly path: string;
	readonly now: Date;
	readonly say: (line: string) => void;
	/** PostgreSQL's, for tests. */
	readonly settings?: PostgresSettings;
}

export interface Restored {
	readonly backup: Backup;
	readonly rows: number;
	/** Of attachments. */
	readonly files: FileCount;
	/** Entries that were active and wait to be confirmed now. */
	readonly suspended: number;
	/** The name of the old database in the data folder; undefined when there was none. */
	readonly keptAs: string | undefined;
}

/**
 * Checks the whole file, loads it into a new database beside the old one, suspends every active entry, begins a new epoch,
 * and only then puts the new database in place. Until then, and after a crash at any point, the old one is there untouched.
 *
 * StartFailure: DATABASE_URL is set, the file is no whole backup or of a newer version, or Postern is running.
 */
export async function restore(order: RestoreOrder): Promise<Restored> {
	const { config, path, now, say, settings } = order;
	requireEmbedded(config);
	const backup = await openBackup(path);
	const migrations = await readMigrations();
	migrationsOf(backup, migrations);
	const replacement = await openReplacement({
		dataDir: config.database.dataDir,
		say,
		...(settings && { settings }),
	});
	const database = { ...replacement.database, isEmbedded: true };
	try {
		const rows = await load(database, backup, migrations);
		// What is there already under other keys stays: the database before may be wanted again.
		const files = await restoreFiles(
			backup,
			fileSinkInto(await filePortsFor(config)),
		);
		const suspended = await closeEverything({ config, database }, backup);
		return {
			backup,
			rows,
			files,
			suspended,
			keptAs: await replacement.complete(now),
		};
	} catch (error) {
		await replacement.abandon();
		throw explained(error, path);
	}
}

async function load(
	database: OpenDatabase,
	backup: Backup,
	migrations: readonly Migration[],
): Promise<number> {
	const client = await connectAsOwner(database);
	try {
		return await loadBackup(client, backup, migrations);
	} finally {
		await client.end();
	}
}

async function closeEverything(
	where: { readonly config: Config; readonly database: OpenDatabase },
	backup: Backup,
): Promise<number> {
	const engine = createEngine(where);
	try {
		return await settleRestored(engine, backup.header.createdAt);
	} finally {
		await engine.pool.end();
	}
}

/**
 * What makes a loaded backup safe to serve: nothing is active, agents are told to begin anew, and it is on the record.
 * Returns how many entries wait to be confirmed.
 */
export async function settleRestored(
	{ sql, performer }: Pick<Engine, "sql" | "performer">,
	backupAt: Date,
): Promise<number> {
	const actor = system("restore");
	const suspended = await suspendAll(performer, actor);
	// Those that ended, and what was used up, after the backup would be good again.
	await performer.perform(actor, forgetSessions, {});
	const identity = await readSystemIdentity(sql);
	if (identity === undefined)
		throw new Bug("our own PostgreSQL does not say which one it is");
	await performer.perform(actor, settleRestore, { backupAt, system: identity });
	return suspended;
}

function explained(error: unknown, path: string): unknown {
	if (!(error instanceof pg.DatabaseError)) return error;
	return new StartFailure(
		error.code === "53100"
			? "There is no space left to restore into. Make room: a restore needs that of the new database beside the old one."
			: `${path} could not be loaded: ${error.message}. The database is as it was.`,
		{ cause: error },
	);
}

function describeRestored(path: string, restored: Restored): string[] {
	const { backup, rows, files, suspended, keptAs } = restored;
	const { createdAt, postern, tables } = backup.header;
	return [
		`Restored ${count(rows, "row")} of ${tables.length} tables from ${path}, made at ${createdAt.toISOString()} by Postern ${postern}.`,
		...(backup.header.extras.length === 0
			? []
			: [`With ${count(files.whole, "file")} of attachments.`]),
		...(files.damaged === 0
			? []
			: [
					`Damaged before they were backed up, and left out: ${count(files.damaged, "file")}.`,
				]),
		...(keptAs === undefined
			? []
			: [
					`The database before is kept as ${keptAs} in the data folder. Remove it when you are sure.`,
				]),
		"What happened after the backup is gone: API keys that were revoked since work again, and so do recovery codes that were used. Let staff who sign in with a password make new ones.",
		"Everybody is signed out, and invitations are taken back: print new ones with postern staff reset.",
		...(suspended === 0
			? []
			: [
					`Suspended: ${count(suspended, "allow-list entry", "allow-list entries")}. Bring the inventory up to date, then run: postern allowlist confirm`,
				]),
	];
}
