/** An administrator disables an agent, enables it again, or says that its machine is gone. */
import { refuse } from "../../kernel/errors.ts";
import { isId } from "../../kernel/id.ts";
import type { RecallableVerb } from "../../platform/perform.ts";
import { revokeAgentKeys } from "../accounts/agent-keys.ts";
import { requireAdmin } from "../accounts/staff.ts";
import type { AgentAction, EdgeAgent } from "./agent.ts";
import { findAgent, lockAgent, updateStanding } from "./agent-store.ts";
import { alarmKinds } from "./alarm.ts";
import { setAlarms } from "./set-alarms.ts";

export interface ChangeAgent {
	readonly id: string;
	readonly action: AgentAction;
}

const eventOf = {
	disable: "edge.agent_disabled",
	enable: "edge.agent_enabled",
	remove: "edge.agent_removed",
} as const satisfies Record<AgentAction, string>;

/**
 * A disabled agent signs in no more, within a second: nothing waits for it to open, but what it was given it may still hold
 * open, so revocations stay `closing` until it is enabled and has acknowledged them, or is removed. A removed one counts for
 * nothing any more, and its keys are revoked; that cannot be undone. Doing again what is done changes nothing.
 *
 * Refuses `auth.forbidden` to everybody but the system and administrators, `resource.not_found` for an unknown or removed
 * agent.
 */
export const changeAgent: RecallableVerb<ChangeAgent, EdgeAgent> = {
	name: "change-agent",
	async run(tx, { id, action }) {
		requireAdmin(tx.actor);
		const agent = isId("agent", id) ? await lockAgent(tx, id) : undefined;
		if (agent === undefined) return refuse("resource.not_found");
		if (action !== "remove" && isSo(agent, action)) return agent;
		if (action === "remove") await revokeAgentKeys(tx, id);
		await updateStanding(tx, id, { action, at: tx.now });
		// From one that cannot report any more nothing is expected.
		if (action !== "enable")
			await setAlarms(tx, [], { agentId: id, kinds: alarmKinds });
		tx.emit({
			kind: eventOf[action],
			subject: id,
			clientId: null,
			data: { siteId: agent.siteId },
		});
		return (await findAgent(tx, id)) ?? refuse("resource.not_found");
	},
	recall: async (tx, id) =>
		(await findAgent(tx, id)) ?? refuse("resource.not_found"),
};

function isSo(
	{ disabledAt }: EdgeAgent,
	action: Exclude<AgentAction, "remove">,
): boolean {
	return (disabledAt !== null) === (action === "disable");
}
