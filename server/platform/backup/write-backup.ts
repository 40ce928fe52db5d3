/** Writes a backup of a database that may be in use: one snapshot, as a stream. */
import type pg from "pg";
import { Bug } from "../../kernel/assert.ts";
import { appliedMigrations } from "../migrate.ts";
import { writeSealedFile } from "./backup-file.ts";
import {
	type FileCount,
	type FileSource,
	linesOfFiles,
} from "./backup-files.ts";
import {
	type BackupHeader,
	type BackupTable,
	filesExtra,
	formatVersion,
	headerLine,
} from "./backup-header.ts";
import { readSequences, readTables, type TableShape } from "./catalogue.ts";
import { inTransaction } from "./in-transaction.ts";

export interface WriteBackup {
	readonly path: string;
	/** Of Postern, for the header. */
	readonly version: string;
	readonly now: Date;
	/** The files that its rows speak of; without, they are not in it. */
	readonly files?: FileSource;
}

export interface WrittenBackup {
	readonly header: BackupHeader;
	readonly rows: number;
	readonly sizeBytes: number;
	/** Undefined when files are not in it. */
	readonly files: FileCount | undefined;
}

/** Rows are fetched so many at a time. */
const rowsAtATime = 500;

/**
 * Backs up the database of `client`, connected as its owner, into a file (see `backup-file.ts`). Everything in it is of
 * one moment; nobody is blocked meanwhile. Memory does not grow with the database. StartFailure: the file cannot be written.
 */
export function writeBackup(
	client: pg.ClientBase,
	{ path, version, now, files }: WriteBackup,
): Promise<WrittenBackup> {
	const mode = "isolation level repeatable read, read only";
	return inTransaction(client, mode, async () => {
		// Texts that mean the same on every machine and in every session.
		await client.query(
			"set local timezone = 'UTC'; set local datestyle = 'ISO'; set local intervalstyle = 'iso_8601'; set local extra_float_digits = 1; set local bytea_output = 'hex'",
		);
		const header: BackupHeader = {
			formatVersion,
			postern: version,
			...(await readVersions(client)),
			createdAt: now,
			tables: await countRows(client, await readTables(client)),
			sequences: await readSequences(client),
			extras: files === undefined ? [] : [filesExtra],
		};
		const count: FileCount | undefined = files && { whole: 0, damaged: 0 };
		const follows = files && count && linesOfFiles(files, count);
		const sizeBytes = await writeSealedFile(
			path,
			content(client, header, follows),
		);
		const rows = header.tables.reduce((sum, table) => sum + table.rows, 0);
		return { header, rows, sizeBytes, files: count };
	});
}

async function readVersions(
	client: pg.ClientBase,
): Promise<Pick<BackupHeader, "postgres" | "migrations">> {
	const { rows } = await client.query<{ version: string }>(
		"select current_setting('server_version') as version",
	);
	const migrations = [...(await appliedMigrations(client))]
		.map(([name, digest]) => ({ name, digest }))
		.sort((a, b) => (a.name < b.name ? -1 : 1));
	return { postgres: rows[0]?.version ?? "", migrations };
}

async function countRows(
	client: pg.ClientBase,
	tables: readonly TableShape[],
): Promise<BackupTable[]> {
	const counted: BackupTable[] = [];
	for (const { name, columns } of tables) {
		const { rows } = await client.query<{ count: number }>(
			`select count(*) as count from public.${client.escapeIdentifier(name)}`,
		);
		counted.push({
			name,
			columns: columns.map((column) => column.name),
			rows: rows[0]?.count ?? 0,
		});
	}
	return counted;
}

/**
 * The header, then of each table a line with its name and one line a row, then files if there are any, and a line that says
 * that this was all.
 */
async function* content(
	client: pg.ClientBase,
	header: BackupHeader,
	files: AsyncIterable<string> | undefined,
): AsyncGenerator<string> {
	yield `${headerLine(header)}\n`;
	for (const { name, columns, rows } of header.tables) {
		yield `${JSON.stringify({ table: name })}\n`;
		let written = 0;
		for await (const lines of rowsOf(client, name, columns)) {
			written += lines.length;
			yield lines.map((line) => `${JSON.stringify(line)}\n`).join("");
		}
		if (written !== rows)
			throw new Bug(`${name} changed within a snapshot: ${rows} → ${written}`);
	}
	if (files !== undefined) yield* files;
	yield `${JSON.stringify({ end: true })}\n`;
}

/** Every value in PostgreSQL's own text form, which reads back as the same value; null stays null. */
async function* rowsOf(
	client: pg.ClientBase,
	table: string,
	columns: readonly string[],
): AsyncGenerator<unknown[][]> {
	const list = columns
		.map((column) => `${client.escapeIdentifier(column)}::text`)
		.join(", ");
	await client.query(
		`declare backup_rows no scroll cursor for select ${list} from public.${client.escapeIdentifier(table)}`,
	);
	for (;;) {
		const { rows } = await client.query<unknown[]>({
			text: `fetch ${rowsAtATime} from backup_rows`,
			rowMode: "array",
		});
		if (rows.length === 0) break;
		yield rows;
	}
	await client.query("close backup_rows");
}
