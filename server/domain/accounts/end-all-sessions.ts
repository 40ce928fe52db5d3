import { refuse } from "../../kernel/errors.ts";
import type { Tx, Verb } from "../../platform/perform.ts";
import type { KeyHolder } from "./api-key.ts";
import { endEach } from "./end-sessions.ts";
import { deletePassesOf } from "./sign-in-store.ts";

/** Ends every session of somebody, with what was promised to become one. Gives the number of sessions. */
export async function endEverySession(
	tx: Tx,
	holder: KeyHolder,
): Promise<number> {
	await deletePassesOf(tx, holder);
	return endEach(tx, { holder, exceptId: null }, "ended");
}

/** The same for whoever it is, by the system. Refuses `auth.forbidden` to everybody but the system. */
export const endAllSessions: Verb<{ readonly holder: KeyHolder }, number> = {
	name: "end-all-sessions",
	async run(tx, { holder }) {
		if (tx.actor.kind !== "system") refuse("auth.forbidden");
		return endEverySession(tx, holder);
	},
};
