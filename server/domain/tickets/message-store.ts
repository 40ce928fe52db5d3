/** The SQL on messages. A message is written with its ticket's row locked, so messages are numbered in commit order. */
import { type Sql, sql } from "../../platform/sql.ts";
import { personName } from "../accounts/client-sql.ts";
import { type Message, type TicketName, textBytesMax } from "./ticket.ts";
import { isOwn } from "./ticket-store.ts";

export interface NewReply {
	readonly id: string;
	readonly clientId: string;
	readonly body: string;
	/** UTF-8 bytes of the body. */
	readonly textBytes: number;
	readonly at: Date;
}

type MessageRow = Omit<Message, "sentAt"> & { readonly sentAt: Date };

/**
 * Adds a customer's reply, in one statement. It is never older than what stands before it, whatever the clocks of the
 * servers say. Undefined when there is no such ticket, it is closed, or it holds too much text already.
 */
export function insertReply(
	db: Sql,
	name: TicketName,
	reply: NewReply,
): Promise<MessageRow | undefined> {
	const { clientId, textBytes, at } = reply;
	return db.first(sql<MessageRow>`
		with answered as (
			update tickets t set
				status = 'customer_reply', message_count = t.message_count + 1, last_place = t.last_place + 1,
				text_bytes = t.text_bytes + ${textBytes}::integer, updated_at = greatest(t.updated_at, ${at}),
				last_message_at = greatest(t.last_message_at, ${at})
			where ${isOwn(clientId, name)}
				and t.status <> 'closed' and t.text_bytes + ${textBytes}::integer <= ${textBytesMax}::integer
			returning t.id, t.client_id, t.last_place, t.last_message_at
		)
		insert into ticket_messages (id, client_id, ticket_id, place, sender_kind, sender_id, sender_name, body, sent_at)
		select ${reply.id}, client_id, id, last_place, 'customer', client_id,
			${personName(sql`answered.client_id`)}, ${reply.body}, last_message_at
		from answered
		returning id, ticket_id, sender_kind as sender, sender_name, is_encrypted, body, sent_at`);
}

/** A message that its client may read. */
export function findMessage(
	db: Sql,
	clientId: string,
	id: string,
): Promise<MessageRow | undefined> {
	return db.first(sql<MessageRow>`
		select id, ticket_id, sender_kind as sender, sender_name, is_encrypted, body, sent_at
		from ticket_messages where id = ${id} and client_id = ${clientId} and not is_internal`);
}
