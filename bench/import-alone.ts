/** What PostgreSQL does alone with the rows of an import: the measure of it. */
import type pg from "pg";

const tables = [
	"clients",
	"identity_proofs",
	"services",
	"leases",
	"events",
	"audit",
] as const;

/**
 * Writes what these tables hold into empty ones that have the same indexes and checks, but no foreign keys, a statement a
 * table, in one transaction. Returns the seconds it took. `admin` is a superuser.
 */
export async function writeAlone(admin: pg.Client): Promise<number> {
	await admin.query("create schema alone");
	for (const table of tables)
		await admin.query(
			`create table alone.${table} (like public.${table} including all)`,
		);
	const columns = new Map<string, string>();
	for (const table of tables) columns.set(table, await columnsOf(admin, table));
	await admin.query("checkpoint");
	const beganAt = performance.now();
	await admin.query("begin");
	for (const [table, names] of columns)
		await admin.query(
			`insert into alone.${table} (${names}) overriding system value select ${names} from public.${table}`,
		);
	await admin.query("commit");
	const seconds = (performance.now() - beganAt) / 1000;
	await admin.query("drop schema alone cascade");
	return seconds;
}

/** Those that are written: the generated ones follow. */
async function columnsOf(admin: pg.Client, table: string): Promise<string> {
	const { rows } = await admin.query<{ names: string }>(
		`select string_agg(quote_ident(column_name), ', ' order by ordinal_position) as names
		from information_schema.columns
		where table_schema = 'public' and table_name = $1 and is_generated = 'NEVER'`,
		[table],
	);
	return rows[0]?.names ?? "";
}
