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

/** Everybody's requests, oldest first: a reviewer's queue. */
export function listAllRequests(
	db: Sql,
	filter: ReviewFilter,
): Promise<Request[]> {
	const { after, state, tier, clientId, address, from, until } = filter;
	return db.rows(sql<Request>`
		select ${columns} from port25_requests
		where true
			${state !== undefined ? sql`and state = ${state}` : none}
			${tier !== undefined ? sql`and tier = ${tier}` : none}
			${clientId !== undefined ? sql`and client_id = ${clientId}` : none}
			${address !== undefined ? sql`and address = ${address}::inet` : none}
			${from !== undefined ? sql`and requested_at >= ${from}` : none}
			${until !== undefined ? sql`and requested_at < ${until}` : none}
			${after ? sql`and (requested_at, id) > (${after.at}, ${after.id})` : none}
		order by requested_at, id limit ${filter.limit}`);
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
