/** What of attachments is shown beside tickets: expressions for the statements of tickets, written here. */
import { none, type Statement, sql } from "../../platform/sql.ts";
import type { Attachment } from "./attachment.ts";

/** An attachment as JSON has it; of whose message is known where it is read. */
export type AttachmentJson = Attachment;

/**
 * The attachments of a ticket as a JSON list, in the order of each message; of messages for staff only when `isForStaff`.
 *
 * @param of expressions for the ticket's id and its client's
 */
export function attachmentsOfTicket(
	of: { readonly ticketId: Statement; readonly clientId: Statement },
	{ isForStaff }: { readonly isForStaff: boolean } = { isForStaff: false },
): Statement {
	return sql`(
		select coalesce(json_agg(${asJson} order by a.place), '[]') from attachments a
		where a.ticket_id = ${of.ticketId} and a.client_id = ${of.clientId}
			${isForStaff ? none : sql`and not a.is_internal`})`;
}

/** Those of one message, in the same form. */
export function attachmentsOfMessage(of: {
	readonly messageId: Statement;
	readonly ticketId: Statement;
	readonly clientId: Statement;
}): Statement {
	return sql`(
		select coalesce(json_agg(${asJson} order by a.place), '[]') from attachments a
		where a.ticket_id = ${of.ticketId} and a.client_id = ${of.clientId} and a.message_id = ${of.messageId})`;
}

const asJson: Statement = sql`json_build_object('id', a.id, 'ticketId', a.ticket_id, 'messageId', a.message_id,
	'filename', a.filename, 'contentType', a.content_type, 'byteLength', a.byte_length)`;
