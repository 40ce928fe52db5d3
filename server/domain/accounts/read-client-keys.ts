import { staffWith } from "../../kernel/actor.ts";
import type { Page } from "../../kernel/page.ts";
import type { Verb } from "../../platform/perform.ts";
import type { ApiKey } from "./api-key.ts";
import { type KeyPage, listApiKeys } from "./list-api-keys.ts";

export interface ReadClientKeys extends KeyPage {
	readonly clientId: string;
}

/**
 * An administrator reads the keys of a client, revoked and expired ones too. Clients name their keys themselves, so that
 * it was read is put on record; the record belongs to no client.
 *
 * Refuses `auth.forbidden` to everybody else, `resource.not_found` for an unknown client, `request.cursor_invalid`.
 */
export const readClientKeys: Verb<ReadClientKeys, Page<ApiKey>> = {
	name: "read-client-keys",
	async run(tx, { clientId, ...page }) {
		staffWith(tx.actor, "desk:admin");
		const keys = await listApiKeys.answer(tx, {
			holder: { clientId },
			...page,
		});
		tx.emit({
			kind: "client.keys_read_by_staff",
			subject: clientId,
			clientId: null,
			data: {},
		});
		return keys;
	},
};
