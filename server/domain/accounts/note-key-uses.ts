import { refuse } from "../../kernel/errors.ts";
import type { Verb } from "../../platform/perform.ts";
import { type KeyUse, touchKeys } from "./api-key-store.ts";

/**
 * Remembers when keys were last used; returns how many that changed.
 *
 * It leaves no event: a use is an observation, not a change that anybody made, and each request would otherwise write one.
 * Refuses `auth.forbidden` to everybody but the system.
 */
export const noteKeyUses: Verb<readonly KeyUse[], number> = {
	name: "note-key-uses",
	async run(tx, uses) {
		if (tx.actor.kind !== "system") refuse("auth.forbidden");
		return touchKeys(tx, uses);
	},
};
