/** The PostgreSQL of a run: the one that comes with Postern, with its durable settings, in a temporary folder. */
import { join } from "node:path";
import type pg from "pg";
import { connect } from "../server/platform/db.ts";
import type { SocketTarget } from "../server/platform/embedded/credentials.ts";
import { openEmbeddedPostgres } from "../server/platform/embedded/embedded-postgres.ts";
import { readPostmasterFile } from "../server/platform/embedded/postmaster-file.ts";

export interface BenchDatabase {
	/** The superuser, connected to the application's database. */
	readonly admin: pg.Client;
	/** How the application connects. */
	readonly app: SocketTarget;
	/** DATABASE_URL and DATABASE_OWNER_URL; through another socket folder when one is given. */
	urls(socketFolder?: string): { readonly app: string; readonly owner: string };
	/** Of the first process of PostgreSQL; undefined when it cannot be told. */
	readonly pid: number | undefined;
	stop(): Promise<void>;
}

export async function openDatabase(folder: string): Promise<BenchDatabase> {
	const dataDir = join(folder, "data");
	const postgres = await openEmbeddedPostgres({ dataDir, say: () => {} });
	const { database } = postgres.app;
	const admin = await connect({ ...postgres.admin, database });
	const file = await readPostmasterFile(join(dataDir, "postgres"));
	return {
		admin,
		app: postgres.app,
		urls: (socketFolder) => ({
			app: urlOf(postgres.app, socketFolder),
			owner: urlOf(postgres.owner, socketFolder),
		}),
		pid: file?.pid,
		async stop() {
			await admin.end();
			await postgres.stop();
		},
	};
}

function urlOf(target: SocketTarget, socketFolder = target.host): string {
	const { user, password, database } = target;
	return `postgres://${user}:${password}@localhost/${database}?host=${encodeURIComponent(socketFolder)}`;
}

/**
 * Looks at the tables as PostgreSQL does by itself where they have been in use for a while. At those alone that hold something:
 * statements that are planned for a table known to be empty, the checks of foreign keys among them, would read it from end to
 * end when it has been filled.
 */
export async function vacuumFilled(admin: pg.Client): Promise<void> {
	const { rows } = await admin.query<{ name: string }>(
		`select c.oid::regclass::text as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
		where c.relkind = 'r' and n.nspname = current_schema and pg_relation_size(c.oid) >= 128 * 1024`,
	);
	const names = rows.map(({ name }) => name).join(", ");
	if (names !== "") await admin.query(`vacuum (analyze) ${names}`);
}

export interface PostgresFacts {
	readonly version: string;
	/** The settings that make a commit durable, as the server has them. */
	readonly durability: readonly string[];
}

export async function postgresFacts(admin: pg.Client): Promise<PostgresFacts> {
	const { rows } = await admin.query<{ name: string; setting: string }>(
		`select name, setting from pg_settings
		where name in ('fsync', 'synchronous_commit', 'full_page_writes', 'wal_sync_method') order by name`,
	);
	const shown = await admin.query<{ server_version: string }>(
		"show server_version",
	);
	return {
		version: shown.rows[0]?.server_version ?? "unknown",
		durability: rows.map(({ name, setting }) => `${name} = ${setting}`),
	};
}
