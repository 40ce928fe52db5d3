/** What answering a customer and writing a note have in common. */
import { staffWith } from "../../kernel/actor.ts";
import type { Tx } from "../../platform/perform.ts";
import type { DeskMessage } from "./desk-ticket.ts";
import { ticketNamed } from "./read-ticket.ts";
import { writeMessage } from "./write-message.ts";

export interface StaffMessageInput {
	/** Id or number, as the path has it. */
	readonly ticket: string;
	readonly message: string;
	/** True for a text that shall be sealed before it is stored. */
	readonly encrypted?: boolean | undefined;
	/** Own uploads that become its attachments. */
	readonly attachmentIds?: readonly string[] | undefined;
}

/** Needs `desk:tickets`. Refuses `resource.not_found`, `sealing.unavailable`, `ticket.closed` (not for a note). */
export async function writeAsStaff(
	tx: Tx,
	{ ticket, message, encrypted = false, attachmentIds = [] }: StaffMessageInput,
	isInternal: boolean,
): Promise<DeskMessage> {
	const { staffId, name } = staffWith(tx.actor, "desk:tickets");
	const which = { whose: "anybody", name: ticketNamed(ticket) } as const;
	const written = await writeMessage(tx, which, {
		writer: { kind: "staff", staffId, isInternal },
		message,
		encrypted,
		attachmentIds,
	});
	tx.emit({
		kind: isInternal ? "ticket.noted" : "ticket.answered",
		subject: written.ticketId,
		clientId: isInternal ? null : written.clientId,
		data: { messageId: written.id },
	});
	return { ...written, isInternal, senderId: staffId, senderName: name };
}
