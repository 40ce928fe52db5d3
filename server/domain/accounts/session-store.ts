/** The only SQL on the table of sessions. The hash is written and looked for, and never read back. */
import { none, type Sql, type Statement, sql } from "../../platform/sql.ts";
import type { KeyHolder } from "./api-key.ts";
import type { Session, SessionEnd, SignInWay } from "./session.ts";
import type { StaffRole } from "./staff.ts";

/** A session with what decides whether, and as whom, it signs in. */
export interface SessionWithHolder {
	readonly id: string;
	readonly clientId: string | null;
	readonly staffId: string | null;
	readonly authenticatedAt: Date;
	readonly lastSeenAt: Date;
	readonly expiresAt: Date;
	readonly endedAt: Date | null;
	/** Of the member of staff; null for a client's session. */
	readonly staffName: string | null;
	readonly staffRole: StaffRole | null;
	readonly holderDisabledAt: Date | null;
}

const columns = sql`id, client_id, staff_id, how, created_at, authenticated_at, last_seen_at, expires_at, host(address) as address, user_agent`;

const withHolder = sql`
		select x.id, x.client_id, x.staff_id, x.authenticated_at, x.last_seen_at, x.expires_at, x.ended_at,
		       s.name as staff_name, s.role as staff_role, s.disabled_at as holder_disabled_at
		from sessions x left join staff s on s.id = x.staff_id`;

/** One statement, one row by a unique index. */
export function findSessionByHash(
	db: Sql,
	hash: string,
): Promise<SessionWithHolder | undefined> {
	return db.first(sql<SessionWithHolder>`${withHolder} where x.hash = ${hash}`);
}

/** Those that there are, in no order. */
export function findSessionsByIds(
	db: Sql,
	ids: readonly string[],
): Promise<SessionWithHolder[]> {
	return db.rows(
		sql<SessionWithHolder>`${withHolder} where x.id = any(${ids}::text[])`,
	);
}

/** Locked until the transaction ends; undefined when it is not the holder's, or has ended or expired. */
export function lockLiveSession(
	db: Sql,
	id: string,
	{ holder, now }: { readonly holder: KeyHolder; readonly now: Date },
): Promise<Session | undefined> {
	return db.first(sql<Session>`
		select ${columns} from sessions
		where id = ${id} and ${heldBy(holder)} and ${isLive(now)} for no key update`);
}

/** The holder's own that have neither ended nor expired, the one that was seen last first. */
export function listLiveSessions(
	db: Sql,
	holder: KeyHolder,
	now: Date,
): Promise<Session[]> {
	return db.rows(sql<Session>`
		select ${columns} from sessions where ${heldBy(holder)} and ${isLive(now)}
		order by last_seen_at desc, id desc`);
}

export async function insertSession(
	db: Sql,
	session: Session,
	hash: string,
): Promise<void> {
	await db.run(sql`
		insert into sessions
			(id, client_id, staff_id, hash, how, created_at, authenticated_at, last_seen_at, expires_at, address, user_agent)
		values (${session.id}, ${session.clientId}, ${session.staffId}, ${hash}, ${session.how}, ${session.createdAt},
		        ${session.authenticatedAt}, ${session.lastSeenAt}, ${session.expiresAt}, ${session.address}::inet,
		        ${session.userAgent})`);
}

/** Which sessions are to end. */
export type SessionsToEnd =
	| { readonly hash: string }
	| { readonly holder: KeyHolder; readonly id: string }
	/** All but one; all when that is null. With `how` only those that were begun in this way. */
	| {
			readonly holder: KeyHolder;
			readonly exceptId: string | null;
			readonly how?: SignInWay;
	  }
	/** Those beyond the ones that were seen last. */
	| { readonly holder: KeyHolder; readonly beyond: number };

/** Those that it ended: the ones that had neither ended nor expired before. */
export function endSessions(
	db: Sql,
	which: SessionsToEnd,
	{ at, reason }: { readonly at: Date; readonly reason: SessionEnd },
): Promise<Pick<Session, "id" | "clientId" | "staffId">[]> {
	return db.rows(sql<Pick<Session, "id" | "clientId" | "staffId">>`
		update sessions set ended_at = ${at}, end_reason = ${reason}
		where ${isLive(at)} and ${among(which, at)}
		returning id, client_id, staff_id`);
}

/** Whether the holder has, or had, a session with this id. */
export async function hasSession(
	db: Sql,
	holder: KeyHolder,
	id: string,
): Promise<boolean> {
	const found = await db.first(
		sql`select 1 from sessions where id = ${id} and ${heldBy(holder)}`,
	);
	return found !== undefined;
}

/** A use that is not later than the one on record changes nothing. */
export async function touchSession(
	db: Sql,
	id: string,
	at: Date,
): Promise<void> {
	await db.run(sql`
		update sessions set last_seen_at = ${at} where id = ${id} and last_seen_at < ${at} and ended_at is null`);
}

/** Deletes those that ended or expired before; what happened to them stays in the audit log. Gives their number. */
export function deleteSessionsBefore(db: Sql, before: Date): Promise<number> {
	return db.run(sql`
		delete from sessions where expires_at < ${before} or ended_at < ${before}`);
}

export function deleteAllSessions(db: Sql): Promise<number> {
	return db.run(sql`delete from sessions`);
}

function among(which: SessionsToEnd, now: Date): Statement {
	if ("hash" in which) return sql`hash = ${which.hash}`;
	const own = heldBy(which.holder);
	if ("id" in which) return sql`${own} and id = ${which.id}`;
	if ("beyond" in which)
		return sql`id in (
			select id from sessions where ${own} and ${isLive(now)}
			order by last_seen_at desc, id desc offset ${which.beyond})`;
	const { exceptId, how } = which;
	return sql`${own} ${exceptId === null ? none : sql`and id <> ${exceptId}`}
		${how === undefined ? none : sql`and how = ${how}`}`;
}

function isLive(now: Date): Statement {
	return sql`ended_at is null and expires_at > ${now}`;
}

function heldBy(holder: KeyHolder): Statement {
	return holder.clientId === undefined
		? sql`staff_id = ${holder.staffId}`
		: sql`client_id = ${holder.clientId}`;
}
