/** The key of an agent at the edge: it has one, which an administrator makes, rolls and ends with the agent. */
import { scopes } from "../../kernel/actor.ts";
import { refuse } from "../../kernel/errors.ts";
import type { Tx } from "../../platform/perform.ts";
import type { ApiKey } from "./api-key.ts";
import { listKeys, lockKeys, revokeKey } from "./api-key-store.ts";
import { issueKey, type ShownApiKey } from "./issue-key.ts";
import { lockActingKey } from "./lock-keys.ts";
import { replaceKey, requireOverlap } from "./replace-key.ts";

/**
 * Makes the key of an agent that has none. It is a test key when one asks for it.
 *
 * Refuses `auth.required` when the key that asks has ended meanwhile.
 */
export async function issueAgentKey(
	tx: Tx,
	agent: { readonly id: string; readonly name: string },
	wish: { readonly isTest?: boolean } = {},
): Promise<ShownApiKey> {
	const own = await lockActingKey(tx);
	return issueKey(tx, {
		holder: { agentId: agent.id },
		name: agent.name,
		scopes: scopes.agent,
		expiresAt: null,
		isTest: wish.isTest ?? own?.isTest ?? false,
	});
}

/**
 * Puts a new key in the place of the one that the agent has; the old one works on for so many hours.
 *
 * Refuses `request.invalid` at `/overlapHours`, `auth.required` when the key that asks has ended meanwhile, `key.not_found`
 * when the agent has none.
 */
export async function rollAgentKey(
	tx: Tx,
	agentId: string,
	overlapHours: number,
): Promise<ShownApiKey> {
	requireOverlap(overlapHours);
	await lockActingKey(tx);
	const old = (await liveKeys(tx, agentId)).find(
		({ successorId }) => successorId === null,
	);
	return old === undefined
		? refuse("key.not_found")
		: replaceKey(tx, old, overlapHours);
}

/** Ends every key of the agent, in every process within a second. */
export async function revokeAgentKeys(tx: Tx, agentId: string): Promise<void> {
	for (const { id } of await liveKeys(tx, agentId)) {
		await revokeKey(tx, id, { at: tx.now });
		tx.emit({ kind: "key.revoked", subject: id, clientId: null, data: {} });
	}
}

/** Those that were not revoked, locked: the one in use and perhaps the one before it. */
async function liveKeys(tx: Tx, agentId: string): Promise<ApiKey[]> {
	const holder = { agentId };
	const found = await listKeys(tx, { holder, isRevoked: false, limit: 100 });
	const ids = found.map(({ id }) => id);
	const locked = await lockKeys(tx, ids, holder);
	return locked.filter(({ revokedAt }) => revokedAt === null);
}
