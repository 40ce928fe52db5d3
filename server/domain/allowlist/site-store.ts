/** The only SQL that makes and finds sites; their revisions and sizes move with the entries (`allowlist-store.ts`). */
import { type Sql, sql } from "../../platform/sql.ts";

/** The site that enforces an address, the one with the longest prefix around it; undefined where none does. */
export function findSiteOf(
	db: Sql,
	address: string,
): Promise<{ readonly id: string } | undefined> {
	return db.first(sql<{ id: string }>`
		select site_id as id from site_prefixes where prefix >>= ${address}::inet
		order by masklen(prefix) desc limit 1`);
}

/** False when there is one with this id. */
export async function insertSite(
	db: Sql,
	id: string,
	now: Date,
): Promise<boolean> {
	const inserted = await db.run(
		sql`insert into sites (id, created_at) values (${id}, ${now}) on conflict (id) do nothing`,
	);
	return inserted === 1;
}

/** Adds the prefixes that overlap with none, and says how many those were. */
export function insertPrefixes(
	db: Sql,
	siteId: string,
	prefixes: readonly string[],
): Promise<number> {
	return db.run(sql`
		insert into site_prefixes (site_id, prefix)
		select ${siteId}, prefix from unnest(${prefixes}::cidr[]) as prefix
		on conflict do nothing`);
}

/** Those of the prefixes that the site has already, as they stand there. */
export async function listPrefixesOf(
	db: Sql,
	siteId: string,
): Promise<string[]> {
	const rows = await db.rows(
		sql<{
			prefix: string;
		}>`select prefix::text as prefix from site_prefixes where site_id = ${siteId}`,
	);
	return rows.map((row) => row.prefix);
}
