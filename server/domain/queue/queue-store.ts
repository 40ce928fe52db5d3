/** The operator's SQL on jobs; the worker's own stands in `platform/worker.ts`. */
import { none, type Sql, type Statement, sql } from "../../platform/sql.ts";
import type { QueuedJob } from "./queued-job.ts";

const columns: Statement = sql`
	id, kind, payload, attempts, run_at, leased_until, dead_at, last_error, created_at`;

/** In the order of their ids, the oldest first. */
export function listJobs(
	db: Sql,
	{
		onlyDead,
		after,
		limit,
	}: {
		readonly onlyDead: boolean;
		readonly after: number;
		readonly limit: number;
	},
): Promise<QueuedJob[]> {
	return db.rows(sql<QueuedJob>`
		select ${columns} from jobs
		where id > ${after} ${onlyDead ? sql`and dead_at is not null` : none}
		order by id limit ${limit}`);
}

/** What an action on jobs needs to put on the record. */
export interface ChangedJob {
	readonly id: number;
	readonly kind: string;
}

/** Makes a job due now, with all its attempts before it. Undefined when it is not there or a worker has it. */
export function makeDue(
	db: Sql,
	id: number,
	now: Date,
): Promise<ChangedJob | undefined> {
	return db.first(sql<ChangedJob>`
		update jobs set run_at = ${now}, attempts = 0, dead_at = null, lease = null, leased_until = null
		where id = ${id} and (leased_until is null or leased_until <= ${now})
		returning id, kind`);
}

/** The same for dead jobs, at most `limit` of them, those that died first. */
export function makeDeadDue(
	db: Sql,
	limit: number,
	now: Date,
): Promise<ChangedJob[]> {
	return db.rows(sql<ChangedJob>`
		update jobs set run_at = ${now}, attempts = 0, dead_at = null
		where id in (
			select id from jobs where dead_at is not null order by dead_at, id limit ${limit} for update skip locked
		)
		returning id, kind`);
}

/** Undefined when it is not there or a worker has it. */
export function deleteJob(
	db: Sql,
	id: number,
	now: Date,
): Promise<ChangedJob | undefined> {
	return db.first(sql<ChangedJob>`
		delete from jobs where id = ${id} and (leased_until is null or leased_until <= ${now})
		returning id, kind`);
}
