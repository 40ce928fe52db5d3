/** The only SQL on the table of API keys. The hash is written and looked for, and never read back. */
import { none, type Sql, sql } from "../../platform/sql.ts";
import type { ApiKey, KeyHolder, KeyState } from "./api-key.ts";
import type { StaffRole } from "./staff.ts";

/** A key with what decides whether, and as whom, it signs in. */
export interface KeyWithHolder extends KeyState {
	readonly id: string;
	readonly clientId: string | null;
	readonly staffId: string | null;
	readonly scopes: readonly string[];
	readonly lastUsedAt: Date | null;
	/** Of the member of staff; null for a client's key. */
	readonly staffName: string | null;
	readonly staffRole: StaffRole | null;
}

const columns = sql`id, client_id, staff_id, name, last_four, is_test, scopes, created_at, expires_at, revoked_at, last_used_at`;

/** One statement, one row by a unique index: this is what every sign-in that is not remembered costs. */
export function findKeyByHash(
	db: Sql,
	hash: string,
): Promise<KeyWithHolder | undefined> {
	return db.first(sql<KeyWithHolder>`
		select k.id, k.client_id, k.staff_id, k.scopes, k.is_test, k.expires_at, k.revoked_at, k.last_used_at,
		       s.name as staff_name, s.role as staff_role, s.disabled_at as holder_disabled_at,
		       (select is_demo from installation) as is_demo
		from api_keys k left join staff s on s.id = k.staff_id
		where k.hash = ${hash}`);
}

export function findKey(db: Sql, id: string): Promise<ApiKey | undefined> {
	return db.first(
		sql<ApiKey>`select ${columns} from api_keys where id = ${id}`,
	);
}

export interface KeysWanted {
	/** Everybody's when absent. */
	readonly holder?: KeyHolder | undefined;
	/** Only keys that were made before this one. */
	readonly beforeId?: string | undefined;
	readonly limit: number;
}

/** Newest first, revoked and expired ones among them. */
export function listKeys(
	db: Sql,
	{ holder, beforeId, limit }: KeysWanted,
): Promise<ApiKey[]> {
	return db.rows(sql<ApiKey>`
		select ${columns} from api_keys
		where true
		${holder?.clientId === undefined ? none : sql`and client_id = ${holder.clientId}`}
		${holder?.staffId === undefined ? none : sql`and staff_id = ${holder.staffId}`}
		${beforeId === undefined ? none : sql`and id < ${beforeId}`}
		order by id desc limit ${limit}`);
}

export async function insertKey(
	db: Sql,
	key: ApiKey,
	hash: string,
): Promise<void> {
	await db.run(sql`
		insert into api_keys (id, client_id, staff_id, name, hash, last_four, is_test, scopes, created_at, expires_at)
		values (${key.id}, ${key.clientId}, ${key.staffId}, ${key.name}, ${hash}, ${key.lastFour}, ${key.isTest},
		        ${key.scopes}, ${key.createdAt}, ${key.expiresAt})`);
}

/** The key as it is afterwards; undefined when there is no such key or it was revoked before. */
export function revokeKey(
	db: Sql,
	id: string,
	at: Date,
): Promise<ApiKey | undefined> {
	return db.first(sql<ApiKey>`
		update api_keys set revoked_at = ${at} where id = ${id} and revoked_at is null
		returning ${columns}`);
}

/**
 * How many keys of the client are neither revoked nor expired; until the transaction ends nobody else is told, so that
 * two new keys cannot both be the last one allowed.
 */
export async function lockLiveKeys(
	db: Sql,
	clientId: string,
	now: Date,
): Promise<number> {
	await db.run(
		sql`select pg_advisory_xact_lock(hashtextextended(${`api-keys ${clientId}`}, 0))`,
	);
	// A statement of its own: only one that begins under the lock sees the keys of whoever held it before.
	const found = await db.first(sql<{ live: number }>`
		select count(*) as live from api_keys
		where client_id = ${clientId} and revoked_at is null and (expires_at is null or expires_at > ${now})`);
	return found?.live ?? 0;
}

/** Whether the database is marked as holding demo data. */
export async function isDemo(db: Sql): Promise<boolean> {
	const found = await db.first(
		sql<{ isDemo: boolean }>`select is_demo from installation`,
	);
	return found?.isDemo === true;
}

export interface KeyUse {
	readonly keyId: string;
	readonly at: Date;
}

/**
 * Writes when keys were last used; a use that is not later than the one on record changes nothing. Rows are locked in
 * the order of their ids, so that two processes that write the same keys wait for each other and never deadlock.
 */
export function touchKeys(db: Sql, uses: readonly KeyUse[]): Promise<number> {
	return db.run(sql`
		with used as (
			select * from unnest(${uses.map((use) => use.keyId)}::text[], ${uses.map((use) => use.at)}::timestamptz[])
				as u (id, at)
		), locked as materialized (
			select k.id from api_keys k join used using (id) order by k.id for no key update of k
		)
		update api_keys k set last_used_at = used.at
		from locked join used using (id)
		where k.id = locked.id and (k.last_used_at is null or k.last_used_at < used.at)`);
}
