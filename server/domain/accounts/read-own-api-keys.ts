/** A customer's own keys, as they are read. One that was revoked is no more. */
import { customerOf } from "../../kernel/actor.ts";
import { refuse } from "../../kernel/errors.ts";
import { isId } from "../../kernel/id.ts";
import type { Page } from "../../kernel/page.ts";
import type { Question } from "../../platform/perform.ts";
import type { ApiKey } from "./api-key.ts";
import { findKey } from "./api-key-store.ts";
import { type KeyPage, pageOfKeys } from "./list-api-keys.ts";

/**
 * The caller's own keys, newest first, expired ones among them. Refuses `auth.forbidden` to everybody but customers,
 * `request.cursor_invalid`.
 */
export const listOwnApiKeys: Question<KeyPage, Page<ApiKey>> = {
	name: "list-own-api-keys",
	async answer(view, page) {
		const { clientId } = customerOf(view.actor);
		return pageOfKeys(view, { holder: { clientId }, isRevoked: false }, page);
	},
};

/** One of the caller's own. Refuses `auth.forbidden` to everybody but customers, `key.not_found`. */
export const getOwnApiKey: Question<{ readonly keyId: string }, ApiKey> = {
	name: "get-own-api-key",
	async answer(view, { keyId }) {
		const { clientId } = customerOf(view.actor);
		if (!isId("key", keyId)) return refuse("key.not_found");
		const key = await findKey(view, keyId, { clientId });
		return key?.revokedAt === null ? key : refuse("key.not_found");
	},
};
