/** The only SQL on passwords, authenticators and recovery codes. */
import { type Sql, sql } from "../../platform/sql.ts";
import { activeStaffByEmail } from "../accounts/staff-sql.ts";

/** What a password and a code are compared with. */
export interface PasswordSignIn {
	readonly staffId: string;
	readonly phc: string;
	readonly secret: string;
}

/** Of the member of staff with this address who is not disabled. */
export function findPasswordByEmail(
	db: Sql,
	email: string,
): Promise<PasswordSignIn | undefined> {
	return db.first(sql<PasswordSignIn>`
		select p.staff_id, p.phc, a.secret
		from staff_passwords p join staff_authenticators a on a.staff_id = p.staff_id
		where p.staff_id = ${activeStaffByEmail(sql`${email}`)}`);
}

export function findSecret(
	db: Sql,
	staffId: string,
): Promise<{ readonly secret: string } | undefined> {
	return db.first(sql<{ secret: string }>`
		select secret from staff_authenticators where staff_id = ${staffId}`);
}

/** Whether the password is still this one; then it stays so until the transaction ends. */
export async function lockPassword(
	db: Sql,
	staffId: string,
	phc: string,
): Promise<boolean> {
	const found = await db.first(sql`
		select 1 from staff_passwords where staff_id = ${staffId} and phc = ${phc} for share`);
	return found !== undefined;
}

export async function savePassword(
	db: Sql,
	{ staffId, phc, at }: { staffId: string; phc: string; at: Date },
): Promise<void> {
	await db.run(sql`
		insert into staff_passwords (staff_id, phc, changed_at) values (${staffId}, ${phc}, ${at})
		on conflict (staff_id) do update set phc = excluded.phc, changed_at = excluded.changed_at`);
}

export async function saveAuthenticator(
	db: Sql,
	one: { staffId: string; secret: string; step: number; at: Date },
): Promise<void> {
	await db.run(sql`
		insert into staff_authenticators (staff_id, secret, last_step, added_at)
		values (${one.staffId}, ${one.secret}, ${one.step}, ${one.at})
		on conflict (staff_id) do update
		set secret = excluded.secret, last_step = excluded.last_step, added_at = excluded.added_at`);
}

/** False when the step was used before, or the authenticator is another one by now. */
export async function useStep(
	db: Sql,
	{ staffId, secret, step }: { staffId: string; secret: string; step: number },
): Promise<boolean> {
	const used = await db.run(sql`
		update staff_authenticators set last_step = ${step}
		where staff_id = ${staffId} and secret = ${secret} and last_step < ${step}`);
	return used === 1;
}

/** False when there is no such code, or it was used before. */
export async function useRecoveryCode(
	db: Sql,
	staffId: string,
	hash: string,
): Promise<boolean> {
	const used = await db.run(sql`
		delete from staff_recovery_codes where staff_id = ${staffId} and hash = ${hash}`);
	return used === 1;
}

export async function replaceRecoveryCodes(
	db: Sql,
	staffId: string,
	hashes: readonly string[],
): Promise<void> {
	await db.run(
		sql`delete from staff_recovery_codes where staff_id = ${staffId}`,
	);
	await db.run(sql`
		insert into staff_recovery_codes (staff_id, hash)
		select ${staffId}, hash from unnest(${hashes}::text[]) as h (hash)`);
}

export interface PasswordState {
	readonly passwordChangedAt: Date | null;
	readonly authenticatorAddedAt: Date | null;
	readonly recoveryCodesLeft: number;
}

export async function findPasswordState(
	db: Sql,
	staffId: string,
): Promise<PasswordState> {
	const found = await db.first(sql<PasswordState>`
		select (select changed_at from staff_passwords where staff_id = ${staffId}) as password_changed_at,
		       (select added_at from staff_authenticators where staff_id = ${staffId}) as authenticator_added_at,
		       (select count(*)::integer from staff_recovery_codes where staff_id = ${staffId}) as recovery_codes_left`);
	return (
		found ?? {
			passwordChangedAt: null,
			authenticatorAddedAt: null,
			recoveryCodesLeft: 0,
		}
	);
}

/** The password with all that belongs to it. False when there was none. */
export async function deletePassword(
	db: Sql,
	staffId: string,
): Promise<boolean> {
	await db.run(
		sql`delete from staff_recovery_codes where staff_id = ${staffId}`,
	);
	await db.run(
		sql`delete from staff_authenticators where staff_id = ${staffId}`,
	);
	const deleted = await db.run(
		sql`delete from staff_passwords where staff_id = ${staffId}`,
	);
	return deleted === 1;
}
