/** What of messages other features refer to: expressions for their statements, written here. */
import { type Statement, sql } from "../../platform/sql.ts";

/** Where a message stands: a table with `ticket_id` and `client_id`, of one row, or of none without the message. */
export function placeOfMessage(messageId: string): Statement {
	return sql`(select ticket_id, client_id from ticket_messages where id = ${messageId})`;
}
