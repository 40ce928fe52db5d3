/** The only SQL on the allow-list: entries, and the deltas of each site's desired set. */
import { type Sql, type Statement, sql } from "../../platform/sql.ts";
import type { Entry, EntryState } from "./entry.ts";
import { siteOf } from "./site-store.ts";

export interface NewEntry {
	readonly id: string;
	readonly address: string;
	readonly leaseId: string;
	readonly clientId: string;
	readonly clientLegacyId: number;
	readonly serviceId: string;
	readonly serviceLegacyId: number;
	readonly serviceName: string;
	readonly requestId: string | null;
	readonly notes: string | null;
	readonly addedBy: "staff" | "system";
	readonly addedById: string;
	readonly createdAt: Date;
}

/** What makes an Entry. */
export const columns: Statement = sql`
	id, number, host(address) as address, client_id, client_legacy_id, service_id, service_legacy_id, service_name,
	site_id, request_id, state, notes, added_by, added_by_id, opened_at, closed_at, created_at, updated_at,
	end_reason`;

/**
 * The sum of a locked `site` after elements came and went; `edge_sum` and `edge_number` are made by migration 0007.
 *
 * Revision, size and sum are worked out from the row as the lock found it, and not from the one that is updated: the database
 * checks a constraint on the row that the statement's snapshot shows first, and that one may be older.
 */
export function newSum(added: Statement, removed: Statement): Statement {
	return sql`edge_sum(site.sum
		+ (select coalesce(sum(edge_number(a)), 0) from unnest(${added}) a)
		- (select coalesce(sum(edge_number(r)), 0) from unnest(${removed}) r))`;
}

/** Of a row of `sites`: whether there is an agent that was given its set, and may hold open what is taken out of it. */
export const mayHoldOpen: Statement = sql`exists (
	select from edge_agents a where a.site_id = sites.id and a.met_at is not null and a.removed_at is null)`;

/**
 * Inserts the entry at the site that enforces its address, raises the revision of the site, with size and sum, and remembers
 * the delta, in one statement. Undefined when the address has a live entry already. The site's row stays locked to the commit,
 * so revisions are in commit order. The layout of the sites must be held.
 */
export function insertEntry(
	db: Sql,
	entry: NewEntry,
): Promise<(Entry & { readonly revision: number | null }) | undefined> {
	return db.first(sql<Entry & { readonly revision: number | null }>`
		with site as (
			select id, revision, size, sum from sites where id = (${siteOf(entry.address)}) for no key update
		), entry as (
			insert into allowlist_entries
				(id, address, lease_id, client_id, client_legacy_id, service_id, service_legacy_id, service_name,
				 site_id, site_revision, request_id, state, notes, added_by, added_by_id, created_at, updated_at)
			values
				(${entry.id}, ${entry.address}, ${entry.leaseId}, ${entry.clientId}, ${entry.clientLegacyId},
				 ${entry.serviceId}, ${entry.serviceLegacyId}, ${entry.serviceName},
				 (select id from site), (select revision + 1 from site), ${entry.requestId},
				 'active', ${entry.notes}, ${entry.addedBy}, ${entry.addedById}, ${entry.createdAt}, ${entry.createdAt})
			on conflict (address) where state <> 'revoked' do nothing
			returning *
		), raised as (
			update sites set revision = site.revision + 1, size = site.size + 1,
				sum = ${newSum(sql`array[entry.address]`, sql`array[]::inet[]`)}
			from entry join site on site.id = entry.site_id where sites.id = site.id
			returning sites.id, sites.revision, sites.size, sites.sum
		), delta as (
			insert into allowlist_deltas (site_id, revision, added, removed, size, sum, at)
			select raised.id, raised.revision, array[entry.address], array[]::inet[], raised.size, raised.sum, ${entry.createdAt}
			from raised, entry
		)
		select ${columns}, (select revision from raised) as revision from entry`);
}

/** The entry that is active or suspended on an address, whoever has it. */
export function findLiveEntry(
	db: Sql,
	address: string,
): Promise<Entry | undefined> {
	return db.first(
		sql<Entry>`select ${columns} from allowlist_entries where address = ${address}::inet and state <> 'revoked'`,
	);
}

/** Live entries of a client, oldest first. */
export function listLiveEntries(db: Sql, clientId: string): Promise<Entry[]> {
	return db.rows(
		sql<Entry>`
			select ${columns} from allowlist_entries
			where client_id = ${clientId} and state <> 'revoked' order by number`,
	);
}

