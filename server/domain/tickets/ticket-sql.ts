/** What of tickets other features ask: expressions for their statements, written here. */
import { type Statement, sql } from "../../platform/sql.ts";

/** The client of a ticket, or null when there is no such ticket. */
export function clientOfTicket(ticketId: string): Statement {
	return sql`(select client_id from tickets where id = ${ticketId})`;
}
