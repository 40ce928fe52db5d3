/**
 * Migrations: numbered SQL files, forward only, each exactly once, safe when several processes start together.
 *
 * A file is one transaction together with its row in `migrations`. Its first line says whether the old version may keep
 * running beside it: `-- online: …` or `-- stop-workers: …`. A file that was changed after it ran is refused: what is in
 * the database would no longer be what the files say.
 */
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import type pg from "pg";
import { StartFailure } from "./start-failure.ts";

const folder = new URL("../../db/migrations/", import.meta.url);

/** Names the application's role; several databases of one cluster share it. */
const appRole = "postern_app";

/** PostgreSQL 15, the oldest release Postern runs on (`server_version_num`). */
const versionMin = 150_000;

/** Any constant: whoever migrates a database holds this advisory lock. */
const migrationLock = 2_525_250_001;

export interface Migration {
	readonly name: string;
	readonly text: string;
	readonly digest: string;
	/** Whether the old version may keep running while it is applied. */
	readonly online: boolean;
}

/** The migrations of this version, in order. */
export async function readMigrations(): Promise<Migration[]> {
	const names = (await readdir(folder)).filter((name) => name.endsWith(".sql"));
	return Promise.all(
		names.sort().map(async (name) => {
			const text = await readFile(new URL(name, folder), "utf8");
			const sort = /^-- (online|stop-workers): \S/.exec(text)?.[1];
			if (sort === undefined)
				throw new Error(
					`${name}: the first line must say online or stop-workers`,
				);
			const digest = createHash("sha256").update(text).digest("hex");
			return { name, text, digest, online: sort === "online" };
		}),
	);
}

/** Throws a StartFailure when the server is older than Postern runs on. */
export async function requireVersion(client: pg.ClientBase): Promise<void> {
	const { rows } = await client.query<{ number: string; version: string }>(
		"select current_setting('server_version_num') as number, current_setting('server_version') as version",
	);
	const found = rows[0];
	if (found !== undefined && Number(found.number) >= versionMin) return;
	throw new StartFailure(
		`PostgreSQL ${found?.version ?? "of an unknown version"} is too old: Postern needs 15 or newer. Upgrade the server or point DATABASE_URL at another one.`,
	);
}

/** The names that are still to run, oldest first. */
export async function pendingMigrations(
	client: pg.ClientBase,
): Promise<string[]> {
	const done = await appliedMigrations(client);
	return (await readMigrations())
		.map((migration) => migration.name)
		.filter((name) => !done.has(name));
}

/**
 * Brings the database of `client` (connected as its owner) up to date and returns the names that ran. `migrations` are all
 * of this version's, or the first of them when a backup of an older version is to be loaded.
 * Throws a StartFailure when the database is newer than these or a file was changed after it ran.
 */
export async function migrate(
	client: pg.ClientBase,
	migrations?: readonly Migration[],
): Promise<string[]> {
	const all = migrations ?? (await readMigrations());
	await requireVersion(client);
	await client.query("select pg_advisory_lock($1)", [migrationLock]);
	try {
		await ensureAppRole(client);
		const done = await appliedMigrations(client);
		compareHistory(all, done);
		const ran: string[] = [];
		for (const migration of all) {
			if (done.has(migration.name)) continue;
			await apply(client, migration);
			ran.push(migration.name);
		}
		return ran;
	} finally {
		await client.query("select pg_advisory_unlock($1)", [migrationLock]);
	}
}

/** Name → digest of the migrations that ran on a database; empty for one that has seen none. */
export async function appliedMigrations(
	client: pg.ClientBase,
): Promise<Map<string, string>> {
	const exists = await client.query<{ found: boolean }>(
		"select to_regclass('public.migrations') is not null as found",
	);
	if (exists.rows[0]?.found !== true) return new Map();
	const { rows } = await client.query<{ name: string; digest: string }>(
		"select name, digest from migrations",
	);
	return new Map(rows.map((row) => [row.name, row.digest]));
}

/** Throws a StartFailure when a newer version has migrated the database, or a file was changed after it ran. */
export async function refuseForeignHistory(
	client: pg.ClientBase,
): Promise<void> {
	compareHistory(await readMigrations(), await appliedMigrations(client));
}

function compareHistory(
	migrations: readonly Migration[],
	done: ReadonlyMap<string, string>,
): void {
	const known = new Map(migrations.map((m) => [m.name, m.digest]));
	for (const [name, digest] of done) {
		const digestNow = known.get(name);
		if (digestNow === undefined)
			throw new StartFailure(
				`The database has the migration ${name}, which this version does not know. It was made by a newer Postern: start that version.`,
			);
		if (digestNow !== digest)
			throw new StartFailure(
				`The migration ${name} was changed after it ran on this database. Restore the file as it was released.`,
			);
	}
}

async function apply(
	client: pg.ClientBase,
	migration: Migration,
): Promise<void> {
	await client.query("begin");
	try {
		await client.query(
			"create table if not exists migrations (name text primary key, digest text not null, at timestamptz not null default now())",
		);
		await client.query(migration.text);
		await client.query(
			"insert into migrations (name, digest) values ($1, $2)",
			[migration.name, migration.digest],
		);
		await client.query(`grant select on migrations to ${appRole}`);
		await client.query("commit");
	} catch (error) {
		await client.query("rollback");
		throw error;
	}
}

/**
 * Makes the application's role when the cluster has none, and lets the connected user become it: with a single
 * DATABASE_URL the application logs in as the owner and gives its rights up at once. Where an administrator made the
 * role, the owner need not be a member: the application then has a login of its own.
 */
async function ensureAppRole(client: pg.ClientBase): Promise<void> {
	if (await appRoleExists(client)) return;
	try {
		await client.query(
			`create role ${appRole} nologin nosuperuser nobypassrls nocreatedb nocreaterole`,
		);
		await client.query(`grant ${appRole} to current_user`);
	} catch (error) {
		// Another database of this cluster may be migrated at the same moment; the role is then there.
		if (await appRoleExists(client)) return;
		throw new StartFailure(
			`The database user may not create the role ${appRole}. As an administrator run: create role ${appRole} nologin; grant ${appRole} to the user of DATABASE_URL;`,
			{ cause: error },
		);
	}
}

async function appRoleExists(client: pg.ClientBase): Promise<boolean> {
	const { rowCount } = await client.query(
		"select from pg_roles where rolname = $1",
		[appRole],
	);
	return rowCount === 1;
}
