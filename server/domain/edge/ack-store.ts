/** The only SQL on what agents report of themselves. No statement here touches the row of a site. */
import { type Sql, sql } from "../../platform/sql.ts";
import { agentColumns } from "./agent-store.ts";
import type { Report, ReportingAgent, Runs, Telling } from "./report.ts";

/** A report that says only where its agent stands; the position is null when it is not worth anything. */
export interface PlainAck {
	readonly agentId: string;
	readonly report: Report;
	readonly isKnown: boolean;
}

export interface WrittenAck {
	readonly id: string;
	/** Whether the agent stands elsewhere than before. */
	readonly isMoved: boolean;
}

/**
 * Writes those of the reports that hold no news: the same program on the same machine, armed as before, with nothing wrong
 * before and now. One statement for all of them; each agent may be named once. Returns those that were written.
 */
export function writePlainAcks(
	db: Sql,
	acks: readonly PlainAck[],
	at: Date,
): Promise<WrittenAck[]> {
	const positions = acks.map(({ isKnown, report }) =>
		isKnown ? report.position : undefined,
	);
	return db.rows(sql<WrittenAck>`
		with said as (
			select * from unnest(
				${acks.map(({ agentId }) => agentId)}::text[],
				${positions.map((position) => position?.epoch ?? null)}::uuid[],
				${positions.map((position) => position?.revision ?? null)}::bigint[],
				${acks.map(({ report }) => report.kernelSum)}::text[],
				${acks.map(({ report }) => report.counters && JSON.stringify(report.counters))}::jsonb[],
				${acks.map(({ report }) => report.armed)}::boolean[],
				${acks.map(({ report }) => report.host)}::text[],
				${acks.map(({ report }) => report.instance)}::text[],
				${acks.map(({ report }) => report.version)}::text[],
				${acks.map(({ report }) => report.driver)}::text[]
			) as s (id, epoch, revision, kernel_sum, counters, armed, host, instance, version, driver)
		), before as materialized (
			select a.id, a.epoch, a.revision from edge_agents a join said using (id)
			where a.disabled_at is null and a.removed_at is null and not a.is_troubled and a.doubled_at is null
				and (a.armed, a.host, a.instance, a.version, a.driver)
					= (said.armed, said.host, said.instance, said.version, said.driver)
				and (said.epoch is not null or a.epoch is null)
			order by a.id for no key update of a
		)
		update edge_agents a set
			seen_at = ${at}, met_at = coalesce(a.met_at, ${at}), epoch = said.epoch, revision = said.revision,
			kernel_sum = said.kernel_sum, counters = said.counters
		from said join before using (id)
		where a.id = said.id
		returning a.id, (before.epoch, before.revision) is distinct from (said.epoch, said.revision) as is_moved`);
}

/** One that was not removed, with all that reports touch; locked until the transaction ends. */
export function lockReporting(
	db: Sql,
	id: string,
): Promise<ReportingAgent | undefined> {
	return db.first(sql<ReportingAgent>`
		select ${agentColumns}, instance, instance_at, former_instances, doubled_at, is_troubled, accepted_hold, told, told_from
		from edge_agents where id = ${id} and removed_at is null for no key update`);
}

/** Writes a whole report on the locked row. */
export async function updateReported(
	db: Sql,
	id: string,
	said: {
		readonly report: Report;
		readonly isKnown: boolean;
		readonly runs: Runs;
		readonly acceptedHold: Date | null;
		/** Whether anything is wrong with the agent, by its own word or by ours. */
		readonly isTroubled: boolean;
		readonly telling: Telling;
		readonly at: Date;
	},
): Promise<void> {
	const { report, isKnown, runs, acceptedHold, isTroubled, telling, at } = said;
	const position = isKnown ? report.position : undefined;
	await db.run(sql`
		update edge_agents set
			seen_at = ${at}, met_at = coalesce(met_at, ${at}), armed = ${report.armed},
			epoch = ${position?.epoch ?? null}, revision = ${position?.revision ?? null},
			kernel_sum = ${report.kernelSum}, counters = ${report.counters && JSON.stringify(report.counters)},
			host = ${report.host}, version = ${report.version}, driver = ${report.driver},
			instance = ${runs.instance}, instance_at = ${runs.instanceAt}, former_instances = ${runs.formerInstances},
			doubled_at = ${runs.doubledAt}, is_troubled = ${isTroubled}, accepted_hold = ${acceptedHold},
			told = ${telling.told}, told_from = ${telling.toldFrom}
		where id = ${id}`);
}

/** Remembers which held snapshot staff accepted. False when that is known. */
export async function updateAcceptedHold(
	db: Sql,
	id: string,
	since: Date,
): Promise<boolean> {
	const updated = await db.run(sql`
		update edge_agents set accepted_hold = ${since}
		where id = ${id} and accepted_hold is distinct from ${since}::timestamptz`);
	return updated === 1;
}

/** Up to where the agents of a site have acknowledged this epoch. */
export interface Acknowledged {
	/** By every armed agent; null when no agent is armed. */
	readonly opened: number | null;
	/** By every agent that may hold something open; null when there is none. */
	readonly closed: number | null;
}

/** An agent that stands in another epoch, or nowhere that its site knows, has acknowledged nothing: −1. */
export async function readAcknowledged(
	db: Sql,
	siteId: string,
	epoch: string,
): Promise<Acknowledged> {
	const found = await db.first(sql<Acknowledged>`
		select min(reached) filter (where armed and disabled_at is null) as opened,
			min(reached) filter (where met_at is not null) as closed
		from (
			select armed, disabled_at, met_at, case when epoch = ${epoch}::uuid then revision else -1 end as reached
			from edge_agents where site_id = ${siteId} and removed_at is null
		) as agents`);
	return found ?? { opened: null, closed: null };
}