/** The newest entry that each of these requests, of these clients, was granted. */
export function listEntriesOfRequests(
	db: Sql,
	requests: readonly { readonly id: string; readonly clientId: string }[],
): Promise<Entry[]> {
	return db.rows(sql<Entry>`
		select distinct on (request_id) ${columns} from allowlist_entries
		where (request_id, client_id) in (
			select * from unnest(
				${requests.map(({ id }) => id)}::text[], ${requests.map(({ clientId }) => clientId)}::text[]
			)
		)
		order by request_id, number desc`);
}

/** How many entries of a client were ever revoked. */
export async function countRevoked(db: Sql, clientId: string): Promise<number> {
	const found = await db.first(sql<{ revoked: number }>`
		select count(*) as revoked from allowlist_entries where client_id = ${clientId} and state = 'revoked'`);
	return found?.revoked ?? 0;
}

/** Which entries to change: one, or all that stand on something that ends. */
export type Which =
	| { readonly id: string }
	| { readonly ids: readonly string[] }
	| { readonly leaseIds: readonly string[] }
	| { readonly serviceId: string }
	| { readonly clientId: string }
	| "all";

function those(which: Which): Statement {
	if (which === "all") return sql`true`;
	if ("id" in which) return sql`id = ${which.id}`;
	if ("ids" in which) return sql`id = any(${which.ids}::text[])`;
	if ("leaseIds" in which)
		return sql`lease_id = any(${which.leaseIds}::text[])`;
	return "serviceId" in which
		? sql`service_id = ${which.serviceId}`
		: sql`client_id = ${which.clientId}`;
}

export interface EntryChange {
	readonly from: readonly EntryState[];
	readonly to: EntryState;
	/** Why; null for a resumption. */
	readonly reason: string | null;
	/** Whether a restore does it, and the operator has to confirm them. Every other change takes that mark off. */
	readonly awaitsConfirmation: boolean;
	readonly at: Date;
}

/**
 * Moves the entries that are in one of the states `from`, raises the revision of each site they are at by one, with size and
 * sum, and remembers the delta, in one statement. Returns what was changed, with the new revision of its site.
 *
 * What leaves the desired set is closed at once where no agent was ever given it, there and where it was before; elsewhere
 * when all of them say so.
 */
export function changeEntries(
	db: Sql,
	which: Which,
	{ from, to, reason, awaitsConfirmation, at }: EntryChange,
): Promise<(Entry & { readonly revision: number | null })[]> {
	return db.rows(sql<Entry & { readonly revision: number | null }>`
		with before as materialized (
			select id, site_id, state = 'active' as was_active from allowlist_entries
			where ${those(which)} and state = any(${from}::text[])
			order by id for update
		), site as materialized (
			select id, revision, size, sum, ${mayHoldOpen} as is_enforced
			from sites where id = any(array(select site_id from before)) order by id for no key update
		), changed as (
			update allowlist_entries e set
				state = ${to}, end_reason = ${reason}, awaits_confirmation = ${awaitsConfirmation}, updated_at = ${at},
				revoked_at = case when ${to} = 'revoked' then ${at}::timestamptz end,
				opened_at = case when ${to} = 'active' then null else opened_at end,
				closed_at = case
					when ${to} = 'active' then null
					when not was_active then closed_at
					when not coalesce(is_enforced, false) and departures = 0 then ${at}::timestamptz
				end,
				site_revision = case when ${to} = 'active' or was_active then site.revision + 1 else site_revision end
			from before left join site on site.id = before.site_id
			where e.id = before.id
			returning e.*, before.was_active
		), per_site as (
			select site_id,
				coalesce(array_agg(address) filter (where ${to} = 'active'), '{}') as added,
				coalesce(array_agg(address) filter (where ${to} <> 'active' and was_active), '{}') as removed
			from changed where site_id is not null group by site_id
		), raised as (
			update sites set revision = site.revision + 1,
				size = site.size + cardinality(added) - cardinality(removed), sum = ${newSum(sql`added`, sql`removed`)}
			from per_site join site on site.id = per_site.site_id where sites.id = site.id
			returning sites.id, sites.revision, sites.size, sites.sum, added, removed
		), delta as (
			insert into allowlist_deltas (site_id, revision, added, removed, size, sum, at)
			select id, revision, added, removed, size, sum, ${at} from raised
		)
		select ${columns}, (select revision from raised where raised.id = site_id) as revision from changed order by number`);
}

/** Any entry, also a revoked one. */
export function findEntry(db: Sql, id: string): Promise<Entry | undefined> {
	return db.first(
		sql<Entry>`select ${columns} from allowlist_entries where id = ${id}`,
	);
}
