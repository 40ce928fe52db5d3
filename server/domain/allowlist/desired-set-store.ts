/** The only SQL that reads a site's desired set as agents are given it: whole, or as what changed since. */
import { none, type Sql, sql } from "../../platform/sql.ts";

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
	/** Null when there is no such site. */
	readonly now: PositionRow | null;
	/** Null for a revision of another epoch, of the future, or of a past that is forgotten. */
	readonly known: Pick<PositionRow, "size" | "sum"> | null;
}

/** One for each, in the order in which they are named. */
export async function listRevisions(
	db: Sql,
	named: readonly NamedRevision[],
): Promise<KnownRevision[]> {
	const rows = await db.rows(sql<
		NamedRevision & {
			readonly epochNow: string | null;
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
		left join sites s on s.id = asked.site_id
		left join allowlist_deltas d on d.site_id = asked.site_id and d.revision = asked.revision
		order by asked.place`);
	return rows.map(({ siteId, epoch, revision, size, sum, ...row }) => ({
		siteId,
		epoch,
		revision,
		now:
			row.epochNow === null
				? null
				: {
						epoch: row.epochNow,
						revision: row.revisionNow,
						size: row.sizeNow,
						sum: row.sumNow,
					},
		known: size === null || sum === null ? null : { size, sum },
	}));
}

export interface SiteAt extends PositionRow {
	readonly siteId: string;
	/** When the epoch began. */
	readonly epochAt: Date;
}

/** Where these sites stand, or all of them, by their ids; those that there are not are left out. */
export function listPositions(
	db: Sql,
	siteIds?: readonly string[],
): Promise<SiteAt[]> {
	return db.rows(sql<SiteAt>`
		select id as site_id, epoch, epoch_at, revision, size, sum::text as sum from sites
		${siteIds === undefined ? none : sql`where id = any(${siteIds}::text[])`} order by id`);
}

/** When the delta after each of these revisions was made, in the order in which they are named; null where there is none. */
export async function listNextAt(
	db: Sql,
	named: readonly { readonly siteId: string; readonly revision: number }[],
): Promise<(Date | null)[]> {
	const rows = await db.rows(sql<{ at: Date | null }>`
		select d.at
		from unnest(
			${named.map(({ siteId }) => siteId)}::text[], ${named.map(({ revision }) => revision)}::bigint[]
		) with ordinality as asked (site_id, revision, place)
		left join allowlist_deltas d on d.site_id = asked.site_id and d.revision = asked.revision + 1
		order by asked.place`);
	return rows.map(({ at }) => at);
}

/**
 * The largest size that each site has had since then, also just before; sites that nothing happened to are left out. Read from
 * an index alone, so that a site may lose its entries one by one.
 */
export function listPeaks(
	db: Sql,
	since: Date,
): Promise<{ readonly siteId: string; readonly peak: number }[]> {
	return db.rows(sql<{ siteId: string; peak: number }>`
		select s.id as site_id, greatest(within.peak, coalesce(
			(select size from allowlist_deltas
			 where site_id = s.id and at < ${since} order by at desc, revision desc limit 1),
			-- What was before is forgotten, or of another epoch.
			(select size + cardinality(removed) - cardinality(added) from allowlist_deltas
			 where site_id = s.id and at >= ${since} order by at, revision limit 1)
		)) as peak
		from sites s cross join lateral (
			select max(size) as peak from allowlist_deltas where site_id = s.id and at >= ${since}
		) as within
		where within.peak is not null`);
}

/** Of what waits, no more than so many of each site and sort are counted. */
export const countedMax = 10_000;

/**
 * How many entries of each site wait for the edge to open them, and to close them, as far as they are counted. One that
 * has left the site waits for it until its agents have let go, also when it is open elsewhere.
 */
export function countUnsettled(db: Sql): Promise<
	{
		readonly siteId: string;
		readonly pending: number;
		readonly closing: number;
	}[]
> {
	return db.rows(sql<{ siteId: string; pending: number; closing: number }>`
		select s.id as site_id,
			(select count(*) from (
				select from allowlist_entries
				where site_id = s.id and state = 'active' and opened_at is null limit ${countedMax}
			) as waiting) as pending,
			(select count(*) from (
				select from allowlist_entries
				where site_id = s.id and state <> 'active' and closed_at is null
				union all select from allowlist_departures where site_id = s.id
				limit ${countedMax}
			) as waiting) as closing
		from sites s`);
}

export interface DeltaRow {
	readonly revision: number;
	readonly added: readonly string[];
	readonly removed: readonly string[];
	/** Of the set afterwards. */
	readonly size: number;
	readonly sum: string;
	readonly at: Date;
	/** Whether the networks of the site changed with it. */
	readonly isLayout: boolean;
}

export interface SiteDeltas {
	/** Where the site stands. */
	readonly now: PositionRow;
	/** What is kept of what came after, in order, from the oldest. */
	readonly deltas: readonly DeltaRow[];
}

/** A site and its deltas after a revision as they were at one moment, at most `limit`; undefined without such a site. */
export async function findDeltas(
	db: Sql,
	siteId: string,
	{ after, limit }: { readonly after: number; readonly limit: number },
): Promise<SiteDeltas | undefined> {
	const rows = await db.rows(sql<
		DeltaRow & {
			readonly delta: number | null;
			readonly epoch: string;
			readonly siteRevision: number;
			readonly siteSize: number;
			readonly siteSum: string;
		}
	>`
		select s.epoch, s.revision as site_revision, s.size as site_size, s.sum::text as site_sum,
			d.revision as delta, d.revision, d.size, d.sum::text as sum, d.at, d.is_layout,
			array(select host(a) from unnest(d.added) a) as added,
			array(select host(r) from unnest(d.removed) r) as removed
		from sites s left join lateral (
			select * from allowlist_deltas d where d.site_id = s.id and d.revision > ${after}
			order by d.revision limit ${limit}
		) as d on true
		where s.id = ${siteId} order by d.revision`);
	const [first] = rows;
	if (first === undefined) return undefined;
	return {
		now: {
			epoch: first.epoch,
			revision: first.siteRevision,
			size: first.siteSize,
			sum: first.siteSum,
		},
		deltas: rows.flatMap(
			({ delta, revision, added, removed, size, sum, at, isLayout }) =>
				delta === null
					? []
					: [{ revision, added, removed, size, sum, at, isLayout }],
		),
	};
}

/**
 * Forgets the oldest deltas of a site as far as they were before then, at most `limit` of them. What is left has no gap, and
 * the newest stays.
 */
export function deleteOldDeltas(
	db: Sql,
	siteId: string,
	{ before, limit }: { readonly before: Date; readonly limit: number },
): Promise<number> {
	return db.run(sql`
		with oldest as (
			select revision, at from allowlist_deltas
			where site_id = ${siteId} order by revision limit ${limit}
		), kept as (
			select coalesce(min(revision), 9007199254740991) as revision from oldest where at >= ${before}
		)
		delete from allowlist_deltas d using oldest, kept
		where d.site_id = ${siteId} and d.revision = oldest.revision and d.revision < kept.revision
			and d.revision < (select max(revision) from allowlist_deltas where site_id = ${siteId})`);
}
