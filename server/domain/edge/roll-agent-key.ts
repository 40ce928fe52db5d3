/** An administrator gives an agent another key. */
import { refuse } from "../../kernel/errors.ts";
import { isId } from "../../kernel/id.ts";
import type { RecallableVerb } from "../../platform/perform.ts";
import { rollAgentKey as rollKey } from "../accounts/agent-keys.ts";
import { requireAdmin } from "../accounts/staff.ts";
import { type AgentWithKey, recallAgent } from "./add-agent.ts";
import { lockAgent } from "./agent-store.ts";

export interface RollAgentKey {
	readonly id: string;
	/** Whole hours for which the old key still works, 0 to 24; 0 ends it at once. */
	readonly overlapHours: number;
}

/**
 * Puts a new key in the place of the agent's.
 *
 * Refuses `auth.forbidden` to everybody but the system and administrators, `resource.not_found` for an unknown or removed
 * agent, `request.invalid` at `/overlapHours`, `auth.required` when the key that asks has ended meanwhile.
 */
export const rollAgentKey: RecallableVerb<RollAgentKey, AgentWithKey> = {
	name: "roll-agent-key",
	async run(tx, { id, overlapHours }) {
		requireAdmin(tx.actor);
		const agent = isId("agent", id) ? await lockAgent(tx, id) : undefined;
		if (agent === undefined) return refuse("resource.not_found");
		const { key } = await rollKey(tx, id, overlapHours);
		return { ...agent, key };
	},
	recall: recallAgent,
};
