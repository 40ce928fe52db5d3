import type { Sql } from "../../platform/sql.ts";
import { findClientIdByLegacyId } from "./client-store.ts";

/** How a list of the staff is narrowed to one client. */
export interface ClientFilter {
	readonly clientId?: string | undefined;
	/** The client by the number that v1 and the billing system know it by. */
	readonly clientLegacyId?: number | undefined;
}

/**
 * The client that is named, to be spread into a filter: nothing when none is. `nobody` when the number is no client's, and
 * when it is not that of the id: such a list is empty.
 */
export async function filteredClient(
	db: Sql,
	{ clientId, clientLegacyId }: ClientFilter,
): Promise<"nobody" | { readonly clientId?: string }> {
	if (clientLegacyId === undefined)
		return clientId === undefined ? {} : { clientId };
	const named = await findClientIdByLegacyId(db, clientLegacyId);
	if (named === undefined || (clientId ?? named.id) !== named.id)
		return "nobody";
	return { clientId: named.id };
}
