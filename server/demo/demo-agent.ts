/** The demo's agent at the edge: nothing runs under it until somebody starts an agent with its key. */
import { parseKey } from "../domain/accounts/api-key.ts";
import { findKeyActor } from "../domain/accounts/find-key-actor.ts";
import { addAgent } from "../domain/edge/add-agent.ts";
import { listEdgeAgents } from "../domain/edge/list-agents.ts";
import { rollAgentKey } from "../domain/edge/roll-agent-key.ts";
import { assert } from "../kernel/assert.ts";
import type { Tx } from "../platform/perform.ts";
import { demoAgent, demoSite } from "./provider.ts";

/**
 * The key of the demo's agent: the known one when it still is its key, also of one that was disabled; otherwise made anew,
 * with the agent when there is none.
 */
export async function edgeKeyFor(
	tx: Tx,
	knownKey: string | undefined,
): Promise<string> {
	if (knownKey !== undefined && (await isItsKey(tx, knownKey))) return knownKey;
	const agents = await listEdgeAgents.answer(tx, { siteId: demoSite.id });
	const own = agents.find(({ name }) => name === demoAgent.name);
	const { key } =
		own === undefined
			? await addAgent.run(tx, {
					siteId: demoSite.id,
					name: demoAgent.name,
					isTest: true,
				})
			: await rollAgentKey.run(tx, { id: own.id, overlapHours: 0 });
	assert(key, "a key that was just made has its text");
	return key;
}

async function isItsKey(tx: Tx, text: string): Promise<boolean> {
	const parsed = parseKey(text);
	if (parsed === undefined) return false;
	const found = await findKeyActor.answer(tx, { hash: parsed.hash });
	return (
		found?.actor.kind === "agent" &&
		found.actor.siteId === demoSite.id &&
		found.state.revokedAt === null
	);
}
