/** Agents as administrators look at them. */
import type { Question } from "../../platform/perform.ts";
import { requireAdmin } from "../accounts/staff.ts";
import type { EdgeAgent } from "./agent.ts";
import { listAgents } from "./agent-store.ts";

/** Those that were not removed, by site and name. Refuses `auth.forbidden` to everybody but the system and administrators. */
export const listEdgeAgents: Question<
	{ readonly siteId?: string | undefined },
	EdgeAgent[]
> = {
	name: "list-edge-agents",
	async answer(view, filter) {
		requireAdmin(view.actor);
		return listAgents(view, filter);
	},
};
