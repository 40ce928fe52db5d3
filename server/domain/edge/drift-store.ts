/** The only SQL on drift reports. */
import { type Sql, sql } from "../../platform/sql.ts";
import type { Drift, DriftReport } from "./report.ts";

/** True when the report is new; one of the same moment only learns when it was repaired, and who did it. */
export async function saveDrift(
	db: Sql,
	agentId: string,
	{ drift, at }: { readonly drift: DriftReport; readonly at: Date },
): Promise<boolean> {
	// A row that was there has been locked by the update, and carries the mark of it.
	const saved = await db.first(sql<{ isNew: boolean }>`
		insert into edge_drifts
			(agent_id, found_at, reported_at, repaired_at, table_gone, extra_count, missing_count, extra, missing, found_by)
		values
			(${agentId}, ${drift.foundAt}, ${at}, ${drift.repairedAt}, ${drift.tableGone}, ${drift.extraCount},
			 ${drift.missingCount}, ${drift.extra}, ${drift.missing}, ${drift.by})
		on conflict (agent_id, found_at) do update set
			repaired_at = coalesce(edge_drifts.repaired_at, excluded.repaired_at),
			found_by = coalesce(edge_drifts.found_by, excluded.found_by)
		returning xmax = 0 as is_new`);
	return saved?.isNew === true;
}

export async function deleteDriftsBeyond(
	db: Sql,
	agentId: string,
	kept: number,
): Promise<void> {
	await db.run(sql`
		delete from edge_drifts where id in (
			select id from edge_drifts where agent_id = ${agentId} order by id desc offset ${kept})`);
}

/** Newest first. */
export function listDrifts(
	db: Sql,
	agentId: string,
	limit: number,
): Promise<Drift[]> {
	return db.rows(sql<Drift>`
		select agent_id, found_at, reported_at, repaired_at, table_gone, extra_count, missing_count, extra, missing,
			found_by as by
		from edge_drifts where agent_id = ${agentId} order by id desc limit ${limit}`);
}

/** The newest of every agent. */
export function listNewestDrifts(db: Sql): Promise<Drift[]> {
	return db.rows(sql<Drift>`
		select distinct on (agent_id) agent_id, found_at, reported_at, repaired_at, table_gone, extra_count, missing_count,
			extra, missing, found_by as by
		from edge_drifts order by agent_id, id desc`);
}
