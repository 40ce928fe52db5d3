import { refuse } from "../../kernel/errors.ts";
import { isId } from "../../kernel/id.ts";
import type { Tx, Verb } from "../../platform/perform.ts";
import type { ApiKey, KeyHolder } from "./api-key.ts";
import { findKey, revokeKey } from "./api-key-store.ts";
import { lockKeyToChange } from "./lock-keys.ts";
import { requireAdmin } from "./staff.ts";

export interface RevokeApiKey {
	readonly keyId: string;
	/** Whose key it must be; anybody's when absent. A customer's own in any case. */
	readonly holder?: KeyHolder;
}

/**
 * Ends an API key, in every process within a second. A client may end each of its keys, also a stronger one and the one
 * that is used: who has found a leaked key can stop it. For the system and administrators a key that was revoked before
 * stays as it is, and nothing happens; for its client it is no more.
 *
 * Refuses `auth.forbidden` to other staff, `key.not_found` for an unknown key, and to customers `account.inactive`.
 */
export const revokeApiKey: Verb<RevokeApiKey, ApiKey> = {
	name: "revoke-api-key",
	async run(tx, { keyId, holder }) {
		if (tx.actor.kind === "customer") await lockKeyToChange(tx, keyId);
		else requireAdmin(tx.actor);
		if (!isId("key", keyId)) return refuse("key.not_found");
		const revoked = await revokeKey(tx, keyId, { at: tx.now, holder });
		if (revoked === undefined)
			return (await findKey(tx, keyId, holder)) ?? refuse("key.not_found");
		emitRevoked(tx, revoked);
		return revoked;
	},
};

function emitRevoked(tx: Tx, { id, clientId }: ApiKey): void {
	tx.emit({ kind: "key.revoked", subject: id, clientId, data: {} });
}
