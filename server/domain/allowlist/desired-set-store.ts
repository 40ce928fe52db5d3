/** The only SQL that reads a site's desired set as agents are given it: whole, or as what changed since. */
import { type Sql, sql } from "../../platform/sql.ts";

export interface PositionRow {
	readonly epoch: string;
	readonly revision: number;
	readonly size: number;
	/** A decimal number. */
	readonly sum: string;
}

export interface DesiredSetRow extends PositionRow {
	readonly prefixes: readonly string[];
	/** The addresses of each family, each in quotation marks, with commas between them; null without any. */
	readonly v4: string | null;
	readonly v6: string | null;
	/** SHA-256 over the addresses of both, sorted by code unit, each with a line feed. */
	readonly digest: string;
}

/**
 * The whole set of a site as it was at one moment. It is put together in the database, since what is sent needs no object
 * for each of half a million addresses.
 */
export function findDesiredSet(
	db: Sql,
	siteId: string,
): Promise<DesiredSetRow | undefined> {
	return db.first(sql<DesiredSetRow>`
		select s.epoch, s.revision, s.size, s.sum::text as sum, entries.*,
			coalesce((
				select array_agg(p.prefix::text order by p.prefix) from site_prefixes p where p.site_id = s.id
			), '{}') as prefixes
		from sites s cross join lateral (
			select
				string_agg('"' || address || '"', ',' order by address collate "C") filter (where family = 4) as v4,
				string_agg('"' || address || '"', ',' order by address collate "C") filter (where family = 6) as v6,
				encode(sha256(coalesce(string_agg(convert_to(address || E'\n', 'UTF8'), '' order by address collate "C"), '')),
					'hex') as digest
			from (
				select host(address) as address, family(address) as family from allowlist_entries
				where site_id = s.id and state = 'active'
			) as active
		) as entries
		where s.id = ${siteId}`);
}

/** Where a site stands. */
export function findPosition(
	db: Sql,
	siteId: string,
): Promise<PositionRow | undefined> {
	return db.first(sql<PositionRow>`
		select epoch, revision, size, sum::text as sum from sites where id = ${siteId}`);
}

export interface NamedRevision {
	readonly siteId: string;
	readonly epoch: string;
	readonly revision: number;
}

/** What the sets of sites were at some of their revisions, with where the sites stand now. */
export interface KnownRevision extends NamedRevision {
	readonly now: PositionRow;
	/** Null for a revision of another epoch, of the future, or of a past that is forgotten. */
	readonly known: Pick<PositionRow, "size" | "sum"> | null;
}

/** In the order in which they were asked for; those of sites that there are not are left out. */
export async function listRevisions(
	db: Sql,
	named: readonly NamedRevision[],
): Promise<KnownRevision[]> {
	const rows = await db.rows(sql<
		NamedRevision & {
			readonly epochNow: string;
			readonly revisionNow: number;
			readonly sizeNow: number;
			readonly sumNow: string;
			readonly size: number | null;
			readonly sum: string | null;
		}
	>`
		select asked.site_id, asked.epoch, asked.revision, s.epoch as epoch_now, s.revision as revision_now,
			s.size as size_now, s.sum::text as sum_now,
			case when asked.epoch <> s.epoch::text then null
				when asked.revision = s.revision then s.size
				when asked.revision = 0 then 0 else d.size end as size,
			case when asked.epoch <> s.epoch::text then null
				when asked.revision = s.revision then s.sum
				when asked.revision = 0 then 0 else d.sum end::text as sum
		from unnest(
			${named.map(({ siteId }) => siteId)}::text[],
			${named.map(({ epoch }) => epoch)}::text[],
			${named.map(({ revision }) => revision)}::bigint[]
		) with ordinality as asked (site_id, epoch, revision, place)
		join sites s on s.id = asked.site_id
		left join allowlist_deltas d on d.site_id = asked.site_id and d.revision = asked.revision
		order by asked.place`);
	return rows.map(({ siteId, epoch, revision, size, sum, ...row }) => ({
		siteId,
		epoch,
		revision,
		now: {
			epoch: row.epochNow,
			revision: row.revisionNow,
			size: row.sizeNow,
			sum: row.sumNow,
		},
		known: size === null || sum === null ? null : { size, sum },
	}));
}
