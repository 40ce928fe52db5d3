/** What other features may know of a client's services. */
import type { Sql } from "../../platform/sql.ts";
import { canonicalIp, type Lease } from "./lease.ts";
import type { Service, ServiceKind, VpsBilling } from "./service.ts";
import {
	findServiceId,
	findVpsHolding,
	listActive,
	listVpsBillingOf,
	type VpsHoldingRow,
} from "./service-store.ts";

export type VpsBillingRow = VpsBilling;

/** A VPS and the addresses it has now. */
export interface VpsHolding
	extends Pick<Service, "id" | "legacyId" | "name" | "status" | "primaryIp"> {
	/** The oldest first. */
	readonly leases: readonly Lease[];
}

/**
 * A client's VPS with its live leases, which nobody can end or move until the transaction ends. One statement.
 *
 * @returns undefined when there is none with this id, or it is somebody else's: both take the same work (invariant I4)
 */
export async function lockVps(
	tx: Sql,
	{ clientId, vpsId }: { readonly clientId: string; readonly vpsId: string },
): Promise<VpsHolding | undefined> {
	return holding(await findVpsHolding(tx, clientId, { id: vpsId }));
}

/** The same by the number that v1 knows a VPS by. */
export async function lockVpsByLegacyId(
	tx: Sql,
	which: { readonly clientId: string; readonly legacyId: number },
): Promise<VpsHolding | undefined> {
	const { clientId, legacyId } = which;
	return holding(await findVpsHolding(tx, clientId, { legacyId }));
}

/**
 * The id of a client's service by the number that v1 knows it by among those of its kind.
 *
 * @returns undefined when there is none with this number, or it is somebody else's: both take the same work (invariant I4)
 */
export function findServiceByNumber(
	db: Sql,
	which: {
		readonly clientId: string;
		readonly kind: ServiceKind;
		readonly legacyId: number;
	},
): Promise<string | undefined> {
	return findServiceId(db, which.clientId, which);
}

/** How each VPS of a client is paid for, whatever its status; in the order of their ids. */
export function listVpsBilling(
	db: Sql,
	clientId: string,
): Promise<VpsBillingRow[]> {
	return listVpsBillingOf(db, clientId);
}

/** Those of the services that are active and have not ended. */
export async function activeServices(
	db: Sql,
	ids: readonly string[],
): Promise<ReadonlySet<string>> {
	return new Set(await listActive(db, ids));
}

function holding(row: VpsHoldingRow | undefined): VpsHolding | undefined {
	return (
		row && {
			...row,
			primaryIp: row.primaryIp === null ? null : canonicalIp(row.primaryIp),
			leases: row.leases.map(({ id, address, startedAt }) => ({
				id,
				address: canonicalIp(address),
				startedAt: new Date(startedAt),
			})),
		}
	);
}
