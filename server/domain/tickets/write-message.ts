/** Adds a message to a ticket, whoever writes it: in clear, or sealed before it is stored. */
import { refuse } from "../../kernel/errors.ts";
import { newId } from "../../kernel/id.ts";
import type { SealPlace } from "../../kernel/seals.ts";
import type { Tx } from "../../platform/perform.ts";
import type { Attachment } from "../attachments/attachment.ts";
import { bindUploads } from "../attachments/bind-uploads.ts";
import {
	insertMessage,
	type MessageRow,
	type Writer,
} from "./message-store.ts";
import { inClear, placeOfMessage, sealedFor } from "./message-text.ts";
import { refuseMessage } from "./refuse-message.ts";
import { bytesIn } from "./ticket.ts";
import { findStanding, type Which } from "./ticket-store.ts";

/** As it was written, with its text in clear and its files. */
export type WrittenMessage = MessageRow & {
	readonly body: string;
	readonly attachments: readonly Attachment[];
};

/**
 * Refuses `resource.not_found`, `ticket.closed` (a note is taken all the same), `ticket.full`, `sealing.unavailable`
 * rather than to store in clear what shall be sealed, and `request.invalid` at `/attachmentIds/{place}`.
 */
export async function writeMessage(
	tx: Tx,
	which: Which,
	{
		writer,
		message,
		encrypted,
		attachmentIds,
	}: {
		readonly writer: Writer;
		readonly message: string;
		readonly encrypted: boolean;
		/** Uploads of the writer. */
		readonly attachmentIds: readonly string[];
	},
): Promise<WrittenMessage> {
	const id = newId("tmsg", tx.now);
	const text = encrypted
		? sealedFor(tx.seals, await placeOf(tx, which, id), message)
		: inClear(message);
	const textBytes = bytesIn(message);
	const writing = insertMessage(tx, which, {
		id,
		writer,
		text,
		textBytes,
		at: tx.now,
	});
	// Travels with the message, and finds it; without it there is nothing to bind to, and nothing else to say either.
	const binding = bindUploads.run(tx, {
		messageId: id,
		owner: writer.kind === "staff" ? writer : "client",
		attachmentIds,
		isInternal: writer.kind === "staff" && writer.isInternal,
	});
	binding.catch(() => {});
	const written = await writing;
	if (written === undefined)
		return refuseMessage(tx, which, { writer, textBytes });
	return { ...written, body: message, attachments: await binding };
}

/** A sealed text is bound to its ticket, so it must be known first which one that is. Refuses `resource.not_found`. */
async function placeOf(tx: Tx, which: Which, id: string): Promise<SealPlace> {
	const standing = await findStanding(tx, which);
	if (standing === undefined) return refuse("resource.not_found");
	const { id: ticketId, clientId } = standing;
	return placeOfMessage({ clientId, ticketId, id });
}
