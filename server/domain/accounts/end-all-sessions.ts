import { refuse } from "../../kernel/errors.ts";
import type { Verb } from "../../platform/perform.ts";
import type { KeyHolder } from "./api-key.ts";
import { endEach } from "./end-sessions.ts";

/** Ends every session of somebody, and gives their number. Refuses `auth.forbidden` to everybody but the system. */
export const endAllSessions: Verb<{ readonly holder: KeyHolder }, number> = {
	name: "end-all-sessions",
	async run(tx, { holder }) {
		if (tx.actor.kind !== "system") refuse("auth.forbidden");
		return endEach(tx, { holder, exceptId: null }, "ended");
	},
};
