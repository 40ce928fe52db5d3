import { refuse } from "../../kernel/errors.ts";
import type { Verb } from "../../platform/perform.ts";
import { touchSession } from "./session-store.ts";

/**
 * Remembers when a session was last used. It leaves no event, as for keys. Refuses `auth.forbidden` to everybody but the
 * system.
 */
export const noteSessionUse: Verb<
	{ readonly id: string; readonly at: Date },
	undefined
> = {
	name: "note-session-use",
	async run(tx, { id, at }) {
		if (tx.actor.kind !== "system") refuse("auth.forbidden");
		await touchSession(tx, id, at);
		return undefined;
	},
};
