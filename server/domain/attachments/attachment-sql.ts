/** What of attachments is shown beside messages: an expression for the statements of tickets, written here. */
import { type Statement, sql } from "../../platform/sql.ts";

/**
 * The attachments of a message as a JSON list of `Attachment`, in their order.
 *
 * @param of expressions for the message's id (null for those of a ticket's opening), its ticket's and its client's
 */
export function attachmentsOf(of: {
	readonly messageId: Statement | null;
	readonly ticketId: Statement;
	readonly clientId: Statement;
}): Statement {
	const ofMessage =
		of.messageId === null
			? sql`a.message_id is null`
			: sql`a.message_id = ${of.messageId}`;
	return sql`(
		select coalesce(json_agg(json_build_object('id', a.id, 'ticketId', a.ticket_id, 'messageId', a.message_id,
			'filename', a.filename, 'contentType', a.content_type, 'byteLength', a.byte_length) order by a.place), '[]')
		from attachments a where a.ticket_id = ${of.ticketId} and a.client_id = ${of.clientId} and ${ofMessage})`;
}
