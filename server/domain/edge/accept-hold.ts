/** Staff let an agent apply the snapshot that it holds back. */
import { refuse } from "../../kernel/errors.ts";
import { isId } from "../../kernel/id.ts";
import type { RecallableVerb } from "../../platform/perform.ts";
import { requireAdmin } from "../accounts/staff.ts";
import { updateAcceptedHold } from "./ack-store.ts";
import type { EdgeAgent } from "./agent.ts";
import { findAgent, lockAgent } from "./agent-store.ts";
import { listLiveAlarms } from "./alarm-store.ts";

/**
 * Accepts the hold that the agent's alarm is of, and no later one; the agent hears of it with the answer to its next report,
 * within half a minute. Accepting again changes nothing.
 *
 * Refuses `auth.forbidden` to everybody but the system and administrators, `resource.not_found` for an unknown or removed
 * agent, `edge.nothing_held`.
 */
export const acceptHold: RecallableVerb<{ readonly id: string }, EdgeAgent> = {
	name: "accept-hold",
	async run(tx, { id }) {
		requireAdmin(tx.actor);
		const agent = isId("agent", id) ? await lockAgent(tx, id) : undefined;
		if (agent === undefined) return refuse("resource.not_found");
		const [held] = await listLiveAlarms(tx, {
			agentId: id,
			kinds: ["snapshot_held"],
		});
		if (held === undefined || held.since === null)
			return refuse("edge.nothing_held");
		if (await updateAcceptedHold(tx, id, held.since))
			tx.emit({
				kind: "edge.hold_accepted",
				subject: id,
				clientId: null,
				data: { siteId: agent.siteId },
			});
		return agent;
	},
	recall: async (tx, id) =>
		(await findAgent(tx, id)) ?? refuse("resource.not_found"),
};
