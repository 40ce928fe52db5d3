import { isId } from "../../kernel/id.ts";
import type { Sql } from "../../platform/sql.ts";
import type { Staff } from "./staff.ts";
import {
	findStaff,
	listStaffCalled,
	lockStaff,
	lockStaffAlone,
} from "./staff-store.ts";

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

/**
 * The same, held as they are until the transaction ends, while others may hold them too. Signing in does it before it looks at
 * what the person came with: who loses their access in this moment has lost it before, or has this session ended with the rest.
 */
export async function holdActiveStaff(
	db: Sql,
	staffId: string,
): Promise<Staff | undefined> {
	const staff = await lockStaff(db, staffId);
	return staff?.disabledAt === null ? staff : undefined;
}

/** Everybody whom an operator may mean: by id, e-mail address, or name as it is written. */
export async function findStaffCalled(db: Sql, text: string): Promise<Staff[]> {
	if (!isId("staff", text)) return listStaffCalled(db, text);
	const staff = await findStaff(db, text);
	return staff === undefined ? [] : [staff];
}
