/** A customer replies. */
import { customerOf } from "../../kernel/actor.ts";
import { refuse } from "../../kernel/errors.ts";
import { newId } from "../../kernel/id.ts";
import type { RecallableVerb } from "../../platform/perform.ts";
import { findMessage, insertMessage } from "./message-store.ts";
import { ticketNamed } from "./read-ticket.ts";
import { refuseMessage } from "./refuse-message.ts";
import { bytesIn, type Message } from "./ticket.ts";

export interface ReplyInput {
	/** Id or number, as the path has it. */
	readonly ticket: string;
	readonly message: string;
	/** True for a text that shall be sealed before it is stored. */
	readonly encrypted?: boolean | undefined;
}

/**
 * Refuses `resource.not_found`, `ticket.closed`, `ticket.full`, and `ticket.sealing_unavailable` rather than to store in
 * clear what shall be sealed.
 */
export const replyToTicket: RecallableVerb<ReplyInput, Message> = {
	name: "reply-to-ticket",

	async run(tx, { ticket, message, encrypted = false }) {
		const { clientId } = customerOf(tx.actor);
		if (encrypted) return refuse("ticket.sealing_unavailable");
		const which = { whose: { clientId }, name: ticketNamed(ticket) };
		const reply = await insertMessage(tx, which, {
			id: newId("tmsg", tx.now),
			writer: { kind: "customer" },
			body: message,
			textBytes: bytesIn(message),
			at: tx.now,
		});
		if (reply === undefined) return refuseMessage(tx, which);
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
		return (
			(await findMessage(tx, clientId, id)) ?? refuse("resource.not_found")
		);
	},
};
