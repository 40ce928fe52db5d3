import { refuse } from "../../kernel/errors.ts";
import type { Question } from "../../platform/perform.ts";
import type { PastEvent } from "./audience.ts";
import { listEventsAfter } from "./event-store.ts";
import type { Place } from "./place.ts";

export interface PastEventsInput {
	readonly after: Place;
	/** The last place to be read. */
	readonly until: Place;
	readonly limit: number;
}

/**
 * What was told between two places, at most `limit` of it: to a customer of the customer's own events, to staff of all.
 * Which of them the caller may hear of is for `audience.ts` to say. Refuses `auth.forbidden` to the system.
 */
export const readPastEvents: Question<PastEventsInput, readonly PastEvent[]> = {
	name: "read-past-events",
	async answer(view, { after, until, limit }) {
		const { actor } = view;
		if (actor.kind === "system") refuse("auth.forbidden");
		const clientId = actor.kind === "customer" ? actor.clientId : undefined;
		return listEventsAfter(view, after, { limit, until, clientId });
	},
};
