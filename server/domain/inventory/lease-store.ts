/** The only SQL on leases. */

import { type Sql, type Statement, sql } from "../../platform/sql.ts";
import { canonicalIp, type LeaseEndReason, type LiveLease } from "./lease.ts";

/** Who has something: a service, and whose it is. */
export interface Holder {
	readonly serviceId: string;
	readonly clientId: string;
}

/** The live leases of services, in no order. */
export async function listLiveLeases(
	db: Sql,
	serviceIds: readonly string[],
): Promise<LiveLease[]> {
	const leases = await db.rows(sql<LiveLease>`
		select id, host(address) as address, started_at, service_id, client_id from leases
		where service_id = any(${serviceIds}::text[]) and ended_at is null`);
	return leases.map((lease) => ({
		...lease,
		address: canonicalIp(lease.address),
	}));
}

/** Marks the point from which on locks can be let go again. Nothing may be written before they are kept. */
export async function markLocks(db: Sql): Promise<void> {
	await db.run(sql`savepoint before_locks`);
}

export async function letLocksGo(db: Sql): Promise<void> {
	await db.run(sql`rollback to savepoint before_locks`);
}

export async function keepLocks(db: Sql): Promise<void> {
	await db.run(sql`release savepoint before_locks`);
}

/** Those who have these addresses now. */
export async function listHoldersOf(
	db: Sql,
	addresses: readonly string[],
): Promise<Holder[]> {
	if (addresses.length === 0) return [];
	return db.rows(sql<Holder>`
		select service_id, client_id from leases where address = any(${addresses}::inet[]) and ended_at is null`);
}

/** The live leases of a service as part of another statement, held against being moved or ended until the transaction ends. */
export function liveLeasesHeld(serviceId: Statement): Statement {
	return sql`
		select id, host(address) as address, started_at as "startedAt" from leases
		where service_id = ${serviceId} and ended_at is null for share`;
}

/**
 * Starts leases and gives the ids of those that started: an address whose lease with another service lives is left out.
 * Waits for a transaction that is just starting or ending a lease on one of the addresses.
 */
export async function insertLeases(
	db: Sql,
	leases: readonly LiveLease[],
): Promise<string[]> {
	if (leases.length === 0) return [];
	const started = await db.rows(sql<{ id: string }>`
		insert into leases (id, address, service_id, client_id, started_at)
		select id, address, service_id, client_id, started_at
		from unnest(
			${leases.map((lease) => lease.id)}::text[], ${leases.map((lease) => lease.address)}::inet[],
			${leases.map((lease) => lease.serviceId)}::text[], ${leases.map((lease) => lease.clientId)}::text[],
			${leases.map((lease) => lease.startedAt)}::timestamptz[]
		) as given (id, address, service_id, client_id, started_at)
		order by address
		on conflict (address) where ended_at is null do nothing
		returning id`);
	return started.map(({ id }) => id);
}

/** Ends leases. What stands on them has ended before: the database orphans no live allow-list entry (invariant I5). */
export async function endLeases(
	db: Sql,
	ending: readonly {
		readonly lease: { readonly id: string };
		readonly reason: LeaseEndReason;
	}[],
	now: Date,
): Promise<void> {
	if (ending.length === 0) return;
	// A clock that was set back must not end a lease before it began.
	await db.run(sql`
		update leases set ended_at = greatest(started_at, ${now}), end_reason = given.reason
		from unnest(
			${ending.map(({ lease }) => lease.id)}::text[], ${ending.map(({ reason }) => reason)}::text[]
		) as given (id, reason)
		where leases.id = given.id and leases.id = any(${ending.map(({ lease }) => lease.id)}::text[]) and ended_at is null`);
}
