import { refuse } from "../../kernel/errors.ts";
import type { Verb } from "../../platform/perform.ts";
import { mintToken } from "../accounts/session.ts";
import { credentialOwner } from "./credential.ts";
import { type Flow, flowMinutes } from "./flow.ts";
import { deleteFlowsBefore, insertFlow } from "./flow-store.ts";

/**
 * Keeps what has to be remembered until somebody comes back with the token. It leaves no event: nothing has changed yet.
 *
 * The system may for everybody; staff in a session for themselves. Refuses `auth.forbidden` otherwise.
 */
export const beginFlow: Verb<Flow, { readonly token: string }> = {
	name: "begin-flow",
	async run(tx, flow) {
		const { actor, now } = tx;
		if (actor.kind !== "system" && credentialOwner(actor) !== flow.staffId)
			refuse("auth.forbidden");
		const { token, hash } = mintToken();
		const expiresAt = new Date(now.getTime() + flowMinutes * 60_000);
		await insertFlow(tx, flow, { hash, expiresAt });
		return { token };
	},
};

/** Forgets flows that nobody can finish any more, and gives their number. Refuses `auth.forbidden` to all but the system. */
export const sweepFlows: Verb<Record<never, never>, number> = {
	name: "sweep-flows",
	async run(tx) {
		if (tx.actor.kind !== "system") refuse("auth.forbidden");
		return deleteFlowsBefore(tx, tx.now);
	},
};
