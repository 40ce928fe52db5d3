/** The edge in numbers. */
import { refuse } from "../../kernel/errors.ts";
import type { Question } from "../../platform/perform.ts";
import { standingOf } from "./agent.ts";
import { alarmKinds } from "./alarm.ts";
import { listLiveAlarms } from "./alarm-store.ts";
import { readEdgeState } from "./edge-state.ts";

export interface EdgeCounts {
	readonly agents: Readonly<
		Record<"armed" | "unarmed" | "disabled" | "new", number>
	>;
	/** Alarms that are on, by kind; of every kind. */
	readonly alarms: Readonly<Record<string, number>>;
	readonly opening: number;
	readonly closing: number;
	/** Of the agent that is furthest behind, those that are disabled aside; 0 when none is. */
	readonly behindSeconds: number;
}

/** Refuses `auth.forbidden` to everybody but the system. */
export const countEdge: Question<Record<never, never>, EdgeCounts> = {
	name: "count-edge",
	async answer(view) {
		if (view.actor.kind !== "system") refuse("auth.forbidden");
		const [{ sites, agents }, alarms] = await Promise.all([
			readEdgeState(view, view.now),
			listLiveAlarms(view),
		]);
		const byState = { armed: 0, unarmed: 0, disabled: 0, new: 0 };
		for (const agent of agents) {
			const standing = standingOf(agent);
			if (standing !== "removed") byState[standing] += 1;
		}
		const behind = agents.map(({ metAt, disabledAt, behindSince }) =>
			metAt === null || disabledAt !== null || behindSince === null
				? 0
				: (view.now.getTime() - behindSince.getTime()) / 1_000,
		);
		return {
			agents: byState,
			alarms: Object.fromEntries(
				alarmKinds.map((kind) => [
					kind,
					alarms.filter((alarm) => alarm.kind === kind).length,
				]),
			),
			opening: sites.reduce((sum, { pending }) => sum + pending, 0),
			closing: sites.reduce((sum, { closing }) => sum + closing, 0),
			behindSeconds: Math.max(0, ...behind),
		};
	},
};
