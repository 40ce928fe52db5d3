import { refuse } from "../../kernel/errors.ts";
import type { Verb } from "../../platform/perform.ts";
import { findClientIdByLegacyId } from "./client-store.ts";
import { type IssuedPass, makePass } from "./issue-pass.ts";
import { takeHandover } from "./sign-in-store.ts";

/** What a panel said of somebody, after its signature was found to be right. */
export interface Handover {
	readonly issuer: string;
	/** Of the token; no other of this issuer's has it. */
	readonly jti: string;
	/** The client's number at the provider. */
	readonly legacyId: number;
	/** From when on nobody would take the token any more. */
	readonly expiresAt: Date;
	/** A path of ours. */
	readonly returnTo?: string | undefined;
}

/**
 * Takes a hand-over from the provider's panel, once, and makes a pass of it.
 *
 * Refuses `auth.forbidden` to everybody but the system, `sign_in.token_used`, `sign_in.client_unknown`.
 */
export const acceptHandover: Verb<Handover, IssuedPass> = {
	name: "accept-handover",
	async run(tx, { legacyId, returnTo, ...handover }) {
		if (tx.actor.kind !== "system") refuse("auth.forbidden");
		if (!(await takeHandover(tx, handover)))
			return refuse("sign_in.token_used");
		const client = await findClientIdByLegacyId(tx, legacyId);
		if (client === undefined) return refuse("sign_in.client_unknown");
		const holder = { clientId: client.id };
		return makePass(tx, { holder, how: "handover", returnTo });
	},
};
