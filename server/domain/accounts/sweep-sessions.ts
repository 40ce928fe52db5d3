import { refuse } from "../../kernel/errors.ts";
import type { Verb } from "../../platform/perform.ts";
import { deleteSessionsBefore } from "./session-store.ts";

/** A session that is over is of no use; its event and audit rows stay. */
const keptMs = 7 * 24 * 3_600_000;

/** Deletes sessions that were over a week ago, and gives their number. Refuses `auth.forbidden` to everybody but the system. */
export const sweepSessions: Verb<Record<never, never>, number> = {
	name: "sweep-sessions",
	async run(tx) {
		if (tx.actor.kind !== "system") refuse("auth.forbidden");
		return deleteSessionsBefore(tx, new Date(tx.now.getTime() - keptMs));
	},
};
