/** A ticket: a conversation between a client and the provider, from its opening to its close (contract 6.3, 14.21–14.34). */

import { refuseField } from "../../kernel/errors.ts";
import type { Attachment } from "../attachments/attachment.ts";

/** Contract 6.3. `unknown` is only for what was imported and cannot be mapped (contract 14.28). */
export const ticketStatuses = [
	"open",
	"answered",
	"customer_reply",
	"in_progress",
	"on_hold",
	"closed",
	"unknown",
] as const;

export type TicketStatus = (typeof ticketStatuses)[number];

export const ticketPriorities = [
	"low",
	"medium",
	"high",
	"urgent",
	"critical",
] as const;

export type TicketPriority = (typeof ticketPriorities)[number];

/** Where nothing is said (contract 14.22). */
export const usualPriority: TicketPriority = "medium";

/** Code points (contract 14.21). */
export const lengthMax = {
	subject: 255,
	message: 65_535,
	criticalReason: 2000,
	aiSummary: 10_000,
	serviceName: 255,
} as const;

/** Code points (contract 14.21). */
export const criticalReasonMin = 10;

/** Addresses that get a copy (contract 14.21). */
export const ccMax = 10;

/**
 * The most text that customers may put into one ticket, in UTF-8 bytes of subject, opening and messages: 4 MiB, sixteen of
 * the longest messages there can be. A ticket is read whole, so one without a bound could not be read at all.
 */
export const textBytesMax = 4 * 1024 * 1024;

/** And the most messages, the opening included: many short ones are as long to read as a few long ones. */
export const messagesMax = 2_000;

/** Whether a ticket takes no more such text of its customer. */
export function isFullFor(
	textBytes: number,
	ticket: { readonly textBytes: number; readonly messageCount: number },
): boolean {
	return (
		ticket.textBytes + textBytes > textBytesMax ||
		ticket.messageCount >= messagesMax
	);
}

/** What of a ticket its own client may know: nothing about the staff stands in it. */
export interface Ticket {
	readonly id: string;
	readonly number: number;
	readonly clientId: string;
	readonly subject: string;
	readonly status: TicketStatus;
	readonly priority: TicketPriority;
	readonly departmentSlug: string;
	readonly departmentName: string | null;
	/** As the person was called who opened it. */
	readonly requesterName: string | null;
	/** As they were given, in that order. */
	readonly ccEmails: readonly string[];
	readonly service: LinkedService | null;
	/** The opening and every message that customers may read. */
	readonly messageCount: number;
	readonly createdAt: Date;
	readonly updatedAt: Date;
	readonly lastMessageAt: Date;
}

export const linkedTypes = ["domain", "hosting", "vps", "other"] as const;

export type LinkedType = (typeof linkedTypes)[number];

/** What a ticket is about. */
export interface LinkedService {
	readonly type: LinkedType;
	/** Null for `other`. */
	readonly id: string | null;
	readonly name: string | null;
	/** As the service is now; null for `other`, and when it is not the client's any more. */
	readonly details: ServiceDetails | null;
}

/** What is shown of a service beside a ticket; the status in the words of the inventory. */
export type ServiceDetails =
	| {
			readonly kind: "vps";
			readonly status: string;
			readonly planName: string | null;
			/** Canonical. */
			readonly ipAddress: string | null;
	  }
	| {
			readonly kind: "hosting";
			readonly status: string;
			readonly planName: string | null;
			readonly primaryDomain: string | null;
	  }
	| {
			readonly kind: "domain";
			readonly status: string;
			/** Null when nobody said. */
			readonly autoRenew: boolean | null;
	  };

export const senderKinds = ["customer", "staff", "automation"] as const;

export type SenderKind = (typeof senderKinds)[number];

/** A ticket with everything that was said. */
export interface TicketDetail extends Ticket {
	/** The opening. */
	readonly body: string;
	/** Of the opening. */
	readonly attachments: readonly Attachment[];
	/** What followed, in the order in which it was committed. */
	readonly messages: readonly Message[];
}

/** A message after the opening, as customers may read it. */
export interface Message {
	readonly id: string;
	readonly ticketId: string;
	readonly sender: SenderKind;
	/** As customers are shown the sender. */
	readonly senderName: string | null;
	readonly isEncrypted: boolean;
	/** Null when it cannot be opened any more. */
	readonly body: string | null;
	readonly attachments: readonly Attachment[];
	readonly sentAt: Date;
}

/** What may happen to a ticket, with the status it has afterwards (contract 14.28). */
export const statusAfter = {
	customerReply: "customer_reply",
	staffReply: "answered",
	start: "in_progress",
	hold: "on_hold",
	close: "closed",
	reopen: "open",
} as const satisfies Record<string, TicketStatus>;

/** What turns a ticket without a word said. */
export type Turn = "start" | "hold" | "close" | "reopen";

export type TurnedStatus = (typeof statusAfter)[Turn];

/**
 * Refuses `request.invalid` at the first address that stands in the list a second time, in whatever case. (The part before
 * the @ may differ by case in theory; nobody has two such mailboxes and means both.)
 */
export function requireUnique(ccEmails: readonly string[]): void {
	const known = new Set<string>();
	for (const [i, address] of ccEmails.entries()) {
		const key = address.toLowerCase();
		if (known.has(key))
			refuseField(
				`/ccEmails/${i}`,
				`\`ccEmails/${i}\` is the same address as one before it.`,
			);
		known.add(key);
	}
}

/** UTF-8 bytes. */
export function bytesIn(...texts: readonly string[]): number {
	return texts.reduce(
		(sum, text) => sum + new TextEncoder().encode(text).length,
		0,
	);
}

/** How a path names a ticket: by its id, or by its number (contract 14.27). */
export type TicketName = { readonly id: string } | { readonly number: number };
