/** The edge as administrators look at it. */
import { refuse } from "../../kernel/errors.ts";
import { isId } from "../../kernel/id.ts";
import type { Question } from "../../platform/perform.ts";
import { requireAdmin } from "../accounts/staff.ts";
import type { Alarm } from "./alarm.ts";
import { listAlarmsSince } from "./alarm-store.ts";
import { listDrifts } from "./drift-store.ts";
import {
	type AgentState,
	type EdgeState,
	readEdgeState,
} from "./edge-state.ts";
import { type Drift, driftsKept } from "./report.ts";

export interface Edge extends EdgeState {
	/** Those that are on, then those that were cleared within a day; the newest first, at most so many. */
	readonly alarms: readonly Alarm[];
}

const dayMs = 86_400_000;
const alarmsMax = 500;

/** Sites, agents and alarms. Refuses `auth.forbidden` to everybody but the system and administrators. */
export const readEdge: Question<Record<never, never>, Edge> = {
	name: "read-edge",
	async answer(view) {
		requireAdmin(view.actor);
		const [state, alarms] = await Promise.all([
			readEdgeState(view, view.now),
			listAlarmsSince(view, new Date(view.now.getTime() - dayMs), alarmsMax),
		]);
		return { ...state, alarms };
	},
};

/**
 * One agent with its drift reports, newest first. Refuses `auth.forbidden` likewise, `resource.not_found` for an unknown or
 * removed agent.
 */
export const readAgent: Question<
	{ readonly id: string },
	AgentState & { readonly drifts: readonly Drift[] }
> = {
	name: "read-agent",
	async answer(view, { id }) {
		requireAdmin(view.actor);
		if (!isId("agent", id)) return refuse("resource.not_found");
		const [{ agents }, drifts] = await Promise.all([
			readEdgeState(view, view.now),
			listDrifts(view, id, driftsKept),
		]);
		const agent = agents.find((one) => one.id === id);
		return agent === undefined
			? refuse("resource.not_found")
			: { ...agent, drifts };
	},
};
