import { refuse } from "../../kernel/errors.ts";
import type { Verb } from "../../platform/perform.ts";
import { requireAdmin } from "../accounts/staff.ts";
import { type ChangedJob, deleteJob } from "./queue-store.ts";
import { notThere } from "./queued-job.ts";

/**
 * Deletes a job: what it was to do is not done. Refuses `auth.forbidden` to everybody but the system and administrators,
 * `resource.not_found` for a job that is not there or is running.
 */
export const dropJob: Verb<{ readonly id: number }, ChangedJob> = {
	name: "drop-job",
	async run(tx, { id }) {
		requireAdmin(tx.actor);
		const job = await deleteJob(tx, id, tx.now);
		if (job === undefined)
			return refuse("resource.not_found", { detail: notThere(id) });
		tx.emit({
			kind: "job.dropped",
			subject: String(id),
			clientId: null,
			data: { kind: job.kind },
		});
		return job;
	},
};
