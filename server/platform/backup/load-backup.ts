/** Loads a backup into a new database. */
import type pg from "pg";
import { type Migration, migrate } from "../migrate.ts";
import { StartFailure } from "../start-failure.ts";
import { type Backup, linesOf, newer } from "./backup-file.ts";
import type { BackupHeader } from "./backup-header.ts";
import { readTables, type TableShape } from "./catalogue.ts";
import { inTransaction } from "./in-transaction.ts";

/** A statement carries so many rows, or fewer when they are long. */
const rowsAtATime = 500;
const charactersAtATime = 4 * 1024 * 1024;

/**
 * The migrations that the backup's database had seen, out of all of this version's: what to run before it can be loaded.
 * StartFailure: the backup knows one that this version does not, or knows it differently.
 */
export function migrationsOf(
	{ path, header }: Backup,
	all: readonly Migration[],
): Migration[] {
	const known = new Map(all.map((migration) => [migration.name, migration]));
	return header.migrations.map(({ name, digest }) => {
		const migration = known.get(name);
		if (migration === undefined) throw new StartFailure(newer(path, header));
		if (migration.digest !== digest)
			throw new StartFailure(
				`${path} was made after another form of the migration ${name} had run. Restore it with the Postern (${header.postern}) that made it.`,
			);
		return migration;
	});
}

/**
 * Loads the backup into the database of `client`, connected as its owner, and brings it up to date: first the migrations
 * that the backup's database had seen, then its rows in one transaction with every constraint looked at, then the rest. The
 * database must hold nothing but what migrations make. Returns the number of rows.
 *
 * StartFailure as `migrationsOf`, and for content that does not fit.
 */
export async function loadBackup(
	client: pg.ClientBase,
	backup: Backup,
	all: readonly Migration[],
): Promise<number> {
	await migrate(client, migrationsOf(backup, all));
	const rows = await inTransaction(client, "", async () => {
		const shapes = matched(backup, await readTables(client));
		await emptyTables(client, shapes);
		const loaded = await loadRows(client, backup, shapes);
		await setSequences(client, backup.header);
		return loaded;
	});
	await migrate(client, all);
	// A fresh database plans as if it were empty otherwise.
	await client.query("analyze");
	return rows;
}

/** The shapes of the backup's tables as they are here, in the order of the backup. */
function matched(
	{ path, header }: Backup,
	here: readonly TableShape[],
): ReadonlyMap<string, TableShape> {
	const shapes = new Map(here.map((shape) => [shape.name, shape]));
	const found = header.tables.map((table) => {
		const shape = shapes.get(table.name);
		const columns = shape?.columns.map((column) => column.name);
		if (shape === undefined || columns?.join() !== table.columns.join())
			throw notFitting(path, table.name);
		return [table.name, shape] as const;
	});
	const missing = here.find(
		({ name }) => !header.tables.some((table) => table.name === name),
	);
	if (missing !== undefined) throw notFitting(path, missing.name);
	return new Map(found);
}

function notFitting(path: string, table: string): StartFailure {
	return new StartFailure(
		`${path} does not fit the tables of this version (${table}). Restore it with the Postern that made it.`,
	);
}

/** Removes the rows that migrations made: the backup has its own. */
async function emptyTables(
	client: pg.ClientBase,
	shapes: ReadonlyMap<string, TableShape>,
): Promise<void> {
	for (const name of [...shapes.keys()].reverse())
		await client.query(`delete from public.${client.escapeIdentifier(name)}`);
}

async function loadRows(
	client: pg.ClientBase,
	{ path, header }: Backup,
	shapes: ReadonlyMap<string, TableShape>,
): Promise<number> {
	const missing = new Map(header.tables.map(({ name, rows }) => [name, rows]));
	let sum = 0;
	for await (const { table, rows } of batchesOf(path)) {
		const shape = shapes.get(table);
		if (shape === undefined) throw notFitting(path, table);
		await insert(client, shape, rows);
		missing.set(table, (missing.get(table) ?? 0) - rows.length);
		sum += rows.length;
	}
	for (const [table, count] of missing)
		if (count !== 0) throw notFitting(path, table);
	return sum;
}

interface Batch {
	readonly table: string;
	readonly rows: readonly unknown[][];
}

/** The rows of the backup, some at a time, never of two tables at once. */
async function* batchesOf(path: string): AsyncGenerator<Batch> {
	let table = "";
	let rows: unknown[][] = [];
	let characters = 0;
	let isHeader = true;
	for await (const line of linesOf(path)) {
		const read: unknown = isHeader ? undefined : JSON.parse(line);
		isHeader = false;
		if (Array.isArray(read)) {
			rows.push(read);
			characters += line.length;
			if (rows.length < rowsAtATime && characters < charactersAtATime) continue;
		}
		if (rows.length > 0) yield { table, rows };
		rows = [];
		characters = 0;
		if (isObject(read) && ("end" in read || "files" in read)) return;
		if (isObject(read) && "table" in read) table = String(read.table);
	}
	throw notFitting(path, "it has no end");
}

function isObject(value: unknown): value is object {
	return typeof value === "object" && value !== null;
}

/** One parameter a column, each a list of texts; PostgreSQL reads them as the types of the columns. */
async function insert(
	client: pg.ClientBase,
	{ name, columns }: TableShape,
	rows: readonly unknown[][],
): Promise<void> {
	const names = columns.map((column) => client.escapeIdentifier(column.name));
	const values = columns.map(({ type }, i) => `c${i}::${type}`);
	const lists = columns.map((_, i) => `$${i + 1}::text[]`);
	await client.query(
		`insert into public.${client.escapeIdentifier(name)} (${names.join(", ")}) overriding system value
		 select ${values.join(", ")} from unnest(${lists.join(", ")}) as r (${columns.map((_, i) => `c${i}`).join(", ")})`,
		columns.map((_, i) => rows.map((row) => row[i])),
	);
}

async function setSequences(
	client: pg.ClientBase,
	{ sequences }: BackupHeader,
): Promise<void> {
	for (const { name, last, isCalled } of sequences)
		await client.query("select setval($1::regclass, $2, $3)", [
			`public.${client.escapeIdentifier(name)}`,
			last,
			isCalled,
		]);
}
