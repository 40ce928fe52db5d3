/** The only SQL that looks back at leases. */
import { none, type Sql, sql } from "../../platform/sql.ts";
import { canonicalIp } from "./lease.ts";
import type { Service } from "./service.ts";

/** Who had an address when: a lease with its service as it is called now. */
export interface LeasePeriod {
	readonly id: string;
	readonly clientId: string;
	readonly serviceId: string;
	readonly serviceKind: Service["kind"];
	readonly serviceLegacyId: number;
	readonly serviceName: string;
	readonly startedAt: Date;
	/** Null while it lives. */
	readonly endedAt: Date | null;
	readonly endReason: string | null;
}

/** The leases of an address, newest first. */
export function listLeasesOn(
	db: Sql,
	address: string,
	limit: number,
): Promise<LeasePeriod[]> {
	return db.rows(sql<LeasePeriod>`
		select l.id, l.client_id, l.service_id, s.kind as service_kind, s.legacy_id as service_legacy_id,
			s.name as service_name, l.started_at, l.ended_at, l.end_reason
		from leases l join services s on s.id = l.service_id
		where l.address = ${address}::inet order by l.started_at desc, l.id desc limit ${limit}`);
}

/** The live lease of an address. */
export function findHolder(
	db: Sql,
	address: string,
): Promise<
	{ readonly clientId: string; readonly serviceId: string } | undefined
> {
	return db.first(sql<{ clientId: string; serviceId: string }>`
		select client_id, service_id from leases where address = ${address}::inet and ended_at is null`);
}

/** An address that a VPS of the client has now. */
export interface HeldAddress {
	readonly leaseId: string;
	readonly address: string;
	readonly serviceId: string;
	readonly serviceName: string;
	readonly serviceStatus: Service["status"];
	readonly isPrimary: boolean;
	readonly startedAt: Date;
}

/** The addresses of a client's VPSes, the newest lease first; those before a lease when one is given. */
export async function listHeldAddresses(
	db: Sql,
	clientId: string,
	page: { readonly limit: number; readonly beforeLeaseId?: string },
): Promise<HeldAddress[]> {
	const rows = await db.rows(sql<HeldAddress>`
		select l.id as lease_id, host(l.address) as address, s.id as service_id, s.name as service_name,
			s.status as service_status, s.primary_ip is not distinct from l.address as is_primary, l.started_at
		from services s join leases l on l.service_id = s.id and l.needs_service
		where s.client_id = ${clientId} and s.kind = 'vps'
			${page.beforeLeaseId === undefined ? none : sql`and l.id < ${page.beforeLeaseId}`}
		order by l.id desc limit ${page.limit}`);
	return rows.map((row) => ({ ...row, address: canonicalIp(row.address) }));
}
