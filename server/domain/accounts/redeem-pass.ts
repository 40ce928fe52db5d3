import { refuse } from "../../kernel/errors.ts";
import type { Question, Verb } from "../../platform/perform.ts";
import {
	type BegunSession,
	beginSession,
	type SessionToBegin,
} from "./begin-session.ts";
import { tokenHash } from "./session.ts";
import type { Pass } from "./sign-in-pass.ts";
import { deletePasses, findPass, takePass } from "./sign-in-store.ts";

/**
 * What a pass promises, without using it: mail scanners and browsers that fetch ahead follow links, too. Undefined for one
 * that was used, is over, or never was. Refuses `auth.forbidden` to everybody but the system.
 */
export const readPass: Question<{ readonly token: string }, Pass | undefined> =
	{
		name: "read-pass",
		async answer(view, { token }) {
			if (view.actor.kind !== "system") refuse("auth.forbidden");
			const hash = tokenHash(token);
			return hash === undefined ? undefined : findPass(view, hash, view.now);
		},
	};

export interface PassToRedeem
	extends Pick<SessionToBegin, "from" | "replaces"> {
	readonly token: string;
}

/** What became of it, and where the browser goes. */
export interface RedeemedPass extends BegunSession {
	readonly returnTo: string;
}

/**
 * Makes a session of a pass; the pass is used up, and the others that came to the same person in the same way with it.
 *
 * Refuses `auth.forbidden` to everybody but the system, `sign_in.pass_over`, and what `begin-session` refuses.
 */
export const redeemPass: Verb<PassToRedeem, RedeemedPass> = {
	name: "redeem-pass",
	async run(tx, { token, from, replaces }) {
		if (tx.actor.kind !== "system") refuse("auth.forbidden");
		const hash = tokenHash(token);
		const pass = hash && (await takePass(tx, hash, tx.now));
		if (!pass) return refuse("sign_in.pass_over");
		const { how, clientId, staffId, returnTo } = pass;
		await deletePasses(tx, pass, how);
		const holder =
			clientId === null ? { staffId: staffId ?? "" } : { clientId };
		const begun = await beginSession.run(tx, { holder, how, from, replaces });
		return { ...begun, returnTo };
	},
};
