import { refuse, refuseField } from "../../kernel/errors.ts";
import type { Verb } from "../../platform/perform.ts";
import { checkStaff } from "./staff.ts";
import { findStaff, updateStaffEmail } from "./staff-store.ts";

/**
 * Notes the e-mail address of a member of staff who had none.
 *
 * Refuses `auth.forbidden` to everybody but the system, `request.invalid` for what is no address or somebody else's,
 * `resource.not_found`.
 */
export const setStaffEmail: Verb<
	{ readonly staffId: string; readonly email: string },
	undefined
> = {
	name: "set-staff-email",
	async run(tx, { staffId, email }) {
		if (tx.actor.kind !== "system") refuse("auth.forbidden");
		const staff = await findStaff(tx, staffId);
		if (staff === undefined) return refuse("resource.not_found");
		if (staff.email !== null) return undefined;
		checkStaff({ name: staff.name, email });
		if (!(await updateStaffEmail(tx, staffId, email)))
			refuseField("/email", "Another member of staff has this e-mail address.");
		tx.emit({
			kind: "staff.email_set",
			subject: staffId,
			clientId: null,
			data: {},
		});
		return undefined;
	},
};
