/** Tickets made below the faces, and what they look like from outside. */
import { expect } from "vitest";
import {
	type OpenTicketInput,
	openTicket,
} from "../server/domain/tickets/open-ticket.ts";
import { replyToTicket } from "../server/domain/tickets/reply-to-ticket.ts";
import type { Message, TicketDetail } from "../server/domain/tickets/ticket.ts";
import { type TestDatabase, testNow } from "./db.ts";
import { marker } from "./stage.ts";
import type { TestClient } from "./world.ts";

/** Texts as customers write them. */
export const words = {
	subject: `Question about ${marker} crossings`,
	message: `Hello, the ${marker} is on the road again.`,
	reply: `The ${marker} is still there.`,
} as const;

type Holder = { readonly client: TestClient };
type Stage = { readonly db: TestDatabase };

export function open(
	{ db }: Stage,
	{ client }: Holder,
	change: Partial<OpenTicketInput> = {},
): Promise<TicketDetail> {
	const { subject, message } = words;
	const input = { departmentSlug: "vps", subject, message, ...change };
	return db.performer.perform(client.actor, openTicket, input);
}

export function reply(
	{ db }: Stage,
	{ client }: Holder,
	{ id }: Pick<TicketDetail, "id">,
): Promise<Message> {
	const input = { ticket: id, message: words.reply };
	return db.performer.perform(client.actor, replyToTicket, input);
}

const at = testNow.toISOString();

export const anId = (prefix: string) =>
	expect.stringMatching(new RegExp(`^${prefix}_[0-7][0-9a-hjkmnp-tv-z]{25}$`));

/** The summary of a ticket that was just opened with these words. */
export function shownSummary({ client }: Holder) {
	return {
		id: anId("tkt"),
		number: expect.stringMatching(/^[1-9]\d*$/),
		subject: words.subject,
		status: "open",
		priority: "medium",
		departmentSlug: "vps",
		departmentName: "VPS",
		createdAt: at,
		updatedAt: at,
		lastMessageAt: at,
		ccEmails: [],
		requesterName: `Client ${client.legacyId}`,
		messageCount: 1,
		linkedServices: [],
	};
}

/** The whole of it. */
export function shownTicket(holder: Holder) {
	return {
		...shownSummary(holder),
		body: words.message,
		attachments: [],
		messages: [],
	};
}

/** A reply that was just written with these words. */
export function shownReply({ client }: Holder, ticketId: string) {
	return {
		id: anId("tmsg"),
		ticketId,
		sentAt: at,
		body: words.reply,
		sender: "customer",
		senderName: `Client ${client.legacyId}`,
		encrypted: false,
		attachments: [],
	};
}
