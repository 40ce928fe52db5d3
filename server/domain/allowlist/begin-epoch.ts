/** Starts the revisions of every site over. */
import type { EpochReason } from "../../kernel/events.ts";
import type { Verb } from "../../platform/perform.ts";
import { requireAdmin } from "../accounts/staff.ts";
import { lockSites, restartSites } from "./epoch-store.ts";
import { lockLayout } from "./site-store.ts";

/**
 * Every site gets a new epoch and begins again with what is active now; no entry changes. Agents learn of the new epoch and
 * take a snapshot. Returns how many sites there are. Refuses `auth.forbidden` to everybody but the system and
 * administrators.
 */
export const beginEpoch: Verb<
	{ readonly reason: EpochReason },
	{ readonly sites: number }
> = {
	name: "begin-epoch",
	async run(tx, { reason }) {
		requireAdmin(tx.actor);
		await lockLayout(tx);
		await lockSites(tx);
		const restarted = await restartSites(tx, tx.now);
		for (const { id, epoch, revision } of restarted)
			tx.emit({
				kind: "site.epoch_begun",
				subject: id,
				clientId: null,
				data: { epoch, reason, revision },
			});
		return { sites: restarted.length };
	},
};
