import { isId } from "../../kernel/id.ts";
import type { Sql } from "../../platform/sql.ts";
import type { Staff } from "./staff.ts";
import { findStaff, listStaffCalled, lockStaffAlone } from "./staff-store.ts";

/** Undefined when there is no such member of staff, and when they are disabled. */
export async function findActiveStaff(
	db: Sql,
	staffId: string,
): Promise<Staff | undefined> {
	const staff = await findStaff(db, staffId);
	return staff?.disabledAt === null ? staff : undefined;
}

/**
 * The same, locked until the transaction ends: two changes of one person's ways to sign in are made one after the other, and
 * the second sees what the first has left.
 */
export async function lockActiveStaff(
	db: Sql,
	staffId: string,
): Promise<Staff | undefined> {
	const staff = await lockStaffAlone(db, staffId);
	return staff?.disabledAt === null ? staff : undefined;
}

/** Everybody whom an operator may mean: by id, e-mail address, or name as it is written. */
export async function findStaffCalled(db: Sql, text: string): Promise<Staff[]> {
	if (!isId("staff", text)) return listStaffCalled(db, text);
	const staff = await findStaff(db, text);
	return staff === undefined ? [] : [staff];
}
