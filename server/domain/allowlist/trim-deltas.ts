/** Forgets what no agent asks for any more. */
import { edgeLimits } from "../../../contract/edge-protocol.ts";
import { refuse } from "../../kernel/errors.ts";
import type { Verb } from "../../platform/perform.ts";
import { deleteOldDeltas } from "./desired-set-store.ts";
import { listAllSites } from "./site-store.ts";

const dayMs = 86_400_000;

/** Of each site, in one transaction. */
const batchMax = 5_000;

/**
 * Deletes deltas that are older than the days for which they are promised, some of each site; the newest of a site stays.
 * An agent whose cursor is older takes a snapshot. Returns how many were deleted: to be called again while there are many.
 * Refuses `auth.forbidden` to everybody but the system.
 */
export const trimDeltas: Verb<
	Record<never, never>,
	{ readonly deleted: number }
> = {
	name: "trim-deltas",
	async run(tx) {
		if (tx.actor.kind !== "system") refuse("auth.forbidden");
		const before = new Date(tx.now.getTime() - edgeLimits.deltaDays * dayMs);
		let deleted = 0;
		for (const { id } of await listAllSites(tx))
			deleted += await deleteOldDeltas(tx, id, { before, limit: batchMax });
		return { deleted };
	},
};
