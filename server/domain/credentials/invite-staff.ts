import { refuse } from "../../kernel/errors.ts";
import type { Tx, Verb } from "../../platform/perform.ts";
import { addStaff, type NewStaff } from "../accounts/add-staff.ts";
import { endAllSessions } from "../accounts/end-all-sessions.ts";
import { lockActiveStaff } from "../accounts/read-staff.ts";
import { mintToken } from "../accounts/session.ts";
import type { Staff } from "../accounts/staff.ts";
import { deletePassword } from "./credential-store.ts";
import { deleteIdentities } from "./identity-store.ts";
import { saveInvite } from "./invite-store.ts";
import { deletePasskeys } from "./passkey-store.ts";

const inviteHours = 24;

/** Whoever has the token may choose how that member of staff signs in. It is known now only. */
export interface Invite {
	readonly staff: Staff;
	readonly token: string;
	readonly expiresAt: Date;
}

/**
 * Adds a member of staff and invites them. Refuses as `add-staff`, and `auth.forbidden` to everybody but the system: an
 * invitation is as good as the account itself.
 */
export const inviteStaff: Verb<NewStaff, Invite> = {
	name: "invite-staff",
	async run(tx, newStaff) {
		if (tx.actor.kind !== "system") refuse("auth.forbidden");
		const staff = await addStaff.run(tx, newStaff);
		return makeInvite(tx, staff);
	},
};

/** How many sessions ended, beside the new invitation. */
export interface ResetAccess extends Invite {
	readonly ended: number;
}

/**
 * Takes every way to sign in away from a member of staff, ends their sessions, and invites them anew. API keys go on.
 *
 * Refuses `auth.forbidden` to everybody but the system, `resource.not_found` for somebody who is not there or disabled.
 */
export const resetAccess: Verb<{ readonly staffId: string }, ResetAccess> = {
	name: "reset-access",
	async run(tx, { staffId }) {
		if (tx.actor.kind !== "system") refuse("auth.forbidden");
		const staff = await lockActiveStaff(tx, staffId);
		if (staff === undefined) return refuse("resource.not_found");
		await deletePassword(tx, staffId);
		await deletePasskeys(tx, staffId);
		await deleteIdentities(tx, staffId);
		const ended = await endAllSessions.run(tx, { holder: { staffId } });
		tx.emit({
			kind: "staff.access_reset",
			subject: staffId,
			clientId: null,
			data: {},
		});
		return { ...(await makeInvite(tx, staff)), ended };
	},
};

async function makeInvite(tx: Tx, staff: Staff): Promise<Invite> {
	const { token, hash } = mintToken();
	const expiresAt = new Date(tx.now.getTime() + inviteHours * 3_600_000);
	await saveInvite(tx, { staffId: staff.id, hash, expiresAt });
	tx.emit({
		kind: "staff.invited",
		subject: staff.id,
		clientId: null,
		data: {},
	});
	return { staff, token, expiresAt };
}
