import { refuseField } from "../../kernel/errors.ts";
import { newId } from "../../kernel/id.ts";
import type { Verb } from "../../platform/perform.ts";
import {
	checkStaff,
	requireAdmin,
	type Staff,
	type StaffRole,
} from "./staff.ts";
import { insertStaff } from "./staff-store.ts";

export interface NewStaff {
	readonly name: string;
	/** Unique in any case; null when the provider knows none. */
	readonly email: string | null;
	readonly role: StaffRole;
}

/**
 * Adds a member of staff.
 *
 * Refuses `auth.forbidden` to everybody but the system and administrators, `request.invalid` for a name or an e-mail
 * address that is none, or that somebody already has.
 */
export const addStaff: Verb<NewStaff, Staff> = {
	name: "add-staff",
	async run(tx, { name, email, role }) {
		requireAdmin(tx.actor);
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
};
