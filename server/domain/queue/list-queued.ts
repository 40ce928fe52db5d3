import type { Question } from "../../platform/perform.ts";
import { requireAdmin } from "../accounts/staff.ts";
import { listJobs } from "./queue-store.ts";
import type { QueuedJob } from "./queued-job.ts";

export interface ListQueued {
	readonly onlyDead: boolean;
	/** Jobs with a higher id only; 0 to begin. */
	readonly after: number;
	readonly limit: number;
}

/** Jobs, the oldest first. Refuses `auth.forbidden` to everybody but the system and administrators. */
export const listQueued: Question<ListQueued, QueuedJob[]> = {
	name: "list-queued",
	answer(view, input) {
		requireAdmin(view.actor);
		return listJobs(view, input);
	},
};
