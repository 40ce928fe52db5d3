import { refuse } from "../../kernel/errors.ts";
import type { Verb } from "../../platform/perform.ts";
import { deleteOldSignIns } from "./sign-in-store.ts";

const hourMs = 3_600_000;

/**
 * Deletes passes and hand-overs that nobody would take any more, and mails that need not be counted. Gives the number.
 * Refuses `auth.forbidden` to everybody but the system.
 */
export const sweepSignIns: Verb<Record<never, never>, number> = {
	name: "sweep-sign-ins",
	async run(tx) {
		if (tx.actor.kind !== "system") refuse("auth.forbidden");
		const mailsBefore = new Date(tx.now.getTime() - hourMs);
		return deleteOldSignIns(tx, { now: tx.now, mailsBefore });
	},
};
