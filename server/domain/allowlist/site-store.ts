/** The only SQL that makes and finds sites; their revisions and sizes move with the entries (`allowlist-store.ts`). */
import { none, type Sql, type Statement, sql } from "../../platform/sql.ts";
import { canonicalPrefix, type Site } from "./site.ts";

/**
 * Which network belongs to which site is looked at under this lock and changed under it: an entry that is just being
 * added would otherwise keep the site of a moment ago. Held to the end of the transaction.
 */
const layout: Statement = sql`hashtextextended('the layout of the sites', 0)`;

/** Nobody changes the layout until the transaction ends. Costs no wait, unless an administrator is at it. */
export async function holdLayout(db: Sql): Promise<void> {
	await db.run(sql`select pg_advisory_xact_lock_shared(${layout})`);
}

/** Nobody reads or changes the layout until the transaction ends; waits for those who do. */
export async function lockLayout(db: Sql): Promise<void> {
	await db.run(sql`select pg_advisory_xact_lock(${layout})`);
}

/** The id of the site that enforces an address; no row where none does. */
export function siteOf(
	address: string,
): Statement<{ readonly siteId: string }> {
	return sql`select site_id from site_prefixes where prefix >>= ${address}::inet`;
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

/** Takes every prefix away from the site that is not among these. */
export async function deletePrefixesBut(
	db: Sql,
	siteId: string,
	prefixes: readonly string[],
): Promise<void> {
	await db.run(sql`
		delete from site_prefixes where site_id = ${siteId} and not prefix = any(${prefixes}::cidr[])`);
}

/**
 * Raises the revision of a site because its networks changed. Its agents know these only from a snapshot, so this step is
 * never told as a change: whoever stands before it takes one.
 */
export async function raiseForLayout(
	db: Sql,
	siteId: string,
	at: Date,
): Promise<void> {
	await db.run(sql`
		with site as (
			update sites set revision = revision + 1 where id = ${siteId} returning id, revision, size, sum
		)
		insert into allowlist_deltas (site_id, revision, added, removed, size, sum, at, is_layout)
		select id, revision, '{}', '{}', size, sum, ${at}, true from site`);
}

/** In canonical form. */
export async function listPrefixesOf(
	db: Sql,
	siteId: string,
): Promise<string[]> {
	const rows = await db.rows(
		sql<{
			prefix: string;
		}>`select prefix::text as prefix from site_prefixes where site_id = ${siteId}`,
	);
	return rows.map((row) => canonicalPrefix(row.prefix));
}

export async function findSite(db: Sql, id: string): Promise<Site | undefined> {
	const [site] = await selectSites(db, sql`where s.id = ${id}`);
	return site;
}

/** All of them, by their ids. */
export function listAllSites(db: Sql): Promise<Site[]> {
	return selectSites(db, none);
}

async function selectSites(db: Sql, which: Statement): Promise<Site[]> {
	const sites = await db.rows(sql<Site>`
		select s.id, s.epoch, s.revision, s.size, s.created_at,
			coalesce((
				select array_agg(p.prefix::text order by p.prefix) from site_prefixes p where p.site_id = s.id
			), '{}') as prefixes
		from sites s ${which} order by s.id`);
	return sites.map((site) => ({
		...site,
		prefixes: site.prefixes.map(canonicalPrefix),
	}));
}
