import { refuse } from "../../kernel/errors.ts";
import type { Question } from "../../platform/perform.ts";
import type { PastEvent } from "./audience.ts";
import { listEventsAfter } from "./event-store.ts";
import type { Place } from "./place.ts";

/** Everything that is told after a place, at most `limit` of it. Refuses `auth.forbidden` to everybody but the system. */
export const tailEvents: Question<
	{ readonly after: Place; readonly limit: number },
	readonly PastEvent[]
> = {
	name: "tail-events",
	async answer(view, { after, limit }) {
		if (view.actor.kind !== "system") refuse("auth.forbidden");
		return listEventsAfter(view, after, { limit });
	},
};
