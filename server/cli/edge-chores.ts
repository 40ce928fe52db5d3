/** What comes round for the edge. Every process does it, and that does no harm. */
import { unsettledSites } from "../domain/allowlist/settle-entries.ts";
import { trimDeltas } from "../domain/allowlist/trim-deltas.ts";
import { watchEdge } from "../domain/edge/watch-edge.ts";
import type { EdgeFeed } from "../http/edge/edge-feed.ts";
import { system } from "../kernel/actor.ts";
import type { Chore } from "../platform/schedule.ts";
import type { Engine } from "./engine.ts";

const actor = system("edge");

export function edgeChores(
	{ sql, performer }: Engine,
	edge: Pick<EdgeFeed, "settle">,
): Chore[] {
	return [
		{
			name: "watch-edge",
			everyMs: 10_000,
			run: () => performer.perform(actor, watchEdge, {}),
		},
		{
			// What a report settled is settled already; this makes up for a process that ended in between.
			name: "settle-sites",
			everyMs: 5_000,
			async run() {
				for (const siteId of await unsettledSites(sql)) edge.settle(siteId);
			},
		},
		{
			name: "trim-deltas",
			everyMs: 600_000,
			async run() {
				let isMore = true;
				while (isMore) {
					const { deleted } = await performer.perform(actor, trimDeltas, {});
					isMore = deleted > 0;
				}
			},
		},
	];
}
