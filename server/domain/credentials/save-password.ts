import { refuse, refuseField } from "../../kernel/errors.ts";
import type { Tx, Verb } from "../../platform/perform.ts";
import { endOtherSessions } from "../accounts/end-sessions.ts";
import { setStaffEmail } from "../accounts/set-staff-email.ts";
import type { Staff } from "../accounts/staff.ts";
import { type Enrolment, lockEnrolled } from "./accept-invite.ts";
import {
	findPasswordState,
	replaceRecoveryCodes,
	saveAuthenticator,
	savePassword as storePassword,
} from "./credential-store.ts";
import { useUpFlow } from "./take-flow.ts";

export interface PasswordToSave {
	readonly enrolment: Enrolment;
	/** One signs in with an address and a password: for somebody of whom none is known yet. */
	readonly email?: string | undefined;
	/** The new password as Argon2id; undefined when it stays. */
	readonly phc?: string | undefined;
	/** The new authenticator, by a code of which the person has shown to have it. */
	readonly authenticator?:
		| {
				readonly flow: string;
				readonly secret: string;
				readonly step: number;
				readonly recoveryHashes: readonly string[];
		  }
		| undefined;
}

/**
 * Sets a password, the authenticator that belongs to it, or both. One's other sessions end: whoever changes a password may have
 * lost the old one.
 *
 * Refuses what `lockEnrolled` and `set-staff-email` refuse, `sign_in.flow_over`, and `request.invalid` for half of a pair
 * where there is no other half.
 */
export const savePassword: Verb<PasswordToSave, Staff> = {
	name: "save-password",
	async run(tx, { enrolment, email, phc, authenticator }) {
		const staff = await lockEnrolled(tx, enrolment);
		await requirePair(tx, staff.id, { phc, authenticator });
		if (staff.email === null) {
			if (email === undefined)
				refuseField(
					"/email",
					"With a password one signs in by e-mail address.",
				);
			await setStaffEmail.run(tx, { staffId: staff.id, email });
		}
		const at = tx.now;
		const about = { subject: staff.id, clientId: null } as const;
		const kind = "staff.credential_added";
		if (phc !== undefined) {
			await storePassword(tx, { staffId: staff.id, phc, at });
			tx.emit({ ...about, kind, data: { credential: "password" } });
		}
		if (authenticator !== undefined) {
			const { flow, secret, step, recoveryHashes } = authenticator;
			const { id: staffId } = staff;
			const begun = await useUpFlow(tx, "authenticator", {
				token: flow,
				staffId,
			});
			if (begun.secret !== secret) refuse("sign_in.flow_over");
			await saveAuthenticator(tx, { staffId, secret, step, at });
			await replaceRecoveryCodes(tx, staffId, recoveryHashes);
			tx.emit({ ...about, kind, data: { credential: "authenticator" } });
		}
		if (enrolment === "own") await endOtherSessions.run(tx, {});
		return staff;
	},
};

async function requirePair(
	tx: Tx,
	staffId: string,
	{ phc, authenticator }: Pick<PasswordToSave, "phc" | "authenticator">,
): Promise<void> {
	const had = await findPasswordState(tx, staffId);
	if (phc === undefined && had.passwordChangedAt === null)
		refuseField("/password", "There is no password yet: choose one.");
	if (authenticator === undefined && had.authenticatorAddedAt === null)
		refuseField(
			"/authenticator",
			"A password needs the codes of an authenticator app beside it.",
		);
}
