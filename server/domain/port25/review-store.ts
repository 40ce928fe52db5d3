/** The only SQL that looks through everybody's requests. */
import { none, type Sql, sql } from "../../platform/sql.ts";
import type { Request, RequestState } from "./request.ts";
import { columns } from "./request-store.ts";

export interface ReviewFilter {
	readonly state?: RequestState | undefined;
	readonly tier?: number | undefined;
	readonly clientId?: string | undefined;
	/** Canonical. */
	readonly address?: string | undefined;
	/** Requested at this moment or later. */
	readonly from?: Date | undefined;
	/** Requested before this moment. */
	readonly until?: Date | undefined;
	readonly limit: number;
	/** The last row of the page before: its time and id. */
	readonly after?: { readonly at: Date; readonly id: string } | undefined;
}

/** What the index begins with that gives the page in order; clients and addresses have few requests each. */
function leadOf({ state, tier, clientId, address }: ReviewFilter) {
	if (clientId !== undefined || address !== undefined) return undefined;
	if (state !== undefined) return { column: sql`state`, value: state };
	return tier === undefined ? undefined : { column: sql`tier`, value: tier };
}

/**
 * Everybody's requests, oldest first: a reviewer's queue. The few that wait are the newest of all, and a plan that knows no
 * value would look for `state = …` from the oldest on: so the state and the time are compared as one row, as they stand in
 * their index.
 */
export function listAllRequests(
	db: Sql,
	filter: ReviewFilter,
): Promise<Request[]> {
	const { after, state, tier, clientId, address, from, until } = filter;
	const lead = leadOf(filter);
	const column = lead ? sql`${lead.column},` : none;
	const value = lead ? sql`${lead.value},` : none;
	return db.rows(sql<Request>`
		select ${columns} from port25_requests
		where (${column} requested_at) >= (${value} ${from ?? "-infinity"}::timestamptz)
			and (${column} requested_at) < (${value} ${until ?? "infinity"}::timestamptz)
			${after ? sql`and (${column} requested_at, id) > (${value} ${after.at}, ${after.id})` : none}
			${state !== undefined && lead?.value !== state ? sql`and state = ${state}` : none}
			${tier !== undefined && lead?.value !== tier ? sql`and tier = ${tier}` : none}
			${clientId !== undefined ? sql`and client_id = ${clientId}` : none}
			${address !== undefined ? sql`and address = ${address}::inet` : none}
		order by ${column} requested_at, id limit ${filter.limit}`);
}

/** Everybody's requests for an address, newest first. */
export function listRequestsFor(
	db: Sql,
	address: string,
	limit: number,
): Promise<Request[]> {
	return db.rows(sql<Request>`
		select ${columns} from port25_requests
		where address = ${address}::inet order by requested_at desc, id desc limit ${limit}`);
}
