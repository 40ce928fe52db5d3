import { refuse } from "../../kernel/errors.ts";
import type { Question, Tx } from "../../platform/perform.ts";
import { lockActingSession } from "../accounts/lock-keys.ts";
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

/**
 * The member of staff who changes their own ways to sign in, locked, and so is the session in which they do it: one that ends
 * in this moment leaves no new way in behind.
 *
 * Refuses `auth.forbidden` to a key, `auth.required` to who was disabled, or whose session has ended, meanwhile.
 */
export async function lockOwner(tx: Tx): Promise<Staff> {
	const staff = await lockActiveStaff(tx, credentialOwner(tx.actor));
	if (staff === undefined) return refuse("auth.required");
	await lockActingSession(tx);
	return staff;
}

/** Whose credential is made: the one of the invitation, which is used up, or of whoever is signed in. */
export type Enrolment =
	| { readonly invite: string }
	/** Of its token, where that was looked at before. */
	| { readonly inviteHash: string }
	| "own";

/**
 * The member of staff of an enrolment, locked. Refuses `sign_in.invite_over`, `auth.forbidden` to a key, and what
 * `lockOwner` refuses.
 */
export async function lockEnrolled(
	tx: Tx,
	enrolment: Enrolment,
): Promise<Staff> {
	if (enrolment === "own") return lockOwner(tx);
	if (tx.actor.kind !== "system") refuse("auth.forbidden");
	const hash =
		"inviteHash" in enrolment
			? enrolment.inviteHash
			: tokenHash(enrolment.invite);
	const invite = hash && (await takeInvite(tx, hash, tx.now));
	const staff = invite && (await lockActiveStaff(tx, invite.staffId));
	return staff || refuse("sign_in.invite_over");
}
