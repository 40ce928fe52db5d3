/** What other features may know of the leases of an address. */
import type { Sql } from "../../platform/sql.ts";
import {
	findHolder,
	type HeldAddress,
	type LeasePeriod,
	listHeldAddresses,
	listLeasesOn,
} from "./lease-history-store.ts";

/** The leases of a canonical address, live or ended, newest first. */
export function leasesOn(
	db: Sql,
	address: string,
	limit: number,
): Promise<LeasePeriod[]> {
	return listLeasesOn(db, address, limit);
}

/** Which service of which client has the address at this moment. Nothing is held: `lockVps` does that. */
export function holderOf(
	db: Sql,
	address: string,
): Promise<
	{ readonly clientId: string; readonly serviceId: string } | undefined
> {
	return findHolder(db, address);
}

/** The addresses that a client's VPSes have now, the newest lease first. */
export function addressesHeldBy(
	db: Sql,
	clientId: string,
	page: { readonly limit: number; readonly beforeLeaseId?: string },
): Promise<HeldAddress[]> {
	return listHeldAddresses(db, clientId, page);
}
