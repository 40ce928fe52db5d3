/** The SQL on messages. A message is written with its ticket's row locked, so messages are numbered in commit order. */
import { none, type Sql, type Statement, sql } from "../../platform/sql.ts";
import { personName } from "../accounts/client-sql.ts";
import type { StoredText } from "./message-text.ts";
import {
	type Message,
	messagesMax,
	statusAfter,
	textBytesMax,
} from "./ticket.ts";
import { isNamed, messageAttachments, type Which } from "./ticket-store.ts";

/** Who writes, and for whom. */
export type Writer =
	| { readonly kind: "customer" }
	| {
			readonly kind: "staff";
			readonly staffId: string;
			/** True for what only staff read: the customer cannot tell that anything happened. */
			readonly isInternal: boolean;
	  };

export interface NewMessage {
	readonly id: string;
	readonly writer: Writer;
	readonly text: StoredText;
	/** UTF-8 bytes of the text, in clear. */
	readonly textBytes: number;
	readonly at: Date;
}

/** Without its text and its files. */
export interface MessageRow extends Omit<Message, "body" | "attachments"> {
	readonly clientId: string;
}

const columns: Statement = sql`
	id, client_id, ticket_id, sender_kind as sender, sender_name, is_encrypted, sent_at`;

/**
 * Adds a message, in one statement. It is never older than what stands before it, whatever the clocks of the servers say.
 * Undefined when there is no such ticket, it is closed (a note is taken all the same), or it is full for its customer.
 */
export function insertMessage(
	db: Sql,
	which: Which,
	message: NewMessage,
): Promise<MessageRow | undefined> {
	const { id, writer, text, textBytes, at } = message;
	const isInternal = writer.kind === "staff" && writer.isInternal;
	return db.first(sql<MessageRow>`
		with written as (
			update tickets t set last_place = t.last_place + 1
				${isInternal ? none : publicly(message)}
			where ${isNamed(which)}
				${isInternal ? none : sql`and t.status <> 'closed'`}
				${writer.kind === "staff" ? none : hasRoom(textBytes)}
			returning t.id, t.client_id, t.department_slug, t.last_place, t.last_message_at
		)
		insert into ticket_messages
			(id, client_id, ticket_id, place, is_internal, sender_kind, sender_id, sender_name,
			 is_encrypted, body, sealed, sent_at)
		select ${id}, client_id, id, last_place, ${isInternal}::boolean, ${writer.kind},
			${writer.kind === "staff" ? sql`${writer.staffId}` : sql`client_id`}, ${shownName(writer)},
			${text.sealed !== null}::boolean, ${text.body}, ${text.sealed}::bytea, greatest(last_message_at, ${at})
		from written
		returning ${columns}`);
}

/** `isFullFor` of the noun, the other way round, looked at while the row is locked. */
function hasRoom(textBytes: number): Statement {
	return sql`and t.text_bytes + ${textBytes}::integer <= ${textBytesMax}::integer
		and t.message_count < ${messagesMax}::integer`;
}

/** What the customer sees of a message that was added. A note changes none of it. */
function publicly({ writer, textBytes, at }: NewMessage): Statement {
	const status =
		statusAfter[writer.kind === "staff" ? "staffReply" : "customerReply"];
	return sql`, status = ${status}, message_count = t.message_count + 1,
		text_bytes = t.text_bytes + ${textBytes}::integer, updated_at = greatest(t.updated_at, ${at}),
		last_message_at = greatest(t.last_message_at, ${at})`;
}

/** As customers are shown the sender: a person of theirs by name, the staff as the department. */
function shownName({ kind }: Writer): Statement {
	return kind === "customer"
		? personName(sql`written.client_id`)
		: sql`(select d.display_name from departments d where d.slug = written.department_slug)`;
}

/** A message that its client may read. */
export function findMessage(
	db: Sql,
	clientId: string,
	id: string,
): Promise<StoredMessage | undefined> {
	return db.first(sql<StoredMessage>`
		select ${columns}, body, sealed, ${messageAttachments} as attachments from ticket_messages m
		where id = ${id} and client_id = ${clientId} and not is_internal`);
}

/** As it is stored, whole. */
export type StoredMessage = MessageRow &
	StoredText &
	Pick<Message, "attachments">;
