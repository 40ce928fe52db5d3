/** Opens again what a restore had closed. */
import type { Verb } from "../../platform/perform.ts";
import { requireAdmin } from "../accounts/staff.ts";
import { changeEntry } from "./change-entry.ts";
import { type RestoredEntry, readRestored } from "./read-restored.ts";
import type { Batch } from "./suspend-restored.ts";

export interface ConfirmedBatch {
	readonly resumed: number;
	/** Those that stay suspended, each with its reason. */
	readonly staying: readonly RestoredEntry[];
	/** Where to go on; undefined when nothing is left. */
	readonly next: string | undefined;
}

/**
 * Resumes entries that a restore suspended, and no others, a batch at a time. Those whose account or service is not active
 * any more stay suspended, and may be confirmed later. Refuses `auth.forbidden` to everybody but the system and
 * administrators.
 */
export const confirmRestored: Verb<Batch, ConfirmedBatch> = {
	name: "confirm-restored",
	async run(tx, { after }) {
		requireAdmin(tx.actor);
		const waiting = await readRestored(tx, { after, lock: true });
		const ids = waiting
			.filter(({ whyNot }) => whyNot === undefined)
			.map(({ id }) => id);
		const resumed =
			ids.length === 0
				? []
				: await changeEntry(tx, "resume", { which: { ids }, reason: null });
		return {
			resumed: resumed.length,
			staying: waiting.filter(({ whyNot }) => whyNot !== undefined),
			next: waiting.at(-1)?.id,
		};
	},
};
