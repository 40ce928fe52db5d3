/**
 * Staff: who works at the provider, and what the role allows (contract 14.54).
 */
import {
	type Actor,
	type StaffScope,
	scopes,
	staffWith,
} from "../../kernel/actor.ts";
import { refuseField } from "../../kernel/errors.ts";
import { isBlank, isCleanText, lengthInCodePoints } from "../../kernel/text.ts";

export interface Staff {
	readonly id: string;
	readonly name: string;
	readonly email: string | null;
	readonly role: StaffRole;
	readonly disabledAt: Date | null;
	readonly createdAt: Date;
}

/** An agent answers tickets, a reviewer also decides port 25 requests, an admin does everything. */
export const staffRoles = ["agent", "reviewer", "admin"] as const;

export type StaffRole = (typeof staffRoles)[number];

const roleScopes: Readonly<Record<StaffRole, readonly StaffScope[]>> = {
	agent: ["desk:tickets"],
	reviewer: ["desk:review", "desk:tickets"],
	admin: scopes.staff,
};

/** In code points. */
export const staffNameMax = 100;
/** RFC 5321, 4.5.3.1.3, without the angle brackets. */
export const emailLengthMax = 254;

/** What a member of staff with this role may do; keys of theirs can be narrower, never wider. */
export function scopesOfRole(role: StaffRole): readonly StaffScope[] {
	return roleScopes[role];
}

/** Whether somebody can administer: by the role, and not disabled. */
export function isAdmin({
	role,
	disabledAt,
}: Pick<Staff, "role" | "disabledAt">): boolean {
	return role === "admin" && disabledAt === null;
}

/** Refuses `auth.forbidden` to everybody but the system and staff with `desk:admin`: who may hand out access. */
export function requireAdmin(actor: Actor): void {
	if (actor.kind !== "system") staffWith(actor, "desk:admin");
}

/** Refuses `request.invalid` at `/name` or `/email`. An address is only looked at: mail itself shows whether it works. */
export function checkStaff(staff: {
	readonly name: string;
	readonly email: string | null;
}): void {
	const { name, email } = staff;
	const length = lengthInCodePoints(name);
	if (!isCleanText(name) || isBlank(name) || length > staffNameMax)
		refuseField("/name", "name must have 1 to 100 characters.");
	if (email === null) return;
	const isAddress = /^[^\s@\p{Cc}]+@[^\s@\p{Cc}]+$/u.test(email);
	if (!isAddress || !isCleanText(email) || email.length > emailLengthMax)
		refuseField("/email", "email must be an e-mail address.");
}
