/** Whether anything was written: every table in one statement. */
import type pg from "pg";

/** Table → digest of its rows. */
export type Snapshot = Readonly<Record<string, string>>;

const digests = new WeakMap<pg.Pool, string>();

/** A digest of every row there is, those of rate limits, open streams and what was begun in signing in aside. */
export async function snapshot(pool: pg.Pool): Promise<Snapshot> {
	const text = digests.get(pool) ?? (await digestStatement(pool));
	digests.set(pool, text);
	const { rows } = await pool.query<{ table: string; digest: string }>(text);
	return Object.fromEntries(rows.map(({ table, digest }) => [table, digest]));
}

/** The application may not change their rows, so their number says it all. */
const appendOnly: ReadonlySet<string> = new Set([
	"audit",
	"events",
	"policies",
]);

/** One statement over every table, so that a new table is looked at without anybody thinking of it. */
async function digestStatement(pool: pg.Pool): Promise<string> {
	const { rows } = await pool.query<{ name: string }>(`
		select relname as name from pg_class
		where relnamespace = 'public'::regnamespace and relkind = 'r' and relname not in ('rate_windows', 'open_streams', 'sign_in_flows')
			and has_table_privilege(oid, 'select')
		order by relname`);
	return rows
		.map(({ name }) => {
			const rest = appendOnly.has(name)
				? "''"
				: "md5(coalesce(string_agg(t::text, E'\\n' order by t::text), ''))";
			return `select '${name}' as table, count(*) || ' rows ' || ${rest} as digest from ${name} t`;
		})
		.join(" union all ");
}
