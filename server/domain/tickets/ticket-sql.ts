/** What of tickets other features ask: expressions for their statements, written here. */
import { none, type Statement, sql } from "../../platform/sql.ts";

/** The client of a ticket, or null when there is no such ticket: among those of one client, or of anybody for staff. */
export function clientOfTicket(
	ticketId: string,
	whose: { readonly clientId: string } | "anybody",
): Statement {
	const theirs =
		whose === "anybody" ? none : sql`and client_id = ${whose.clientId}`;
	return sql`(select client_id from tickets where id = ${ticketId} ${theirs})`;
}
