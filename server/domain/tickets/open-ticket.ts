/** A customer opens a ticket. */
import { customerOf } from "../../kernel/actor.ts";
import { assert } from "../../kernel/assert.ts";
import { refuse, refuseField } from "../../kernel/errors.ts";
import { newId } from "../../kernel/id.ts";
import { lengthInCodePoints } from "../../kernel/text.ts";
import type { RecallableVerb, Tx } from "../../platform/perform.ts";
import {
	type Context,
	type Link,
	linkedServiceOf,
	linkFrom,
} from "./linked-service.ts";
import { recallTicket } from "./read-ticket.ts";
import {
	bytesIn,
	criticalReasonMin,
	requireUnique,
	type TicketDetail,
	type TicketPriority,
	usualPriority,
} from "./ticket.ts";
import {
	findLastCritical,
	insertTicket,
	type NewTicket,
	type OpenedRow,
} from "./ticket-store.ts";

export interface OpenTicketInput {
	readonly departmentSlug: string;
	readonly subject: string;
	readonly message: string;
	readonly priority?: TicketPriority | undefined;
	readonly ccEmails?: readonly string[] | undefined;
	readonly context?: Context | undefined;
	readonly criticalReason?: string | null | undefined;
	/** What an assistant said before, and whether it helped. */
	readonly aiSummary?: string | null | undefined;
	readonly aiHelpful?: boolean | null | undefined;
}

const hourMs = 60 * 60 * 1000;

/**
 * Refuses `request.invalid` (at `/criticalReason`, `/ccEmails/{place}`, `/context/serviceId`, `/departmentSlug`),
 * `resource.not_found` for a service that the client has not, `ticket.critical_cooldown`. An account that is not active may
 * ask for help (contract 14.40).
 */
export const openTicket: RecallableVerb<OpenTicketInput, TicketDetail> = {
	name: "open-ticket",
	run: (tx, input) => openFor(tx, customerOf(tx.actor).clientId, input),
	recall: recallTicket,
};

/** Opens a ticket of a client, whoever acts. */
export async function openFor(
	tx: Tx,
	clientId: string,
	input: OpenTicketInput,
): Promise<TicketDetail> {
	const ticket = ticketFrom(tx, clientId, input);
	const row = await insertTicket(tx, ticket);
	if (row.number === null) return refuseOpening(tx, ticket, row);
	const { id, departmentSlug, priority, link } = ticket;
	const serviceId = link === null || link.type === "other" ? null : link.id;
	tx.emit({
		kind: "ticket.opened",
		subject: id,
		clientId,
		data: { departmentSlug, priority, serviceId },
	});
	return {
		id,
		number: row.number,
		clientId,
		subject: ticket.subject,
		body: ticket.body,
		status: "open",
		priority,
		departmentSlug,
		departmentName: row.departmentName,
		requesterName: row.requesterName,
		ccEmails: ticket.ccEmails,
		service: serviceOf(link, row),
		messageCount: 1,
		createdAt: tx.now,
		updatedAt: tx.now,
		lastMessageAt: tx.now,
		attachments: [],
		messages: [],
	};
}

function ticketFrom(
	tx: Tx,
	clientId: string,
	input: OpenTicketInput,
): NewTicket {
	const { subject, message, ccEmails = [], priority = usualPriority } = input;
	const criticalReason = input.criticalReason ?? null;
	requireCriticalReason(priority, criticalReason);
	requireUnique(ccEmails);
	return {
		id: newId("tkt", tx.now),
		clientId,
		departmentSlug: input.departmentSlug,
		subject,
		body: message,
		priority,
		ccEmails,
		link: linkFrom(input.context),
		criticalReason,
		aiSummary: input.aiSummary ?? null,
		aiHelpful: input.aiHelpful ?? null,
		textBytes: bytesIn(subject, message),
		at: tx.now,
		noCriticalSince: new Date(tx.now.getTime() - hourMs),
	};
}

/** Contract 14.25. A reason given for another priority is kept, and must be one. */
function requireCriticalReason(
	priority: TicketPriority,
	reason: string | null,
): void {
	if (reason === null) {
		if (priority === "critical")
			refuseField(
				"/criticalReason",
				"`criticalReason` is required with priority `critical`.",
			);
	} else if (lengthInCodePoints(reason) < criticalReasonMin)
		refuseField(
			"/criticalReason",
			`\`criticalReason\` must have at least ${criticalReasonMin} characters.`,
		);
}

/** In the contract's order: what the body says wrongly (400), what is not there (404), what is too much (429). */
async function refuseOpening(
	tx: Tx,
	{ clientId, link, priority }: NewTicket,
	{ departmentName, card }: OpenedRow,
): Promise<never> {
	if (departmentName === null)
		refuseField(
			"/departmentSlug",
			"`departmentSlug` must be a slug from GET /api/v2/support/departments.",
		);
	if (link !== null && link.type !== "other" && card === null)
		refuse("resource.not_found");
	assert(priority === "critical", "nothing else is in the way of a ticket");
	const sentAt = (await findLastCritical(tx, clientId)) ?? tx.now;
	return refuse("ticket.critical_cooldown", {
		limit: 1,
		retryAt: new Date(sentAt.getTime() + hourMs),
	});
}

function serviceOf(link: Link | null, { card }: OpenedRow) {
	return linkedServiceOf({
		serviceType: link?.type ?? null,
		serviceId: link === null || link.type === "other" ? null : link.id,
		serviceName: link?.type === "other" ? link.name : null,
		card,
	});
}
