/** A job as the operator sees it. */

/** `dead`: every attempt failed, nobody runs it. `retrying`: the last attempt failed. `waiting`: not due yet, or not taken. */
export type QueuedJobState = "dead" | "running" | "retrying" | "waiting";

export interface QueuedJob {
	readonly id: number;
	readonly kind: string;
	/** Ids and words. */
	readonly payload: Readonly<Record<string, unknown>>;
	readonly attempts: number;
	readonly runAt: Date;
	/** A worker has it until then, if that is to come. */
	readonly leasedUntil: Date | null;
	readonly deadAt: Date | null;
	/** Of the last attempt that failed. */
	readonly lastError: string | null;
	readonly createdAt: Date;
}

export function stateOf(
	job: Pick<QueuedJob, "deadAt" | "leasedUntil" | "lastError">,
	now: Date,
): QueuedJobState {
	if (job.deadAt !== null) return "dead";
	if (job.leasedUntil !== null && job.leasedUntil > now) return "running";
	return job.lastError === null ? "waiting" : "retrying";
}

/** What an action on a job says when it cannot be done. */
export function notThere(id: number): string {
	return `There is no job ${id} that waits or is dead; one that is running cannot be changed.`;
}
