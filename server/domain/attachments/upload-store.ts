/** The only SQL on uploads. */
import { type Sql, type Statement, sql } from "../../platform/sql.ts";
import type { Scan, Upload } from "./upload.ts";

const columns: Statement = sql`
	id, ticket_id, filename, content_type, byte_length, scan, created_at as uploaded_at`;

export interface NewUpload {
	readonly id: string;
	readonly ownerId: string;
	readonly fileKey: string;
	readonly at: Date;
	/** How many of the owner's may wait, this one included. */
	readonly waitingMax: number;
}

/**
 * Makes room for a file that is about to arrive. False when the owner has as many as may wait; of several that come at once
 * the database lets through as many as there is room for.
 */
export async function insertArriving(
	db: Sql,
	{ id, ownerId, fileKey, at, waitingMax }: NewUpload,
): Promise<boolean> {
	const [, inserted] = await Promise.all([
		// Ends with the transaction. Two of one owner would each count without the other.
		db.first(
			sql`select pg_advisory_xact_lock(hashtextextended(${`uploads of ${ownerId}`}, 0))`,
		),
		db.run(sql`
			insert into uploads (id, owner_id, state, file_key, created_at)
			select ${id}, ${ownerId}, 'arriving', ${fileKey}, ${at}
			where (
				select count(*) from uploads
				where owner_id = ${ownerId} and (state = 'arriving' or state = 'ready' and expires_at > ${at})
			) < ${waitingMax}::integer`),
	]);
	return inserted === 1;
}

export interface Arrived {
	readonly id: string;
	readonly ownerId: string;
	readonly ticket: { readonly id: string; readonly clientId: string } | null;
	readonly filename: string;
	readonly contentType: string;
	readonly byteLength: number;
	readonly sha256: string;
	readonly scan: Scan;
	readonly expiresAt: Date;
}

/** Undefined when it is not awaited any more. */
export function makeReady(
	db: Sql,
	{ id, ownerId, ticket, ...file }: Arrived,
): Promise<Upload | undefined> {
	return db.first(sql<Upload>`
		update uploads set state = 'ready', ticket_id = ${ticket?.id ?? null}, client_id = ${ticket?.clientId ?? null},
			filename = ${file.filename}, content_type = ${file.contentType}, byte_length = ${file.byteLength}::bigint,
			sha256 = ${file.sha256}, scan = ${file.scan}, expires_at = ${file.expiresAt}
		where id = ${id} and owner_id = ${ownerId} and state = 'arriving'
		returning ${columns}`);
}

/** Forgets one of which nothing was stored. */
export async function deleteArriving(
	db: Sql,
	ownerId: string,
	id: string,
): Promise<void> {
	await db.run(
		sql`delete from uploads where id = ${id} and owner_id = ${ownerId} and state = 'arriving'`,
	);
}

export interface Doomed {
	readonly id: string;
	readonly ownerId: string;
}

/** Undefined when it does not arrive any more. */
export function doomArriving(
	db: Sql,
	ownerId: string,
	id: string,
): Promise<Doomed | undefined> {
	return db.first(sql<Doomed>`
		update uploads set state = 'doomed' where id = ${id} and owner_id = ${ownerId} and state = 'arriving'
		returning id, owner_id`);
}

/** Undefined when it is not there to be used, any more. */
export function doomReady(
	db: Sql,
	{ ownerId, id, at }: Doomed & { readonly at: Date },
): Promise<Doomed | undefined> {
	return db.first(sql<Doomed>`
		update uploads set state = 'doomed'
		where id = ${id} and owner_id = ${ownerId} and state = 'ready' and expires_at > ${at}
		returning id, owner_id`);
}

/** One whose process died, or that was not used in time; at most so many, and none that another process is at. */
export function doomOverdue(
	db: Sql,
	overdue: {
		readonly arrivingSince: Date;
		readonly expiredAt: Date;
		readonly atMost: number;
	},
): Promise<(Doomed & { readonly wasReady: boolean })[]> {
	return db.rows(sql<Doomed & { readonly wasReady: boolean }>`
		update uploads u set state = 'doomed'
		from (
			select id, owner_id, state = 'ready' as was_ready from uploads
			where (state = 'arriving' and created_at < ${overdue.arrivingSince})
				or (state = 'ready' and expires_at <= ${overdue.expiredAt})
			limit ${overdue.atMost} for update skip locked
		) o
		where u.id = o.id and u.owner_id = o.owner_id
		returning u.id, u.owner_id, o.was_ready`);
}

export interface Waiting extends Doomed {
	readonly fileKey: string;
}

/** One that waits for a scanner. */
export function findUnscanned(
	db: Sql,
	id: string,
): Promise<Waiting | undefined> {
	return db.first(sql<Waiting>`
		select id, owner_id, file_key from uploads where id = ${id} and state = 'ready' and scan = 'pending'`);
}

export function noteScan(
	db: Sql,
	id: string,
	scan: Exclude<Scan, "pending">,
): Promise<Doomed | undefined> {
	return db.first(sql<Doomed>`
		update uploads set scan = ${scan} where id = ${id} and state = 'ready' and scan = 'pending'
		returning id, owner_id`);
}

export function doomUnscanned(
	db: Sql,
	id: string,
): Promise<Doomed | undefined> {
	return db.first(sql<Doomed>`
		update uploads set state = 'doomed' where id = ${id} and state = 'ready' and scan = 'pending'
		returning id, owner_id`);
}

export function findDoomed(db: Sql, id: string): Promise<Waiting | undefined> {
	return db.first(sql<Waiting>`
		select id, owner_id, file_key from uploads where id = ${id} and state = 'doomed'`);
}

/** When its bytes are gone. */
export async function deleteDoomed(db: Sql, id: string): Promise<void> {
	await db.run(sql`delete from uploads where id = ${id} and state = 'doomed'`);
}
