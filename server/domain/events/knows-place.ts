import { refuse } from "../../kernel/errors.ts";
import type { Question } from "../../platform/perform.ts";
import { hasPlace } from "./event-store.ts";
import { origin, type Place } from "./place.ts";

/**
 * Whether this database has the event of a place. One that was restored to an earlier time, or failed over to a standby
 * that had not heard of it, has not; what came after that place is then anybody's guess.
 *
 * Refuses `auth.forbidden` to everybody but the system.
 */
export const knowsPlace: Question<Place, boolean> = {
	name: "knows-place",
	async answer(view, place) {
		if (view.actor.kind !== "system") refuse("auth.forbidden");
		return place.id === origin.id || (await hasPlace(view, place));
	},
};
