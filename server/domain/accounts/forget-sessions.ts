import { refuse } from "../../kernel/errors.ts";
import type { Verb } from "../../platform/perform.ts";
import { withdrawInvites } from "../credentials/withdraw-invites.ts";
import { deleteAllSessions } from "./session-store.ts";
import { deleteAllPasses } from "./sign-in-store.ts";

/**
 * Signs everybody out, and takes back every promise of a sign-in, invitations too; for a restored database, which knows nothing
 * of what ended or was used after its backup. No event of its own: what it is done for has one. Gives the number of sessions.
 *
 * Refuses `auth.forbidden` to everybody but the system.
 */
export const forgetSessions: Verb<Record<never, never>, number> = {
	name: "forget-sessions",
	async run(tx) {
		if (tx.actor.kind !== "system") refuse("auth.forbidden");
		await deleteAllPasses(tx);
		await withdrawInvites(tx);
		return deleteAllSessions(tx);
	},
};
