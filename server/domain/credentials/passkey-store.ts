/** The only SQL on passkeys. */
import { type Sql, sql } from "../../platform/sql.ts";
import type { Passkey, PasskeyToVerify } from "./credential.ts";

/** Whoever's it is. */
export function findPasskeyByCredential(
	db: Sql,
	credentialId: string,
): Promise<PasskeyToVerify | undefined> {
	return db.first(sql<PasskeyToVerify>`
		select id, staff_id, credential_id, public_key, counter::float8 as counter, transports
		from staff_passkeys where credential_id = ${credentialId}`);
}

/** In the order in which they were added. */
export function listPasskeyRows(db: Sql, staffId: string): Promise<Passkey[]> {
	return db.rows(sql<Passkey>`
		select id, name, added_at, last_used_at from staff_passkeys where staff_id = ${staffId} order by id`);
}

/** What a browser is told, so that it makes no second passkey on the same device. */
export function listCredentialIds(
	db: Sql,
	staffId: string,
): Promise<{ readonly credentialId: string }[]> {
	return db.rows(sql<{ credentialId: string }>`
		select credential_id from staff_passkeys where staff_id = ${staffId}`);
}

/** False when somebody has this very passkey already. */
export async function insertPasskey(
	db: Sql,
	passkey: PasskeyToVerify & { readonly name: string },
	at: Date,
): Promise<boolean> {
	const inserted = await db.run(sql`
		insert into staff_passkeys (id, staff_id, credential_id, public_key, counter, transports, name, added_at)
		values (${passkey.id}, ${passkey.staffId}, ${passkey.credentialId}, ${passkey.publicKey}, ${passkey.counter},
		        ${passkey.transports}::text[], ${passkey.name}, ${at})
		on conflict (credential_id) do nothing`);
	return inserted === 1;
}

/** False when it is gone, or its count is no longer lower than this one (`isNextCount`). */
export async function usePasskey(
	db: Sql,
	{ id, counter, at }: { id: string; counter: number; at: Date },
): Promise<boolean> {
	const used = await db.run(sql`
		update staff_passkeys set counter = ${counter}, last_used_at = ${at}
		where id = ${id} and (counter < ${counter} or (counter = 0 and ${counter} = 0))`);
	return used === 1;
}

export async function deletePasskeyRow(
	db: Sql,
	staffId: string,
	id: string,
): Promise<boolean> {
	const deleted = await db.run(
		sql`delete from staff_passkeys where staff_id = ${staffId} and id = ${id}`,
	);
	return deleted === 1;
}

export async function deletePasskeys(db: Sql, staffId: string): Promise<void> {
	await db.run(sql`delete from staff_passkeys where staff_id = ${staffId}`);
}
