/** The first line of a backup: what it is, and what a database must be like to take it in. */
import type { SequenceState } from "./catalogue.ts";

const format = "postern-backup";

/** Raised when an older Postern could not read what a newer one writes. */
export const formatVersion = 1;

/** In `extras` when files follow after the rows. */
export const filesExtra = "attachments";

export interface BackupHeader {
	readonly formatVersion: number;
	/** The version of Postern that wrote it. */
	readonly postern: string;
	/** The version of PostgreSQL it came from. */
	readonly postgres: string;
	readonly createdAt: Date;
	/** Those that had run, oldest first. */
	readonly migrations: readonly RanMigration[];
	/** In the order in which they follow, and can be loaded. */
	readonly tables: readonly BackupTable[];
	readonly sequences: readonly SequenceState[];
	/** What is not in tables and follows after them, by name (see `backup-files.ts`). */
	readonly extras: readonly string[];
}

export interface RanMigration {
	readonly name: string;
	readonly digest: string;
}

export interface BackupTable {
	readonly name: string;
	readonly columns: readonly string[];
	readonly rows: number;
}

export function headerLine(header: BackupHeader): string {
	return JSON.stringify({ format, ...header });
}

/** Undefined for a line that is no header of a backup. Of a newer format only the versions are looked at. */
export function parseHeader(line: string): BackupHeader | undefined {
	const read = parseObject(line);
	if (read === undefined || read["format"] !== format) return undefined;
	const version = read["formatVersion"];
	const postern = read["postern"];
	const postgres = read["postgres"];
	const createdAt = new Date(String(read["createdAt"]));
	if (
		typeof version !== "number" ||
		typeof postern !== "string" ||
		typeof postgres !== "string" ||
		Number.isNaN(createdAt.getTime())
	)
		return undefined;
	const about = { formatVersion: version, postern, postgres, createdAt };
	if (version > formatVersion)
		return { ...about, migrations: [], tables: [], sequences: [], extras: [] };
	const migrations = listOf(read["migrations"], isMigration);
	const tables = listOf(read["tables"], isTable);
	const sequences = listOf(read["sequences"], isSequence);
	const extras = listOf(read["extras"], isText);
	return migrations && tables && sequences && extras
		? { ...about, migrations, tables, sequences, extras }
		: undefined;
}

function parseObject(line: string): Record<string, unknown> | undefined {
	let parsed: unknown;
	try {
		parsed = JSON.parse(line);
	} catch {
		return undefined;
	}
	return isObject(parsed) ? parsed : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}

function listOf<Item>(
	value: unknown,
	isItem: (item: unknown) => item is Item,
): readonly Item[] | undefined {
	if (!Array.isArray(value)) return undefined;
	const items: readonly unknown[] = value;
	const known = items.filter(isItem);
	return known.length === items.length ? known : undefined;
}

function isText(item: unknown): item is string {
	return typeof item === "string";
}

function isCount(item: unknown): boolean {
	return Number.isSafeInteger(item) && Number(item) >= 0;
}

function isMigration(item: unknown): item is RanMigration {
	return isObject(item) && isText(item["name"]) && isText(item["digest"]);
}

function isTable(item: unknown): item is BackupTable {
	return (
		isObject(item) &&
		isText(item["name"]) &&
		isCount(item["rows"]) &&
		listOf(item["columns"], isText) !== undefined
	);
}

function isSequence(item: unknown): item is SequenceState {
	return (
		isObject(item) &&
		isText(item["name"]) &&
		isCount(item["last"]) &&
		typeof item["isCalled"] === "boolean"
	);
}
