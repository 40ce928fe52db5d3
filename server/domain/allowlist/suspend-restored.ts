/** Closes what a restored backup held open, until an operator has looked at it. */
import type { Verb } from "../../platform/perform.ts";
import { requireAdmin } from "../accounts/staff.ts";
import { changeEntry } from "./change-entry.ts";
import { batchMax, restoredReason } from "./epoch.ts";
import { listActiveIds } from "./epoch-store.ts";

export interface Batch {
	/** Entries with this id and lower ones are done. Empty to begin. */
	readonly after: string;
}

export interface SuspendedBatch {
	readonly suspended: number;
	/** Where to go on; undefined when nothing is left. */
	readonly next: string | undefined;
}

/**
 * Suspends active entries, a batch at a time: a backup may know an entry that was revoked since. Entries that were suspended
 * before keep their own reason. Refuses `auth.forbidden` to everybody but the system and administrators.
 */
export const suspendRestored: Verb<Batch, SuspendedBatch> = {
	name: "suspend-restored",
	async run(tx, { after }) {
		requireAdmin(tx.actor);
		const ids = await listActiveIds(tx, { after, limit: batchMax });
		if (ids.length > 0)
			await changeEntry(tx, "suspend", {
				which: { ids },
				reason: restoredReason,
				awaitsConfirmation: true,
			});
		return { suspended: ids.length, next: ids.at(-1) };
	},
};
