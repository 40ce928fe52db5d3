/** A customer replies. */
import { customerOf } from "../../kernel/actor.ts";
import { refuse } from "../../kernel/errors.ts";
import type { RecallableVerb } from "../../platform/perform.ts";
import { findMessage } from "./message-store.ts";
import { placeOfMessage, textToRead } from "./message-text.ts";
import { ticketNamed } from "./read-ticket.ts";
import type { Message } from "./ticket.ts";
import { writeMessage } from "./write-message.ts";

export interface ReplyInput {
	/** Id or number, as the path has it. */
	readonly ticket: string;
	readonly message: string;
	/** True for a text that shall be sealed before it is stored. */
	readonly encrypted?: boolean | undefined;
	/** Uploads that become its attachments. */
	readonly attachmentIds?: readonly string[] | undefined;
}

/**
 * Refuses `resource.not_found`, `sealing.unavailable`, `ticket.closed`, `ticket.full`, and `request.invalid` at
 * `/attachmentIds/{place}` for an upload that cannot be had.
 */
export const replyToTicket: RecallableVerb<ReplyInput, Message> = {
	name: "reply-to-ticket",

	async run(tx, { ticket, message, encrypted = false, attachmentIds = [] }) {
		const { clientId } = customerOf(tx.actor);
		const which = { whose: { clientId }, name: ticketNamed(ticket) };
		const reply = await writeMessage(tx, which, {
			writer: { kind: "customer" },
			message,
			encrypted,
			attachmentIds,
		});
		tx.emit({
			kind: "ticket.replied",
			subject: reply.ticketId,
			clientId,
			data: { messageId: reply.id },
		});
		return reply;
	},

	async recall(tx, id) {
		const { clientId } = customerOf(tx.actor);
		const found = await findMessage(tx, clientId, id);
		if (found === undefined) return refuse("resource.not_found");
		return {
			...found,
			body: textToRead(tx.seals, placeOfMessage(found), found),
		};
	},
};
