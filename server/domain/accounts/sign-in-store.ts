/** The only SQL on passes, on hand-overs that were taken, and on mails that were asked for. */
import { type Sql, sql } from "../../platform/sql.ts";
import type { KeyHolder } from "./api-key.ts";
import type { Addressee, Pass, PassWay } from "./sign-in-pass.ts";

export interface PassRow {
	readonly hash: string;
	readonly how: PassWay;
	readonly holder: KeyHolder;
	readonly returnTo: string;
	readonly createdAt: Date;
	readonly expiresAt: Date;
}

export async function insertPass(db: Sql, pass: PassRow): Promise<void> {
	const { clientId = null, staffId = null } = pass.holder;
	await db.run(sql`
		insert into sign_in_passes (hash, how, client_id, staff_id, return_to, created_at, expires_at)
		values (${pass.hash}, ${pass.how}, ${clientId}, ${staffId}, ${pass.returnTo}, ${pass.createdAt}, ${pass.expiresAt})`);
}

/** One that is still good, with what its holder is called. */
export function findPass(
	db: Sql,
	hash: string,
	now: Date,
): Promise<Pass | undefined> {
	return db.first(sql<Pass>`
		select p.how, p.client_id, p.staff_id, p.return_to, coalesce(s.name, c.name) as name,
		       coalesce(s.email, c.email) as email
		from sign_in_passes p left join clients c on c.id = p.client_id left join staff s on s.id = p.staff_id
		where p.hash = ${hash} and p.expires_at > ${now}`);
}

/** Takes one that is still good; who comes second finds none. */
export function takePass(
	db: Sql,
	hash: string,
	now: Date,
): Promise<
	Pick<Pass, "how" | "clientId" | "staffId" | "returnTo"> | undefined
> {
	return db.first(sql<Pass>`
		delete from sign_in_passes where hash = ${hash} and expires_at > ${now}
		returning how, client_id, staff_id, return_to`);
}

/** Those that came to the holder in the same way: one that was used makes the others useless. */
export async function deletePasses(
	db: Sql,
	{ clientId = null, staffId = null }: Partial<Pass>,
	how: PassWay,
): Promise<void> {
	await db.run(sql`
		delete from sign_in_passes
		where how = ${how} and (client_id = ${clientId} or staff_id = ${staffId})`);
}

/** Every one of the holder's, however it came. */
export async function deletePassesOf(
	db: Sql,
	holder: KeyHolder,
): Promise<void> {
	const { clientId = null, staffId = null } = holder;
	await db.run(sql`
		delete from sign_in_passes where client_id = ${clientId} or staff_id = ${staffId}`);
}

export function deleteAllPasses(db: Sql): Promise<number> {
	return db.run(sql`delete from sign_in_passes`);
}

/** False when it was taken before. */
export async function takeHandover(
	db: Sql,
	handover: {
		readonly issuer: string;
		readonly jti: string;
		readonly expiresAt: Date;
	},
): Promise<boolean> {
	const taken = await db.run(sql`
		insert into taken_handovers (issuer, jti, expires_at)
		values (${handover.issuer}, ${handover.jti}, ${handover.expiresAt})
		on conflict (issuer, jti) do nothing`);
	return taken === 1;
}

export interface RequestedMail {
	readonly id: string;
	readonly email: string;
	readonly requestedAt: Date;
}

/**
 * False when the address, in whatever case, was asked for so often since then: exactly, since requests for one address wait for
 * each other.
 */
export async function insertMail(
	db: Sql,
	{ id, email, requestedAt }: RequestedMail,
	limit: { readonly since: Date; readonly max: number },
): Promise<boolean> {
	await db.run(
		sql`select pg_advisory_xact_lock(hashtextextended('sign-in mail ' || lower(${email}), 0))`,
	);
	const inserted = await db.run(sql`
		insert into sign_in_mails (id, email, requested_at)
		select ${id}, ${email}, ${requestedAt}
		where (
			select count(*) from sign_in_mails where lower(email) = lower(${email}) and requested_at > ${limit.since}
		) < ${limit.max}`);
	return inserted === 1;
}

export function findMail(
	db: Sql,
	id: string,
): Promise<RequestedMail | undefined> {
	return db.first(
		sql<RequestedMail>`select id, email, requested_at from sign_in_mails where id = ${id}`,
	);
}

/** Whose address it is, in whatever case; those with an account that is not closed, at most ten. */
export function listAddressees(db: Sql, email: string): Promise<Addressee[]> {
	return db.rows(sql<Addressee>`
		select id, name, email, language_code from clients
		where lower(email) = lower(${email}) and status <> 'closed'
		order by id limit 10`);
}

/** Deletes what is over, and gives the number of rows. */
export async function deleteOldSignIns(
	db: Sql,
	{ now, mailsBefore }: { readonly now: Date; readonly mailsBefore: Date },
): Promise<number> {
	const counts = await Promise.all([
		db.run(sql`delete from sign_in_passes where expires_at <= ${now}`),
		db.run(sql`delete from taken_handovers where expires_at <= ${now}`),
		db.run(sql`delete from sign_in_mails where requested_at <= ${mailsBefore}`),
	]);
	return counts.reduce((sum, count) => sum + count, 0);
}
