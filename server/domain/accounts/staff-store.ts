/** The only SQL that writes the table of staff. */
import { none, type Sql, sql } from "../../platform/sql.ts";
import type { Staff } from "./staff.ts";

const columns = sql`id, name, email, role, disabled_at, created_at`;

/** False when somebody already has the e-mail address, in whatever case. */
export async function insertStaff(db: Sql, staff: Staff): Promise<boolean> {
	const inserted = await db.run(sql`
		insert into staff (id, name, email, role, disabled_at, created_at)
		values (${staff.id}, ${staff.name}, ${staff.email}, ${staff.role}, ${staff.disabledAt}, ${staff.createdAt})
		on conflict (lower(email)) do nothing`);
	return inserted === 1;
}

export function findStaff(db: Sql, id: string): Promise<Staff | undefined> {
	return db.first(sql<Staff>`select ${columns} from staff where id = ${id}`);
}

/** Locked against changes until the transaction ends; others may look at the same time. */
export function lockStaff(db: Sql, id: string): Promise<Staff | undefined> {
	return db.first(
		sql<Staff>`select ${columns} from staff where id = ${id} for share`,
	);
}

/** Locked until the transaction ends; nobody else locks it meanwhile. */
export function lockStaffAlone(
	db: Sql,
	id: string,
): Promise<Staff | undefined> {
	return db.first(
		sql<Staff>`select ${columns} from staff where id = ${id} for no key update`,
	);
}

export interface StaffWanted {
	/** Only staff who were added before this one. */
	readonly beforeId?: string | undefined;
	readonly limit: number;
}

/** Newest first, the disabled among them. */
export function listStaffRows(
	db: Sql,
	{ beforeId, limit }: StaffWanted,
): Promise<Staff[]> {
	return db.rows(sql<Staff>`
		select ${columns} from staff
		where true ${beforeId === undefined ? none : sql`and id < ${beforeId}`}
		order by id desc limit ${limit}`);
}

/**
 * Until the transaction ends nobody else changes staff, so that two administrators cannot each be the last but one. Looks
 * at staff must be statements of their own after this one.
 */
export async function lockAllStaff(db: Sql): Promise<void> {
	await db.run(sql`select pg_advisory_xact_lock(hashtextextended('staff', 0))`);
}

/** Whether somebody beside this one is an administrator who is not disabled. */
export async function hasOtherAdmin(db: Sql, id: string): Promise<boolean> {
	const found = await db.first(sql<{ found: boolean }>`
		select exists (
			select 1 from staff where role = 'admin' and disabled_at is null and id <> ${id}
		) as found`);
	return found?.found === true;
}

export async function updateStaff(
	db: Sql,
	{ id, name, role, disabledAt }: Staff,
): Promise<void> {
	await db.run(sql`
		update staff set name = ${name}, role = ${role}, disabled_at = ${disabledAt} where id = ${id}`);
}

/** By e-mail address in whatever case, or by name; a handful at most. */
export function listStaffCalled(db: Sql, text: string): Promise<Staff[]> {
	return db.rows(sql<Staff>`
		select ${columns} from staff where lower(email) = lower(${text}) or name = ${text} order by id limit 5`);
}

/** False when somebody else has the address. */
export async function updateStaffEmail(
	db: Sql,
	id: string,
	email: string,
): Promise<boolean> {
	const updated = await db.run(sql`
		update staff set email = ${email}
		where id = ${id} and not exists (select 1 from staff o where lower(o.email) = lower(${email}) and o.id <> ${id})`);
	return updated === 1;
}
