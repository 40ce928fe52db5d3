/** The only SQL that moves entries from site to site. */
import { type Sql, sql } from "../../platform/sql.ts";
import { mayHoldOpen, newSum } from "./allowlist-store.ts";

export interface MovedEntry {
	readonly id: string;
	readonly clientId: string;
	readonly address: string;
	/** Where it is enforced now; null where no site covers the address. */
	readonly siteId: string | null;
	/** Of that site after the change. */
	readonly revision: number | null;
	readonly fromSiteId: string | null;
	readonly fromRevision: number | null;
}

/**
 * Gives every live entry that is at this site, or should be, the site that covers its address; raises the revision of each
 * site that lost or gained one, with size and sum, and remembers its delta, in one statement. Nobody else may change the
 * layout meanwhile (`lockLayout`). An entry that arrives is not open before the agents of its new site say so, and what
 * agents of the site that it leaves may hold open is remembered as a departure until they have let go (decision 40).
 */
export function moveEntries(
	db: Sql,
	siteId: string,
	at: Date,
): Promise<MovedEntry[]> {
	return db.rows(sql<MovedEntry>`
		with moving as materialized (
			select e.id, e.site_id as from_site_id, covering.site_id as to_site_id,
				e.state = 'active' as is_active, e.closed_at is null as may_be_open
			from allowlist_entries e left join site_prefixes covering on covering.prefix >>= e.address
			where e.state <> 'revoked' and e.site_id is distinct from covering.site_id
				and (e.site_id = ${siteId} or covering.site_id = ${siteId})
			order by e.id for update of e
		), site as materialized (
			select id, revision, size, sum, ${mayHoldOpen} as is_enforced from sites
			where id = any(array(select from_site_id from moving union select to_site_id from moving))
			order by id for no key update
		), leaving as (
			select moving.id, from_site_id as site_id, site.revision + 1 as revision, departure.entry_id is null as is_first
			from moving join site on site.id = from_site_id
			left join allowlist_departures departure on departure.entry_id = moving.id and departure.site_id = site.id
			where may_be_open and (is_enforced or not is_active)
		), departure as (
			insert into allowlist_departures (entry_id, site_id, revision) select id, site_id, revision from leaving
			on conflict (entry_id, site_id) do update set revision = excluded.revision
		), moved as (
			update allowlist_entries e set
				site_id = to_site_id, site_revision = site.revision + 1, updated_at = ${at},
				opened_at = case when state = 'active' then null else opened_at end,
				departures = departures + case when leaving.is_first then 1 else 0 end
			from moving left join site on site.id = moving.to_site_id left join leaving on leaving.id = moving.id
			where e.id = moving.id
			returning e.id, number, client_id, address, state, e.site_id, from_site_id
		), per_site as (
			select site, coalesce(array_agg(address) filter (where gained and state = 'active'), '{}') as added,
				coalesce(array_agg(address) filter (where not gained and state = 'active'), '{}') as removed
			from (
				select site_id as site, true as gained, address, state from moved
				union all select from_site_id, false, address, state from moved
			) as changes
			where site is not null group by site
		), raised as (
			update sites set revision = site.revision + 1,
				size = site.size + cardinality(added) - cardinality(removed), sum = ${newSum(sql`added`, sql`removed`)}
			from per_site join site on site.id = per_site.site where sites.id = site.id
			returning sites.id, sites.revision, sites.size, sites.sum, added, removed
		), delta as (
			insert into allowlist_deltas (site_id, revision, added, removed, size, sum, at)
			select id, revision, added, removed, size, sum, ${at} from raised
		)
		select id, client_id, host(address) as address, site_id, from_site_id,
			(select revision from raised where raised.id = moved.site_id) as revision,
			(select revision from raised where raised.id = moved.from_site_id) as from_revision
		from moved order by number`);
}
