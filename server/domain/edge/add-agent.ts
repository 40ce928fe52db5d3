/** An administrator lets another machine enforce a site. */
import { refuse, refuseField } from "../../kernel/errors.ts";
import { newId } from "../../kernel/id.ts";
import type { RecallableVerb, Tx } from "../../platform/perform.ts";
import { issueAgentKey } from "../accounts/agent-keys.ts";
import { requireAdmin } from "../accounts/staff.ts";
import { siteExists } from "../allowlist/desired-set.ts";
import { checkAgentName, type EdgeAgent } from "./agent.ts";
import { findAgent, insertAgent } from "./agent-store.ts";

export interface NewAgent {
	readonly siteId: string;
	/** Which machine it is, for people. */
	readonly name: string;
	/** For demo data only; of the kind of the key that asks when absent. */
	readonly isTest?: boolean;
}

/** An agent at the moment at which a key of it is made: the only one at which the key's text is known. */
export type AgentWithKey = EdgeAgent & {
	/** Null when an Idempotency-Key brought the answer back. */
	readonly key: string | null;
};

/**
 * Adds an agent to a site and makes its key. Nothing waits for it before it has reported that it is armed.
 *
 * Refuses `auth.forbidden` to everybody but the system and administrators, `request.invalid` for a bad name and at `/siteId`
 * for a site that there is not, `edge.name_taken` for the name of another agent of the site, `auth.required` when the key
 * that asks has ended meanwhile.
 */
export const addAgent: RecallableVerb<NewAgent, AgentWithKey> = {
	name: "add-agent",
	async run(tx, { siteId, name, ...wish }) {
		requireAdmin(tx.actor);
		checkAgentName(name);
		if (!(await siteExists(tx, siteId)))
			refuseField("/siteId", "There is no site with this id.");
		const id = newId("agent", tx.now);
		if (!(await insertAgent(tx, { id, siteId, name, createdAt: tx.now })))
			refuse("edge.name_taken");
		const { key } = await issueAgentKey(tx, { id, name }, wish);
		tx.emit({
			kind: "edge.agent_added",
			subject: id,
			clientId: null,
			data: { siteId },
		});
		const agent = await getAgentIn(tx, id);
		return { ...agent, key };
	},
	recall: recallAgent,
};

/** Presents again the agent that an Idempotency-Key made or gave a key: without the text of the key (contract 14.17). */
export async function recallAgent(tx: Tx, id: string): Promise<AgentWithKey> {
	return { ...(await getAgentIn(tx, id)), key: null };
}

async function getAgentIn(tx: Tx, id: string): Promise<EdgeAgent> {
	return (await findAgent(tx, id)) ?? refuse("resource.not_found");
}
