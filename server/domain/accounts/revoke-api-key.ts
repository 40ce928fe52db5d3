import { refuse } from "../../kernel/errors.ts";
import { isId } from "../../kernel/id.ts";
import type { Verb } from "../../platform/perform.ts";
import type { ApiKey } from "./api-key.ts";
import { findKey, revokeKey } from "./api-key-store.ts";
import { requireAdmin } from "./staff.ts";

/**
 * Ends an API key, in every process within a second. A key that was revoked before stays as it is, and nothing happens.
 *
 * Refuses `auth.forbidden` to everybody but the system and administrators, `resource.not_found` for an unknown key.
 */
export const revokeApiKey: Verb<{ readonly keyId: string }, ApiKey> = {
	name: "revoke-api-key",
	async run(tx, { keyId }) {
		requireAdmin(tx.actor);
		if (!isId("key", keyId)) return refuse("resource.not_found");
		const revoked = await revokeKey(tx, keyId, tx.now);
		if (revoked === undefined)
			return (await findKey(tx, keyId)) ?? refuse("resource.not_found");
		tx.emit({
			kind: "key.revoked",
			subject: revoked.id,
			clientId: revoked.clientId,
			data: {},
		});
		return revoked;
	},
};
