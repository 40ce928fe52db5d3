/** A ticket as staff see it: everything, and so never shown to a customer. */
import type { Attachment } from "../attachments/attachment.ts";
import type { SenderKind, Ticket } from "./ticket.ts";

export interface DeskTicket extends Ticket {
	readonly clientLegacyId: number | null;
	readonly clientName: string | null;
	readonly closedAt: Date | null;
}

export interface DeskTicketDetail extends DeskTicket {
	readonly body: string;
	readonly criticalReason: string | null;
	readonly aiSummary: string | null;
	readonly aiHelpful: boolean | null;
	/** Of the opening. */
	readonly attachments: readonly Attachment[];
	/** Notes as well, in the order in which they were committed. */
	readonly messages: readonly DeskMessage[];
}

export interface DeskMessage {
	readonly id: string;
	readonly ticketId: string;
	/** True for a note: customers do not see it. */
	readonly isInternal: boolean;
	readonly sender: SenderKind;
	readonly senderId: string;
	/** As colleagues call the sender. */
	readonly senderName: string | null;
	readonly isEncrypted: boolean;
	/** Null when it cannot be opened any more. */
	readonly body: string | null;
	readonly attachments: readonly Attachment[];
	readonly sentAt: Date;
}
