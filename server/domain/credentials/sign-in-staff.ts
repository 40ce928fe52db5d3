import { refuse } from "../../kernel/errors.ts";
import type { Tx, Verb } from "../../platform/perform.ts";
import {
	type BegunSession,
	beginSession,
	type SessionToBegin,
} from "../accounts/begin-session.ts";
import { holdActiveStaff } from "../accounts/read-staff.ts";
import { credentialOwner } from "./credential.ts";
import { lockPassword, useRecoveryCode, useStep } from "./credential-store.ts";
import { usePasskey } from "./passkey-store.ts";

/** The second half of a password: a code of the authenticator, by its time step, or a recovery code. */
export type SecondFactor =
	| { readonly secret: string; readonly step: number }
	| { readonly recoveryHash: string };

type Browser = Pick<SessionToBegin, "from" | "replaces">;

/**
 * Signs a member of staff in whose password and code a face has compared. What was compared must still be so, and the code is
 * used up. Refuses `auth.forbidden` to everybody but the system, `sign_in.refused`, and what `begin-session` refuses.
 */
export const signInWithPassword: Verb<
	Browser & {
		readonly staffId: string;
		readonly phc: string;
		readonly second: SecondFactor;
	},
	BegunSession
> = {
	name: "sign-in-with-password",
	async run(tx, { staffId, phc, second, ...browser }) {
		if (tx.actor.kind !== "system") refuse("auth.forbidden");
		await hold(tx, staffId);
		if (!(await lockPassword(tx, staffId, phc))) refuse("sign_in.refused");
		await useUpSecond(tx, staffId, second);
		const holder = { staffId };
		return beginSession.run(tx, { holder, how: "password", ...browser });
	},
};

/**
 * Signs in anew, by a code alone, who is signed in already: the session is replaced by one whose holder has just proved to be
 * there. Refuses `auth.forbidden` to a key, `sign_in.refused`, and what `begin-session` refuses.
 */
export const confirmWithCode: Verb<
	Browser & { readonly second: SecondFactor },
	BegunSession
> = {
	name: "confirm-with-code",
	async run(tx, { second, ...browser }) {
		const staffId = credentialOwner(tx.actor);
		await hold(tx, staffId);
		await useUpSecond(tx, staffId, second);
		const holder = { staffId };
		return beginSession.run(tx, { holder, how: "password", ...browser });
	},
};

/**
 * Signs in the owner of a passkey whose signature a face has checked. Refuses `auth.forbidden` to everybody but the system,
 * `sign_in.refused` when the passkey is gone or its count has gone back, and what `begin-session` refuses.
 */
export const signInWithPasskey: Verb<
	Browser & {
		readonly id: string;
		readonly staffId: string;
		readonly counter: number;
	},
	BegunSession
> = {
	name: "sign-in-with-passkey",
	async run(tx, { id, staffId, counter, ...browser }) {
		if (tx.actor.kind !== "system") refuse("auth.forbidden");
		await hold(tx, staffId);
		if (!(await usePasskey(tx, { id, counter, at: tx.now })))
			refuse("sign_in.refused");
		const holder = { staffId };
		return beginSession.run(tx, { holder, how: "passkey", ...browser });
	},
};

async function hold(tx: Tx, staffId: string): Promise<void> {
	if (!(await holdActiveStaff(tx, staffId))) refuse("auth.required");
}

async function useUpSecond(
	tx: Tx,
	staffId: string,
	second: SecondFactor,
): Promise<void> {
	if ("step" in second) {
		if (!(await useStep(tx, { staffId, ...second }))) refuse("sign_in.refused");
		return;
	}
	if (!(await useRecoveryCode(tx, staffId, second.recoveryHash)))
		refuse("sign_in.refused");
	tx.emit({
		kind: "staff.recovery_code_used",
		subject: staffId,
		clientId: null,
		data: {},
	});
}
