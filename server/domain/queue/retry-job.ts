import { refuse } from "../../kernel/errors.ts";
import type { Tx, Verb } from "../../platform/perform.ts";
import { requireAdmin } from "../accounts/staff.ts";
import { type ChangedJob, makeDeadDue, makeDue } from "./queue-store.ts";
import { notThere } from "./queued-job.ts";

/** Dead jobs are retried in transactions of so many. */
const batchMax = 1_000;

export interface RetryJob {
	/** One job, dead or waiting; or the dead ones, a batch at a time. */
	readonly which: number | "dead";
}

/**
 * Lets a job run again at once, with all its attempts before it. Returns how many there were; 0 means that no dead ones are
 * left. Refuses `auth.forbidden` to everybody but the system and administrators, `resource.not_found` for a job that is not
 * there or is running.
 */
export const retryJob: Verb<RetryJob, number> = {
	name: "retry-job",
	async run(tx, { which }) {
		requireAdmin(tx.actor);
		const changed = await retried(tx, which);
		for (const { id, kind } of changed)
			tx.emit({
				kind: "job.retried",
				subject: String(id),
				clientId: null,
				data: { kind },
			});
		return changed.length;
	},
};

async function retried(
	tx: Tx,
	which: RetryJob["which"],
): Promise<readonly ChangedJob[]> {
	if (which === "dead") return makeDeadDue(tx, batchMax, tx.now);
	const job = await makeDue(tx, which, tx.now);
	return job === undefined
		? refuse("resource.not_found", { detail: notThere(which) })
		: [job];
}
