import { refuse } from "../../kernel/errors.ts";
import type { DomainEvent } from "../../kernel/events.ts";
import { isId } from "../../kernel/id.ts";
import type { Verb } from "../../platform/perform.ts";
import { withdrawInvite } from "../credentials/withdraw-invites.ts";
import { endEverySession } from "./end-all-sessions.ts";
import { lockActingKey } from "./lock-keys.ts";
import {
	checkStaff,
	isAdmin,
	requireAdmin,
	type Staff,
	type StaffRole,
} from "./staff.ts";
import {
	findStaff,
	hasOtherAdmin,
	lockAllStaff,
	updateStaff,
} from "./staff-store.ts";

/** A field that is absent stays as it is. */
export interface PatchStaff {
	readonly staffId: string;
	readonly name?: string | undefined;
	readonly role?: StaffRole | undefined;
	/**
	 * The keys of who is disabled stop working within a second, and work again when enabled. Their sessions and their invitation
	 * are over for good.
	 */
	readonly disabled?: boolean | undefined;
}

/**
 * Changes a member of staff; one's own name, role and access too. What the role allows reaches the keys within a second.
 * What is so already leaves no event.
 *
 * Refuses `auth.forbidden` to everybody but the system and administrators, `resource.not_found`, `request.invalid` for a
 * name that is none, `staff.last_admin` when nobody would be left to administer, `auth.required` when the key that is used
 * has ended meanwhile.
 */
export const patchStaff: Verb<PatchStaff, Staff> = {
	name: "patch-staff",
	async run(tx, { staffId, name, role, disabled }) {
		requireAdmin(tx.actor);
		if (!isId("staff", staffId)) return refuse("resource.not_found");
		await lockAllStaff(tx);
		const before = await findStaff(tx, staffId);
		if (before === undefined) return refuse("resource.not_found");
		const after: Staff = {
			...before,
			name: name ?? before.name,
			role: role ?? before.role,
			disabledAt: disabled === false ? null : before.disabledAt,
			...(disabled === true && { disabledAt: before.disabledAt ?? tx.now }),
		};
		checkStaff(after);
		const isLoss = isAdmin(before) && !isAdmin(after);
		if (isLoss && !(await hasOtherAdmin(tx, staffId)))
			return refuse("staff.last_admin");
		await lockActingKey(tx);
		const events = changesBetween(before, after);
		if (events.length === 0) return before;
		await updateStaff(tx, after);
		for (const event of events) tx.emit(event);
		if (before.disabledAt === null && after.disabledAt !== null) {
			await endEverySession(tx, { staffId });
			await withdrawInvite(tx, staffId);
		}
		return after;
	},
};

function changesBetween(before: Staff, after: Staff): DomainEvent[] {
	const about = { subject: before.id, clientId: null };
	const events: DomainEvent[] = [];
	if (before.name !== after.name)
		events.push({ ...about, kind: "staff.renamed", data: {} });
	if (before.role !== after.role)
		events.push({
			...about,
			kind: "staff.role_changed",
			data: { role: after.role, was: before.role },
		});
	if ((before.disabledAt === null) !== (after.disabledAt === null)) {
		const kind = after.disabledAt === null ? "staff.enabled" : "staff.disabled";
		events.push({ ...about, kind, data: {} });
	}
	return events;
}
