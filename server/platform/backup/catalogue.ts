/** What a database holds, as a backup sees it: its tables in an order in which they can be filled, and its sequences. */
import type pg from "pg";
import { Bug } from "../../kernel/assert.ts";

export interface TableShape {
	readonly name: string;
	readonly columns: readonly ColumnShape[];
}

export interface ColumnShape {
	readonly name: string;
	/** As PostgreSQL writes it: `timestamp(3) with time zone`. */
	readonly type: string;
}

export interface SequenceState {
	readonly name: string;
	readonly last: number;
	/** Whether `last` was given out already. */
	readonly isCalled: boolean;
}

/**
 * Types whose values mean something within one cluster only: a transaction's number of the old cluster would lie in the
 * future of a new one. Such a column is left to its default, that is to the transaction which loads the row.
 */
const clusterBound = ["xid", "xid8", "pg_lsn", "pg_snapshot"];

/**
 * The tables of the schema `public` with the columns that are data: not generated, not bound to the cluster. A table comes
 * after those it refers to; two that refer to each other may do so when the database looks at the end of the transaction
 * (`deferrable initially deferred`). Unlogged tables are left out: they hold what may be forgotten.
 */
export async function readTables(client: pg.ClientBase): Promise<TableShape[]> {
	const { rows } = await client.query<{ name: string; columns: unknown }>(
		`select c.relname as name, (
			select coalesce(json_agg(json_build_object('name', a.attname, 'type', format_type(a.atttypid, a.atttypmod))
				order by a.attnum), '[]')
			from pg_attribute a join pg_type t on t.oid = a.atttypid
			where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
				and t.typname <> all($1::text[])
		 ) as columns
		 from pg_class c
		 where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.relpersistence = 'p'
		 order by c.relname`,
		[clusterBound],
	);
	const columnsOf = new Map(
		rows.map(({ name, columns }) => [name, readColumns(columns)]),
	);
	return inLoadOrder([...columnsOf.keys()], await readReferences(client)).map(
		(name) => ({ name, columns: columnsOf.get(name) ?? [] }),
	);
}

/** Every sequence with where it stands. Sequences are outside any snapshot: read this after the snapshot was taken. */
export async function readSequences(
	client: pg.ClientBase,
): Promise<SequenceState[]> {
	const { rows } = await client.query<{ name: string }>(
		`select relname as name from pg_class
		 where relnamespace = 'public'::regnamespace and relkind = 'S' order by relname`,
	);
	const states: SequenceState[] = [];
	for (const { name } of rows) {
		const found = await client.query<{ last: number; is_called: boolean }>(
			`select last_value as last, is_called from public.${client.escapeIdentifier(name)}`,
		);
		const state = found.rows[0];
		if (state === undefined) throw new Bug(`sequence ${name} has no row`);
		states.push({ name, last: state.last, isCalled: state.is_called });
	}
	return states;
}

interface Reference {
	readonly from: string;
	readonly to: string;
}

/** References that are looked at with each statement. */
async function readReferences(client: pg.ClientBase): Promise<Reference[]> {
	const { rows } = await client.query<Reference>(
		`select f.relname as from, t.relname as to
		 from pg_constraint c
		 join pg_class f on f.oid = c.conrelid join pg_class t on t.oid = c.confrelid
		 where c.contype = 'f' and not c.condeferred and c.connamespace = 'public'::regnamespace
		 order by 1, 2`,
	);
	return rows;
}

/** Every table after those it refers to; by name where that leaves a choice. */
export function inLoadOrder(
	tables: readonly string[],
	references: readonly Reference[],
): string[] {
	const ordered: string[] = [];
	const rest = new Set(tables);
	while (rest.size > 0) {
		const ready = [...rest].filter((table) =>
			references.every(({ from, to }) => from !== table || !rest.has(to)),
		);
		if (ready.length === 0)
			throw new Bug(
				`tables refer to each other, and not only at the end of a transaction: ${[...rest].join(", ")}`,
			);
		for (const table of ready) rest.delete(table);
		ordered.push(...ready);
	}
	return ordered;
}

function readColumns(value: unknown): ColumnShape[] {
	const items: readonly unknown[] = Array.isArray(value) ? value : [];
	return items.filter(isColumn);
}

function isColumn(item: unknown): item is ColumnShape {
	return (
		typeof item === "object" &&
		item !== null &&
		"name" in item &&
		typeof item.name === "string" &&
		"type" in item &&
		typeof item.type === "string"
	);
}
