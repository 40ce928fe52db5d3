import type { Caller } from "../../kernel/actor.ts";
import { assert } from "../../kernel/assert.ts";
import { refuse } from "../../kernel/errors.ts";
import type { Question } from "../../platform/perform.ts";
import type { KeyState } from "./api-key.ts";
import { findKeyByHash, type KeyWithHolder } from "./api-key-store.ts";
import { scopesOfRole } from "./staff.ts";

/** A stored key: whom it signs in, and what decides whether it does. */
export interface FoundKey {
	readonly id: string;
	readonly state: KeyState;
	readonly lastUsedAt: Date | null;
	readonly actor: Caller;
}

/**
 * The key with this hash, usable or not; undefined when there is none. One statement.
 *
 * The status of a client is not looked at: a suspended client may still read (contract 14.40), and each verb that it may
 * not use says so. What staff may do is what both the key and their present role allow, so a change of role reaches the keys.
 *
 * Refuses `auth.forbidden` to everybody but the system.
 */
export const findKeyActor: Question<
	{ readonly hash: string },
	FoundKey | undefined
> = {
	name: "find-key-actor",
	async answer(view, { hash }) {
		if (view.actor.kind !== "system") refuse("auth.forbidden");
		const key = await findKeyByHash(view, hash);
		return key === undefined ? undefined : foundKey(key);
	},
};

export function foundKey(key: KeyWithHolder): FoundKey {
	const { id, lastUsedAt } = key;
	return { id, state: key, lastUsedAt, actor: actorOf(key) };
}

function actorOf(key: KeyWithHolder): Caller {
	const { id: keyId, clientId, agentId, siteId, scopes } = key;
	if (clientId !== null) return { kind: "customer", clientId, keyId, scopes };
	if (agentId !== null && siteId !== null)
		return { kind: "agent", agentId, siteId, keyId, scopes };
	const { staffId, staffName, staffRole } = key;
	assert(
		staffId !== null && staffName !== null && staffRole !== null,
		"a key belongs to a client, to a member of staff or to an agent",
	);
	const allowed: readonly string[] = scopesOfRole(staffRole);
	return {
		kind: "staff",
		staffId,
		name: staffName,
		keyId,
		scopes: scopes.filter((scope) => allowed.includes(scope)),
	};
}
