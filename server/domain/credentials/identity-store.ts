/** The only SQL on who staff are at providers of OpenID Connect. */
import { type Sql, sql } from "../../platform/sql.ts";

/** Both halves name somebody, neither does alone (OpenID Connect Core 1.0, 5.7). */
export interface Identity {
	readonly issuer: string;
	readonly subject: string;
}

export function findStaffByIdentity(
	db: Sql,
	{ issuer, subject }: Identity,
): Promise<{ readonly staffId: string } | undefined> {
	return db.first(sql<{ staffId: string }>`
		select staff_id from staff_identities where issuer = ${issuer} and subject = ${subject}`);
}

/** In place of the one that the member of staff had there. False when it is somebody else's. */
export async function saveIdentity(
	db: Sql,
	{ issuer, subject }: Identity,
	{ staffId, at }: { readonly staffId: string; readonly at: Date },
): Promise<boolean> {
	await db.run(sql`
		delete from staff_identities where staff_id = ${staffId} and issuer = ${issuer}`);
	const inserted = await db.run(sql`
		insert into staff_identities (issuer, subject, staff_id, linked_at)
		values (${issuer}, ${subject}, ${staffId}, ${at})
		on conflict (issuer, subject) do nothing`);
	return inserted === 1;
}

export interface LinkedIdentity {
	readonly issuer: string;
	readonly linkedAt: Date;
}

export function listIdentities(
	db: Sql,
	staffId: string,
): Promise<LinkedIdentity[]> {
	return db.rows(sql<LinkedIdentity>`
		select issuer, linked_at from staff_identities where staff_id = ${staffId} order by linked_at`);
}

export async function deleteIdentities(
	db: Sql,
	staffId: string,
): Promise<void> {
	await db.run(sql`delete from staff_identities where staff_id = ${staffId}`);
}
