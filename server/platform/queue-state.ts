/** How the job queue stands, for metrics, readiness and the operator. */
import { type Sql, sql } from "./sql.ts";

export interface QueueState {
	/** Jobs that are due and not taken. */
	readonly ready: number;
	/** How long the oldest of them has been due, in seconds; 0 when there is none. */
	readonly oldestSeconds: number;
	/** Jobs whose every attempt failed. */
	readonly dead: number;
}

export async function readQueueState(db: Sql): Promise<QueueState> {
	const found = await db.first(sql<QueueState>`
		select count(*) filter (where dead_at is null) as ready,
		       count(*) filter (where dead_at is not null) as dead,
		       coalesce(extract(epoch from now() - min(run_at) filter (where dead_at is null)), 0)::float8 as oldest_seconds
		from jobs
		where dead_at is not null or (run_at <= now() and (leased_until is null or leased_until < now()))`);
	return found ?? { ready: 0, oldestSeconds: 0, dead: 0 };
}
