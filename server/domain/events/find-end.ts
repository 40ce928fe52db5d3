import { refuse } from "../../kernel/errors.ts";
import type { Question } from "../../platform/perform.ts";
import { findLastPlace } from "./event-store.ts";
import { origin, type Place } from "./place.ts";

/** Where the events end at present. Refuses `auth.forbidden` to everybody but the system. */
export const findEnd: Question<unknown, Place> = {
	name: "find-end",
	async answer(view) {
		if (view.actor.kind !== "system") refuse("auth.forbidden");
		return (await findLastPlace(view)) ?? origin;
	},
};
