import { refuse } from "../../kernel/errors.ts";
import type { Question } from "../../platform/perform.ts";
import { findKeysByIds } from "./api-key-store.ts";
import { type FoundKey, foundKey } from "./find-key-actor.ts";

/**
 * The keys with these ids, usable or not, as `findKeyActor` has them; those that do not exist are left out. One statement,
 * however many there are. Refuses `auth.forbidden` to everybody but the system.
 */
export const readKeyActors: Question<
	{ readonly ids: readonly string[] },
	readonly FoundKey[]
> = {
	name: "read-key-actors",
	async answer(view, { ids }) {
		if (view.actor.kind !== "system") refuse("auth.forbidden");
		return (await findKeysByIds(view, ids)).map(foundKey);
	},
};
