import { refuse, refuseField } from "../../kernel/errors.ts";
import { newId } from "../../kernel/id.ts";
import type { RecallableVerb } from "../../platform/perform.ts";
import { lockActingKey } from "./lock-keys.ts";
import {
	checkStaff,
	requireAdmin,
	type Staff,
	type StaffRole,
} from "./staff.ts";
import { findStaff, insertStaff } from "./staff-store.ts";

export interface NewStaff {
	readonly name: string;
	/** Unique in any case; null when the provider knows none. */
	readonly email: string | null;
	readonly role: StaffRole;
}

/**
 * Adds a member of staff, who can do nothing before a key is made for them.
 *
 * Refuses `auth.forbidden` to everybody but the system and administrators, `request.invalid` for a name or an e-mail
 * address that is none, or that somebody already has, `auth.required` when the key that is used has ended meanwhile.
 */
export const addStaff: RecallableVerb<NewStaff, Staff> = {
	name: "add-staff",
	async run(tx, { name, email, role }) {
		requireAdmin(tx.actor);
		await lockActingKey(tx);
		checkStaff({ name, email });
		const staff: Staff = {
			id: newId("staff", tx.now),
			name,
			email,
			role,
			disabledAt: null,
			createdAt: tx.now,
		};
		if (!(await insertStaff(tx, staff)))
			refuseField("/email", "Another member of staff has this e-mail address.");
		tx.emit({
			kind: "staff.added",
			subject: staff.id,
			clientId: null,
			data: { role },
		});
		return staff;
	},
	async recall(tx, id) {
		return (await findStaff(tx, id)) ?? refuse("resource.not_found");
	},
};
