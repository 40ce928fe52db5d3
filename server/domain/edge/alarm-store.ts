/** The only SQL on alarms. */
import { type Sql, sql } from "../../platform/sql.ts";
import type { Alarm, AlarmKind, NewAlarm } from "./alarm.ts";

const columns = sql`id, site_id, agent_id, kind, detail, since, raised_at, cleared_at`;

/** Those that were not on before; one that is on stays as it was raised. */
export function raiseAlarms(
	db: Sql,
	alarms: readonly NewAlarm[],
	at: Date,
): Promise<Alarm[]> {
	if (alarms.length === 0) return Promise.resolve([]);
	return db.rows(sql<Alarm>`
		insert into edge_alarms (site_id, agent_id, kind, detail, since, raised_at)
		select *, ${at}::timestamptz from unnest(
			${alarms.map(({ siteId }) => siteId)}::text[], ${alarms.map(({ agentId }) => agentId)}::text[],
			${alarms.map(({ kind }) => kind)}::text[], ${alarms.map(({ detail }) => detail)}::text[],
			${alarms.map(({ since }) => since)}::timestamptz[])
		on conflict (site_id, coalesce(agent_id, ''), kind) where cleared_at is null do nothing
		returning ${columns}`);
}

/** An alarm that is on and is reported with other words, or of another moment. */
export async function updateAlarm(
	db: Sql,
	id: number,
	{ detail, since }: Pick<NewAlarm, "detail" | "since">,
): Promise<void> {
	await db.run(sql`
		update edge_alarms set detail = ${detail}, since = ${since} where id = ${id}`);
}

/** Those that were on. */
export function clearAlarms(
	db: Sql,
	ids: readonly number[],
	at: Date,
): Promise<Alarm[]> {
	if (ids.length === 0) return Promise.resolve([]);
	return db.rows(sql<Alarm>`
		update edge_alarms set cleared_at = ${at} where id = any(${ids}::bigint[]) and cleared_at is null
		returning ${columns}`);
}

/** Those that are on, oldest first: of one agent, or all. */
export function listLiveAlarms(
	db: Sql,
	of: {
		readonly agentId?: string;
		readonly kinds?: readonly AlarmKind[];
	} = {},
): Promise<Alarm[]> {
	return db.rows(sql<Alarm>`
		select ${columns} from edge_alarms
		where cleared_at is null
			and (${of.agentId ?? null}::text is null or agent_id = ${of.agentId ?? null})
			and (${of.kinds ?? null}::text[] is null or kind = any(${of.kinds ?? null}::text[]))
		order by id`);
}

/** Those of an agent that are on, each with how often it was raised since then. */
export function listAlarmsOf(
	db: Sql,
	agentId: string,
	of: { readonly kinds: readonly AlarmKind[]; readonly since: Date },
): Promise<(Alarm & { readonly timesRaised: number })[]> {
	return db.rows(sql<Alarm & { readonly timesRaised: number }>`
		select ${columns}, (
			select count(*) from edge_alarms before
			where before.agent_id = edge_alarms.agent_id and before.kind = edge_alarms.kind and before.raised_at > ${of.since}
		) as times_raised
		from edge_alarms
		where cleared_at is null and agent_id = ${agentId} and kind = any(${of.kinds}::text[]) order by id`);
}

/** Forgets alarms that were over before then. */
export function deleteOldAlarms(db: Sql, before: Date): Promise<number> {
	return db.run(sql`delete from edge_alarms where cleared_at < ${before}`);
}

/** Those that are on and those that were cleared since then, newest first. */
export function listAlarmsSince(
	db: Sql,
	since: Date,
	limit: number,
): Promise<Alarm[]> {
	return db.rows(sql<Alarm>`
		select ${columns} from edge_alarms where cleared_at is null or cleared_at >= ${since}
		order by cleared_at is null desc, id desc limit ${limit}`);
}
