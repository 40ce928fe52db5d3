import { refuse } from "../../kernel/errors.ts";
import type { Question, Tx } from "../../platform/perform.ts";
import { findActiveStaff, lockActiveStaff } from "../accounts/read-staff.ts";
import { tokenHash } from "../accounts/session.ts";
import type { Staff } from "../accounts/staff.ts";
import { credentialOwner } from "./credential.ts";
import { findInvite, takeInvite } from "./invite-store.ts";

/**
 * Whom an invitation is for; looking does not use it. Refuses `auth.forbidden` to everybody but the system, and
 * `sign_in.invite_over`.
 */
export const readInvite: Question<
	{ readonly token: string },
	{ readonly staff: Staff; readonly expiresAt: Date }
> = {
	name: "read-invite",
	async answer(view, { token }) {
		if (view.actor.kind !== "system") refuse("auth.forbidden");
		const hash = tokenHash(token);
		const invite = hash && (await findInvite(view, hash, view.now));
		const staff = invite && (await findActiveStaff(view, invite.staffId));
		if (!invite || !staff) return refuse("sign_in.invite_over");
		return { staff, expiresAt: invite.expiresAt };
	},
};

/** Whose credential is made: the one of the invitation, which is used up, or of whoever is signed in. */
export type Enrolment =
	| { readonly invite: string }
	/** Of its token, where that was looked at before. */
	| { readonly inviteHash: string }
	| "own";

/**
 * The member of staff of an enrolment, locked. Refuses `sign_in.invite_over`, `auth.forbidden` to a key, `auth.required` to who
 * was disabled meanwhile.
 */
export async function lockEnrolled(
	tx: Tx,
	enrolment: Enrolment,
): Promise<Staff> {
	if (enrolment === "own") {
		const own = await lockActiveStaff(tx, credentialOwner(tx.actor));
		return own ?? refuse("auth.required");
	}
	if (tx.actor.kind !== "system") refuse("auth.forbidden");
	const hash =
		"inviteHash" in enrolment
			? enrolment.inviteHash
			: tokenHash(enrolment.invite);
	const invite = hash && (await takeInvite(tx, hash, tx.now));
	const staff = invite && (await lockActiveStaff(tx, invite.staffId));
	return staff || refuse("sign_in.invite_over");
}
