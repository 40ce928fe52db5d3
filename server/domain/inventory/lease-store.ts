/** The only SQL on leases. */

import { type Sql, type Statement, sql } from "../../platform/sql.ts";
import { canonicalIp, type Lease, type LeaseEndReason } from "./lease.ts";

export interface NewLease {
	readonly id: string;
	readonly address: string;
}

/** The live leases of a service whose row is locked: nobody else changes them. */
export async function listLiveLeases(
	db: Sql,
	serviceId: string,
): Promise<Lease[]> {
	const leases = await db.rows(sql<Lease>`
		select id, host(address) as address, started_at from leases
		where service_id = ${serviceId} and ended_at is null order by address`);
	return leases.map(canonical);
}

/** The same as part of another statement, held against being moved or ended until the transaction ends. */
export function liveLeasesHeld(serviceId: Statement): Statement {
	return sql`
		select id, host(address) as address, started_at as "startedAt" from leases
		where service_id = ${serviceId} and ended_at is null for share`;
}

/**
 * Starts leases and says how many started: an address whose lease with another service lives is left out. Waits for a
 * transaction that is just starting or ending a lease on one of the addresses.
 */
export function insertLeases(
	db: Sql,
	leases: readonly NewLease[],
	holder: {
		readonly serviceId: string;
		readonly clientId: string;
		readonly now: Date;
	},
): Promise<number> {
	return db.run(sql`
		insert into leases (id, address, service_id, client_id, started_at)
		select id, address, ${holder.serviceId}, ${holder.clientId}, ${holder.now}
		from unnest(
			${leases.map((lease) => lease.id)}::text[],
			${leases.map((lease) => lease.address)}::inet[]
		) as given (id, address)
		on conflict (address) where ended_at is null do nothing`);
}

/** False when one of them still carries a live allow-list entry, which the database will not orphan (invariant I5). */
export async function endLeases(
	db: Sql,
	ids: readonly string[],
	{ reason, now }: { readonly reason: LeaseEndReason; readonly now: Date },
): Promise<boolean> {
	try {
		// A clock that was set back must not end a lease before it began.
		await db.run(sql`
			update leases set ended_at = greatest(started_at, ${now}), end_reason = ${reason}
			where id = any(${ids}::text[]) and ended_at is null`);
		return true;
	} catch (error) {
		if (isForeignKeyViolation(error)) return false;
		throw error;
	}
}

/** SQLSTATE 23503, Appendix A of PostgreSQL's manual. */
function isForeignKeyViolation(error: unknown): boolean {
	return error instanceof Error && "code" in error && error.code === "23503";
}

function canonical(lease: Lease): Lease {
	return { ...lease, address: canonicalIp(lease.address) };
}
