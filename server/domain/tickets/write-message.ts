/** Adds a message to a ticket, whoever writes it: in clear, or sealed before it is stored. */
import { refuse } from "../../kernel/errors.ts";
import { newId } from "../../kernel/id.ts";
import type { SealPlace } from "../../kernel/seals.ts";
import type { Tx } from "../../platform/perform.ts";
import {
	insertMessage,
	type MessageRow,
	type Writer,
} from "./message-store.ts";
import { inClear, placeOfMessage, sealedFor } from "./message-text.ts";
import { refuseMessage } from "./refuse-message.ts";
import { bytesIn } from "./ticket.ts";
import { findStanding, type Which } from "./ticket-store.ts";

/** As it was written, with its text in clear. */
export type WrittenMessage = MessageRow & { readonly body: string };

/**
 * Refuses `resource.not_found`, `ticket.closed` (a note is taken all the same), `ticket.full`, and `sealing.unavailable`
 * rather than to store in clear what shall be sealed.
 */
export async function writeMessage(
	tx: Tx,
	which: Which,
	{
		writer,
		message,
		encrypted,
	}: {
		readonly writer: Writer;
		readonly message: string;
		readonly encrypted: boolean;
	},
): Promise<WrittenMessage> {
	const id = newId("tmsg", tx.now);
	const written = await insertMessage(tx, which, {
		id,
		writer,
		text: encrypted
			? sealedFor(tx.seals, await placeOf(tx, which, id), message)
			: inClear(message),
		textBytes: bytesIn(message),
		at: tx.now,
	});
	if (written === undefined) return refuseMessage(tx, which);
	return { ...written, body: message };
}

/** A sealed text is bound to its ticket, so it must be known first which one that is. Refuses `resource.not_found`. */
async function placeOf(tx: Tx, which: Which, id: string): Promise<SealPlace> {
	const standing = await findStanding(tx, which);
	if (standing === undefined) return refuse("resource.not_found");
	const { id: ticketId, clientId } = standing;
	return placeOfMessage({ clientId, ticketId, id });
}
