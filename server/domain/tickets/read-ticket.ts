/** Reads of one ticket by its own client. */
import { customerOf } from "../../kernel/actor.ts";
import { refuse } from "../../kernel/errors.ts";
import { isId } from "../../kernel/id.ts";
import type { Seals } from "../../kernel/seals.ts";
import type { Question, Tx } from "../../platform/perform.ts";
import type { Sql } from "../../platform/sql.ts";
import { linkedServiceOf } from "./linked-service.ts";
import { placeOfMessage } from "./message-text.ts";
import type { Message, Ticket, TicketDetail, TicketName } from "./ticket.ts";
import {
	findTicket,
	type MessageJson,
	type TicketDetailRow,
	type TicketRow,
} from "./ticket-store.ts";

/** How many digits a number may have; what is longer names nothing. */
const numberForm = /^[1-9]\d{0,14}$/;

/**
 * The ticket that a path names: digits are a number, anything else must be an id (contract 14.27).
 * Refuses `resource.not_found` for what can name none.
 */
export function ticketNamed(text: string): TicketName {
	if (numberForm.test(text)) return { number: Number(text) };
	return isId("tkt", text) ? { id: text } : refuse("resource.not_found");
}

/** One of the caller's tickets with all its public messages. Refuses `resource.not_found`. */
export const getOwnTicket: Question<{ readonly ticket: string }, TicketDetail> =
	{
		name: "get-own-ticket",
		answer: (view, { ticket }) =>
			getTicket(view, customerOf(view.actor).clientId, ticketNamed(ticket)),
	};

/** Presents again what an Idempotency-Key made or changed. */
export function recallTicket(tx: Tx, id: string): Promise<TicketDetail> {
	return getTicket(tx, customerOf(tx.actor).clientId, { id });
}

/** Refuses `resource.not_found`. */
export async function getTicket(
	db: Sql & { readonly seals: Seals },
	clientId: string,
	name: TicketName,
): Promise<TicketDetail> {
	const row = await findTicket(db, clientId, name);
	return row === undefined
		? refuse("resource.not_found")
		: detailOf(db.seals, row);
}

export function ticketOf(row: TicketRow): Ticket {
	const { serviceType, serviceId, serviceName, card, ...ticket } = row;
	return {
		...ticket,
		service: linkedServiceOf({ serviceType, serviceId, serviceName, card }),
	};
}

function detailOf(
	seals: Seals,
	{ body, attachments, messages, ...row }: TicketDetailRow,
): TicketDetail {
	return {
		...ticketOf(row),
		body,
		attachments,
		messages: messages.map((message) => messageOf(seals, row, message)),
	};
}

function messageOf(
	seals: Seals,
	ticket: TicketRow,
	message: MessageJson,
): Message {
	const { sealed, ...rest } = message;
	return {
		...rest,
		ticketId: ticket.id,
		body: bodyFrom(seals, ticket, message),
		sentAt: new Date(message.sentAt),
	};
}

/** The text of a message of that ticket; null when it was sealed and cannot be opened (any more). */
export function bodyFrom(
	seals: Seals,
	{ id: ticketId, clientId }: Pick<TicketRow, "id" | "clientId">,
	{ id, body, sealed }: Pick<MessageJson, "id" | "body" | "sealed">,
): string | null {
	const place = placeOfMessage({ clientId, ticketId, id });
	return sealed === null
		? body
		: seals.open(Buffer.from(sealed, "base64"), place);
}
