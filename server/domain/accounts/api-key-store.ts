/** The only SQL on the table of API keys. The hash is written and looked for, and never read back. */
import { none, type Sql, type Statement, sql } from "../../platform/sql.ts";
import type { AnyHolder, ApiKey, KeyState } from "./api-key.ts";
import type { StaffRole } from "./staff.ts";

/** A key with what decides whether, and as whom, it signs in. */
export interface KeyWithHolder extends KeyState {
	readonly id: string;
	readonly clientId: string | null;
	readonly staffId: string | null;
	readonly agentId: string | null;
	/** Of the agent; null for the key of a person. */
	readonly siteId: string | null;
	readonly scopes: readonly string[];
	readonly lastUsedAt: Date | null;
	/** Of the member of staff; null for a client's key. */
	readonly staffName: string | null;
	readonly staffRole: StaffRole | null;
}

const columns = sql`id, client_id, staff_id, agent_id, name, last_four, is_test, scopes, created_at, expires_at, revoked_at, last_used_at, successor_id`;

const withHolder = sql`
		select k.id, k.client_id, k.staff_id, k.agent_id, k.scopes, k.is_test, k.expires_at, k.revoked_at, k.last_used_at,
		       s.name as staff_name, s.role as staff_role, a.site_id,
		       coalesce(s.disabled_at, a.removed_at, a.disabled_at) as holder_disabled_at,
		       (select is_demo from installation) as is_demo
		from api_keys k left join staff s on s.id = k.staff_id left join edge_agents a on a.id = k.agent_id`;

/** One statement, one row by a unique index: this is what every sign-in that is not remembered costs. */
export function findKeyByHash(
	db: Sql,
	hash: string,
): Promise<KeyWithHolder | undefined> {
	return db.first(sql<KeyWithHolder>`${withHolder} where k.hash = ${hash}`);
}

/** Those that there are, in no order. */
export function findKeysByIds(
	db: Sql,
	ids: readonly string[],
): Promise<KeyWithHolder[]> {
	return db.rows(
		sql<KeyWithHolder>`${withHolder} where k.id = any(${ids}::text[])`,
	);
}

/** The holder's own; anybody's when no holder is given. */
export function findKey(
	db: Sql,
	id: string,
	holder?: AnyHolder,
): Promise<ApiKey | undefined> {
	return db.first(
		sql<ApiKey>`select ${columns} from api_keys where id = ${id} ${heldBy(holder)}`,
	);
}

/**
 * Locked until the transaction ends, in the order of their ids as everywhere, so that nobody waits in a circle. Those
 * that do not exist, or are not the holder's, are left out.
 */
export function lockKeys(
	db: Sql,
	ids: readonly string[],
	holder?: AnyHolder,
): Promise<ApiKey[]> {
	return db.rows(sql<ApiKey>`
		select ${columns} from api_keys where id = any(${ids}::text[]) ${heldBy(holder)}
		order by id for no key update`);
}

export interface KeysWanted {
	/** Everybody's when absent. */
	readonly holder?: AnyHolder | undefined;
	/** False: none that was revoked. */
	readonly isRevoked?: false;
	/** Only keys that were made before this one. */
	readonly beforeId?: string | undefined;
	readonly limit: number;
}

/** Newest first; revoked and expired ones are among them unless said otherwise. */
export function listKeys(
	db: Sql,
	{ holder, isRevoked, beforeId, limit }: KeysWanted,
): Promise<ApiKey[]> {
	return db.rows(sql<ApiKey>`
		select ${columns} from api_keys
		where true ${heldBy(holder)}
		${isRevoked === undefined ? none : sql`and revoked_at is null`}
		${beforeId === undefined ? none : sql`and id < ${beforeId}`}
		order by id desc limit ${limit}`);
}

export async function insertKey(
	db: Sql,
	key: ApiKey,
	hash: string,
): Promise<void> {
	await db.run(sql`
		insert into api_keys (id, client_id, staff_id, agent_id, name, hash, last_four, is_test, scopes, created_at, expires_at)
		values (${key.id}, ${key.clientId}, ${key.staffId}, ${key.agentId}, ${key.name}, ${hash}, ${key.lastFour},
		        ${key.isTest}, ${key.scopes}, ${key.createdAt}, ${key.expiresAt})`);
}

/** The key as it is afterwards; undefined when there is no such key or it was revoked before. */
export function revokeKey(
	db: Sql,
	id: string,
	{
		at,
		holder,
	}: { readonly at: Date; readonly holder?: AnyHolder | undefined },
): Promise<ApiKey | undefined> {
	return db.first(sql<ApiKey>`
		update api_keys set revoked_at = ${at} where id = ${id} and revoked_at is null ${heldBy(holder)}
		returning ${columns}`);
}

export async function updateKey(
	db: Sql,
	id: string,
	{ name, scopes, expiresAt }: Pick<ApiKey, "name" | "scopes" | "expiresAt">,
): Promise<void> {
	await db.run(sql`
		update api_keys set name = ${name}, scopes = ${scopes}, expires_at = ${expiresAt} where id = ${id}`);
}

/** Another key takes its place; it ends with that, or later. */
export async function supersedeKey(
	db: Sql,
	id: string,
	{
		successorId,
		revokedAt,
		expiresAt,
	}: Pick<ApiKey, "successorId" | "revokedAt" | "expiresAt">,
): Promise<void> {
	await db.run(sql`
		update api_keys set successor_id = ${successorId}, revoked_at = ${revokedAt}, expires_at = ${expiresAt}
		where id = ${id}`);
}

/**
 * How many keys of the client are neither revoked nor expired. Whoever asks has locked the client in a statement before,
 * so that two new keys cannot both be the last one allowed.
 */
export async function countLiveKeys(
	db: Sql,
	clientId: string,
	now: Date,
): Promise<number> {
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

/** No condition when no holder is given. */
function heldBy(holder: AnyHolder | undefined): Statement {
	if (holder === undefined) return none;
	if (holder.clientId !== undefined)
		return sql`and client_id = ${holder.clientId}`;
	return holder.staffId === undefined
		? sql`and agent_id = ${holder.agentId}`
		: sql`and staff_id = ${holder.staffId}`;
}
