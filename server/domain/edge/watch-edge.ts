/** The control plane looks at the edge. */
import { refuse } from "../../kernel/errors.ts";
import type { Verb } from "../../platform/perform.ts";
import { observedAlarmKinds } from "./alarm.ts";
import { deleteOldAlarms } from "./alarm-store.ts";
import { readEdgeState } from "./edge-state.ts";
import { alarmsFor } from "./observe.ts";
import { setAlarms } from "./set-alarms.ts";

const keptMs = 90 * 86_400_000;

/**
 * Raises what has begun to be wrong and clears what is over, each once, however many processes look. Alarms that were over
 * three months ago are forgotten; their events stay. Refuses `auth.forbidden` to everybody but the system.
 */
export const watchEdge: Verb<Record<never, never>, void> = {
	name: "watch-edge",
	async run(tx) {
		if (tx.actor.kind !== "system") refuse("auth.forbidden");
		const state = await readEdgeState(tx, tx.now);
		await setAlarms(tx, alarmsFor(state, tx.now), {
			kinds: observedAlarmKinds,
		});
		await deleteOldAlarms(tx, new Date(tx.now.getTime() - keptMs));
	},
};
