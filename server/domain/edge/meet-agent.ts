/** An agent is given the desired set for the first time. */
import { agentOf } from "../../kernel/actor.ts";
import type { Verb } from "../../platform/perform.ts";
import { updateMet } from "./agent-store.ts";

/**
 * Remembers that the agent may hold something open from now on: committed before it is given anything. Refuses
 * `auth.forbidden` to everybody but agents.
 */
export const meetAgent: Verb<Record<never, never>, void> = {
	name: "meet-agent",
	async run(tx) {
		const { agentId, siteId } = agentOf(tx.actor);
		if (await updateMet(tx, agentId, tx.now))
			tx.emit({
				kind: "edge.agent_met",
				subject: agentId,
				clientId: null,
				data: { siteId },
			});
	},
};
