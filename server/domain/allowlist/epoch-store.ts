/** The only SQL on epochs: where revisions start over, which database it was, and what a restore suspended. */
import { none, type Sql, type Statement, sql } from "../../platform/sql.ts";
import type { SystemIdentity } from "./epoch.ts";

/** Null before the first start. */
export function findSystem(db: Sql): Promise<SystemIdentity | null> {
	return readSystem(db, none);
}

/** The same, locked until the transaction ends, so that of several processes one begins the epoch. */
export function lockSystem(db: Sql): Promise<SystemIdentity | null> {
	return readSystem(db, sql`for update`);
}

async function readSystem(
	db: Sql,
	lock: Statement,
): Promise<SystemIdentity | null> {
	const found = await db.first(
		sql<{
			systemIdentifier: string | null;
			timeline: number | null;
		}>`select system_identifier, timeline from installation ${lock}`,
	);
	if (found === undefined) return null;
	const { systemIdentifier, timeline } = found;
	return systemIdentifier === null || timeline === null
		? null
		: { systemIdentifier, timeline };
}

export async function updateSystem(
	db: Sql,
	{ systemIdentifier, timeline }: SystemIdentity,
): Promise<void> {
	await db.run(sql`
		update installation set system_identifier = ${systemIdentifier}, timeline = ${timeline}`);
}

/** Locked until the transaction ends: nothing raises a revision meanwhile. */
export async function lockSites(db: Sql): Promise<string[]> {
	const rows = await db.rows(
		sql<{ id: string }>`select id from sites order by id for update`,
	);
	return rows.map((row) => row.id);
}

/**
 * Forgets the deltas of every site and starts each over under a new epoch: with everything that is active as the delta of
 * revision 1, or at revision 0 where nothing is. Deltas from an empty set then lead to the desired set, as before. What
 * waits for the edge waits from now on for the new epoch's first revision. The sites must be locked, and the layout.
 */
export async function restartSites(
	db: Sql,
	now: Date,
): Promise<
	{
		readonly id: string;
		readonly epoch: string;
		readonly revision: number;
	}[]
> {
	await db.run(sql`delete from allowlist_deltas`);
	const restarted = await db.rows(sql<{
		id: string;
		epoch: string;
		revision: number;
	}>`
		with active as (
			select s.id, coalesce(array_agg(e.address order by e.id) filter (where e.id is not null), '{}') as addresses,
				edge_sum(coalesce(sum(edge_number(e.address)), 0)) as total
			from sites s left join allowlist_entries e on e.site_id = s.id and e.state = 'active'
			group by s.id
		), restarted as (
			update sites set
				epoch = gen_random_uuid(), epoch_at = ${now}, size = cardinality(addresses), sum = total,
				revision = case when cardinality(addresses) = 0 then 0 else 1 end
			from active where sites.id = active.id
			returning sites.id, epoch, revision, size, sites.sum, addresses
		), delta as (
			insert into allowlist_deltas (site_id, revision, added, removed, size, sum, at)
			select id, revision, addresses, '{}', size, sum, ${now} from restarted where revision = 1
		)
		select id, epoch, revision from restarted order by id`);
	await db.run(sql`
		update allowlist_entries e set site_revision = s.revision from sites s
		where s.id = e.site_id and e.state = 'active' and e.opened_at is null`);
	await db.run(sql`
		update allowlist_entries e set site_revision = s.revision from sites s
		where s.id = e.site_id and e.state <> 'active' and e.closed_at is null`);
	await db.run(sql`
		update allowlist_departures d set revision = s.revision from sites s where s.id = d.site_id`);
	return restarted;
}

/** Ids of active entries in the order of their ids, at most `limit`. */
export async function listActiveIds(
	db: Sql,
	{ after, limit }: { readonly after: string; readonly limit: number },
): Promise<string[]> {
	const rows = await db.rows(sql<{ id: string }>`
		select id from allowlist_entries where state = 'active' and id > ${after} order by id limit ${limit}`);
	return rows.map((row) => row.id);
}

/** An entry that waits to be confirmed, and what it stands on. */
export interface AwaitingRow {
	readonly id: string;
	readonly address: string;
	readonly clientId: string;
	readonly serviceId: string;
	readonly updatedAt: Date;
}

/** Those that wait to be confirmed in the order of their ids, at most `limit`; locked to the end of the transaction if asked. */
export function listAwaiting(
	db: Sql,
	page: {
		readonly after: string;
		readonly limit: number;
		readonly lock: boolean;
	},
): Promise<AwaitingRow[]> {
	return db.rows(sql<AwaitingRow>`
		select id, host(address) as address, client_id, service_id, updated_at from allowlist_entries
		where awaits_confirmation and id > ${page.after}
		order by id limit ${page.limit} ${page.lock ? sql`for update` : none}`);
}

export interface AwaitingSummary {
	readonly entries: number;
	/** When the first of them was suspended; null when there is none. */
	readonly oldestAt: Date | null;
}

export async function countAwaiting(db: Sql): Promise<AwaitingSummary> {
	const found = await db.first(sql<AwaitingSummary>`
		select count(*) as entries, min(updated_at) as oldest_at from allowlist_entries
		where awaits_confirmation`);
	return found ?? { entries: 0, oldestAt: null };
}
