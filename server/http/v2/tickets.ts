/** Support tickets of the second generation: opening, listing, reading (contract 6.2, 6.4, 6.5). */
import Type from "typebox";
import { listOwnTickets } from "../../domain/tickets/list-own-tickets.ts";
import { openTicket } from "../../domain/tickets/open-ticket.ts";
import { getOwnTicket } from "../../domain/tickets/read-ticket.ts";
import {
	ccMax,
	lengthMax,
	linkedTypes,
	ticketPriorities,
	ticketStatuses,
} from "../../domain/tickets/ticket.ts";
import { instantFrom } from "../instants.ts";
import { route } from "../route.ts";
import {
	presentSummary,
	presentTicket,
	TicketShape,
	TicketSummary,
} from "./ticket-shapes.ts";

const Nullable = Type.Union([Type.String(), Type.Null()]);

/** A ticket in a path. */
export const TicketId = Type.Object({
	id: Type.String({ description: "Public id, or the ticket's number." }),
});

export const CcEmails = Type.Array(Type.String({ format: "email-address" }), {
	maxItems: ccMax,
	description: "Each address once.",
});

export const createTicket = route({
	method: "POST",
	path: "/api/v2/support/tickets",
	name: "createTicket",
	summary: "Create support ticket",
	description:
		"`departmentSlug` is one of `GET /api/v2/support/departments`. Attachments are not accepted here. A `critical` ticket needs `criticalReason`, and an account may send one an hour.",
	tag: "Support",
	scope: "write:support",
	limit: "tickets",
	body: Type.Object({
		departmentSlug: Type.String({ maxLength: 64 }),
		subject: Type.String({
			format: "not-blank",
			maxLength: lengthMax.subject,
		}),
		message: Type.String({
			format: "not-blank",
			maxLength: lengthMax.message,
		}),
		priority: Type.Optional(Type.Enum([...ticketPriorities])),
		ccEmails: Type.Optional(CcEmails),
		context: Type.Optional(
			Type.Object(
				{
					serviceType: Type.Optional(Type.Enum([...linkedTypes])),
					serviceId: Type.Optional(Type.String({ maxLength: 64 })),
					serviceName: Type.Optional(
						Type.String({
							maxLength: lengthMax.serviceName,
							description: "A label, used when `serviceType` is `other`.",
						}),
					),
				},
				{ description: "The service it is about: one of the caller's own." },
			),
		),
		aiSummary: Type.Optional(
			Type.Union([
				Type.String({ maxLength: lengthMax.aiSummary }),
				Type.Null(),
			]),
		),
		aiHelpful: Type.Optional(Type.Union([Type.Boolean(), Type.Null()])),
		criticalReason: Type.Optional(
			Type.Union([
				Type.String({
					format: "not-blank",
					maxLength: lengthMax.criticalReason,
				}),
				Type.Null(),
			]),
		),
	}),
	answer: {
		status: 201,
		description: "Created support ticket.",
		schema: TicketShape,
	},
	refusals: ["resource.not_found", "ticket.critical_cooldown"],
	async handle({ body, perform }) {
		return presentTicket(await perform(openTicket, body));
	},
});

export const listTickets = route({
	method: "GET",
	path: "/api/v2/support/tickets",
	name: "listTickets",
	summary: "List support tickets, the one with the newest message first",
	description:
		"`q` and `updatedAfter` are extensions. With `q` a page may hold fewer tickets than `limit`, or none, and still have a `nextCursor`: it looks through so much text and no more.",
	tag: "Support",
	scope: "read:support",
	query: Type.Object({
		limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
		cursor: Type.Optional(Type.String()),
		status: Type.Optional(
			Type.Enum(ticketStatuses.filter((status) => status !== "unknown")),
		),
		departmentSlug: Type.Optional(Type.String({ maxLength: 64 })),
		q: Type.Optional(
			Type.String({
				format: "not-blank",
				maxLength: 200,
				description:
					'Words in subject and messages, Swedish or English; `"a phrase"`, `or` and `-without` are understood (extension).',
			}),
		),
		updatedAfter: Type.Optional(
			Type.String({
				format: "date-time",
				maxLength: 40,
				description: "Only tickets that changed after this moment (extension).",
			}),
		),
	}),
	answer: {
		status: 200,
		description: "A page of tickets, without what was said in them.",
		schema: Type.Object({
			data: Type.Array(TicketSummary),
			hasMore: Type.Boolean(),
			nextCursor: Nullable,
		}),
	},
	async handle({ query, ask }) {
		const { limit = 20, updatedAfter, q: words, ...filter } = query;
		const { data, nextCursor } = await ask(listOwnTickets, {
			...filter,
			limit,
			words,
			...(updatedAfter !== undefined && {
				updatedAfter: instantFrom(updatedAfter, "?updatedAfter"),
			}),
		});
		return {
			data: data.map(presentSummary),
			hasMore: nextCursor !== null,
			nextCursor,
		};
	},
});

export const getTicket = route({
	method: "GET",
	path: "/api/v2/support/tickets/{id}",
	name: "getTicket",
	summary: "Get support ticket",
	tag: "Support",
	scope: "read:support",
	params: TicketId,
	answer: { status: 200, description: "The ticket.", schema: TicketShape },
	refusals: ["resource.not_found"],
	async handle({ params, ask }) {
		return presentTicket(await ask(getOwnTicket, { ticket: params.id }));
	},
});
