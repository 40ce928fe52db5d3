/** What answering a customer and writing a note have in common. */
import { staffWith } from "../../kernel/actor.ts";
import { newId } from "../../kernel/id.ts";
import type { Tx } from "../../platform/perform.ts";
import type { DeskMessage } from "./desk-ticket.ts";
import { insertMessage } from "./message-store.ts";
import { ticketNamed } from "./read-ticket.ts";
import { refuseMessage } from "./refuse-message.ts";
import { bytesIn } from "./ticket.ts";

export interface StaffMessageInput {
	/** Id or number, as the path has it. */
	readonly ticket: string;
	readonly message: string;
}

/** Needs `desk:tickets`. Refuses `resource.not_found`, `ticket.closed` (not for a note). */
export async function writeAsStaff(
	tx: Tx,
	{ ticket, message }: StaffMessageInput,
	isInternal: boolean,
): Promise<DeskMessage> {
	const { staffId, name } = staffWith(tx.actor, "desk:tickets");
	const which = { whose: "anybody", name: ticketNamed(ticket) } as const;
	const written = await insertMessage(tx, which, {
		id: newId("tmsg", tx.now),
		writer: { kind: "staff", staffId, isInternal },
		body: message,
		textBytes: bytesIn(message),
		at: tx.now,
	});
	if (written === undefined) return refuseMessage(tx, which);
	const { clientId, ...rest } = written;
	tx.emit({
		kind: isInternal ? "ticket.noted" : "ticket.answered",
		subject: rest.ticketId,
		clientId: isInternal ? null : clientId,
		data: { messageId: rest.id },
	});
	return { ...rest, isInternal, senderId: staffId, senderName: name };
}
