/** The only SQL that says of entries what the edge has made of them. */
import { type Sql, sql } from "../../platform/sql.ts";

export interface SettledEntry {
	readonly id: string;
	readonly clientId: string;
	readonly address: string;
	readonly siteRevision: number;
}

export interface Settling {
	readonly siteId: string;
	/** What came or went with this revision of the site, or before. */
	readonly revision: number;
	readonly at: Date;
	/** At most so many. */
	readonly limit: number;
}

/**
 * Opens what waits for it. Entries that are just being changed are passed over: they get a revision of their own, or are
 * found the next time.
 */
export function openEntries(
	db: Sql,
	{ siteId, revision, at, limit }: Settling,
): Promise<SettledEntry[]> {
	return db.rows(sql<SettledEntry>`
		with those as materialized (
			select id from allowlist_entries
			where site_id = ${siteId} and state = 'active' and opened_at is null and site_revision <= ${revision}
			order by site_revision limit ${limit} for no key update skip locked
		)
		update allowlist_entries e set opened_at = ${at} from those where e.id = those.id
		returning e.id, client_id, host(address) as address, site_revision`);
}

/**
 * Forgets departures whose revision was reached, and closes the entries that no site has any more and that this was the last
 * to wait for. Where an entry has a site, that one closes it (`closeEntries`).
 */
export async function forgetDepartures(
	db: Sql,
	{ siteId, revision, at, limit }: Settling,
): Promise<{
	readonly forgotten: number;
	readonly closed: readonly SettledEntry[];
}> {
	// What was deleted by somebody else a moment ago is not counted again: the delete finds it gone.
	const rows = await db.rows(sql<SettledEntry & { isClosed: boolean }>`
		with those as materialized (
			select d.entry_id, d.revision from allowlist_departures d join allowlist_entries e on e.id = d.entry_id
			where d.site_id = ${siteId} and d.revision <= ${revision}
			order by d.revision limit ${limit} for no key update of e skip locked
		), gone as (
			delete from allowlist_departures d using those
			where d.entry_id = those.entry_id and d.site_id = ${siteId}
			returning d.entry_id, d.revision
		)
		update allowlist_entries e set
			departures = departures - 1,
			closed_at = case when state <> 'active' and site_id is null and departures = 1
				then ${at}::timestamptz else closed_at end
		from gone where e.id = gone.entry_id
		returning e.id, client_id, host(address) as address, gone.revision as site_revision,
			state <> 'active' and site_id is null and departures = 0 as is_closed`);
	return {
		forgotten: rows.length,
		closed: rows.filter(({ isClosed }) => isClosed),
	};
}

/** Closes what left the set, unless a site that it was at before may hold it open still. */
export function closeEntries(
	db: Sql,
	{ siteId, revision, at, limit }: Settling,
): Promise<SettledEntry[]> {
	return db.rows(sql<SettledEntry>`
		with those as materialized (
			select id from allowlist_entries
			where site_id = ${siteId} and state <> 'active' and closed_at is null and site_revision <= ${revision}
				and departures = 0
			order by site_revision limit ${limit} for no key update skip locked
		)
		update allowlist_entries e set closed_at = ${at} from those where e.id = those.id
		returning e.id, client_id, host(address) as address, site_revision`);
}

/** Sites where something waits for the edge. */
export async function listUnsettledSites(db: Sql): Promise<string[]> {
	const rows = await db.rows(sql<{ id: string }>`
		select id from sites s
		where exists (select from allowlist_entries where site_id = s.id and state = 'active' and opened_at is null)
			or exists (select from allowlist_entries where site_id = s.id and state <> 'active' and closed_at is null)
			or exists (select from allowlist_departures where site_id = s.id)
		order by id`);
	return rows.map((row) => row.id);
}
