/** A customer replies. */
import { customerOf } from "../../kernel/actor.ts";
import { refuse } from "../../kernel/errors.ts";
import { newId } from "../../kernel/id.ts";
import type { RecallableVerb, Tx } from "../../platform/perform.ts";
import { findMessage, insertReply } from "./message-store.ts";
import { ticketNamed } from "./read-ticket.ts";
import { bytesIn, type Message, type TicketName } from "./ticket.ts";
import { findStanding } from "./ticket-store.ts";

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
		const name = ticketNamed(ticket);
		if (encrypted) return refuse("ticket.sealing_unavailable");
		const reply = await insertReply(tx, name, {
			id: newId("tmsg", tx.now),
			clientId,
			body: message,
			textBytes: bytesIn(message),
			at: tx.now,
		});
		if (reply === undefined) return refuseReply(tx, clientId, name);
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

async function refuseReply(
	tx: Tx,
	clientId: string,
	name: TicketName,
): Promise<never> {
	const standing = await findStanding(tx, clientId, name);
	if (standing === undefined) return refuse("resource.not_found");
	return refuse(standing.status === "closed" ? "ticket.closed" : "ticket.full");
}
