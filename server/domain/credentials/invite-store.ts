/** The only SQL on invitations. */
import { type Sql, sql } from "../../platform/sql.ts";

/** In place of the one before, which is over then. */
export async function saveInvite(
	db: Sql,
	invite: { staffId: string; hash: string; expiresAt: Date },
): Promise<void> {
	await db.run(sql`
		insert into staff_invites (staff_id, hash, expires_at)
		values (${invite.staffId}, ${invite.hash}, ${invite.expiresAt})
		on conflict (staff_id) do update set hash = excluded.hash, expires_at = excluded.expires_at`);
}

export async function deleteInvite(db: Sql, staffId: string): Promise<void> {
	await db.run(sql`delete from staff_invites where staff_id = ${staffId}`);
}

export async function deleteAllInvites(db: Sql): Promise<void> {
	await db.run(sql`delete from staff_invites`);
}

export interface OpenInvite {
	readonly staffId: string;
	readonly expiresAt: Date;
}

export function findInvite(
	db: Sql,
	hash: string,
	now: Date,
): Promise<OpenInvite | undefined> {
	return db.first(sql<OpenInvite>`
		select staff_id, expires_at from staff_invites where hash = ${hash} and expires_at > ${now}`);
}

/** Takes one; who comes second finds none. */
export function takeInvite(
	db: Sql,
	hash: string,
	now: Date,
): Promise<OpenInvite | undefined> {
	return db.first(sql<OpenInvite>`
		delete from staff_invites where hash = ${hash} and expires_at > ${now} returning staff_id, expires_at`);
}
