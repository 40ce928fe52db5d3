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

/** Closes likewise. */
export function closeEntries(
	db: Sql,
	{ siteId, revision, at, limit }: Settling,
): Promise<SettledEntry[]> {
	return db.rows(sql<SettledEntry>`
		with those as materialized (
			select id from allowlist_entries
			where site_id = ${siteId} and state <> 'active' and closed_at is null and site_revision <= ${revision}
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
		order by id`);
	return rows.map((row) => row.id);
}
