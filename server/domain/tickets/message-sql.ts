/** What of messages other features refer to: expressions for their statements, written here. */
import { type Statement, sql } from "../../platform/sql.ts";

/** The ticket of a client's message, as a table of one row with `ticket_id` or of none. */
export function ticketOfMessage(
	messageId: string,
	clientId: string,
): Statement {
	return sql`(
		select ticket_id from ticket_messages where id = ${messageId} and client_id = ${clientId})`;
}
