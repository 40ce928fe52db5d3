/** Tickets as staff answer them. */
import Type from "typebox";
import { attachmentsMax } from "../../domain/attachments/upload.ts";
import { answerTicket } from "../../domain/tickets/answer-ticket.ts";
import { listTicketsForDesk } from "../../domain/tickets/list-desk-tickets.ts";
import { noteOnTicket } from "../../domain/tickets/note-on-ticket.ts";
import { readTicket } from "../../domain/tickets/read-desk-ticket.ts";
import {
	lengthMax,
	ticketPriorities,
	ticketStatuses,
} from "../../domain/tickets/ticket.ts";
import { route } from "../route.ts";
import { ClientQuery } from "./filters.ts";
import {
	DeskMessageShape,
	DeskTicketDetailShape,
	DeskTicketShape,
	presentDeskMessage,
	presentDeskTicket,
	presentDeskTicketDetail,
} from "./ticket-shapes.ts";

/** A ticket in a path. */
export const TicketId = Type.Object({
	id: Type.String({ description: "Public id, or the ticket's number." }),
});

export const listDeskTickets = route({
	method: "GET",
	path: "/api/desk/tickets",
	name: "listDeskTickets",
	summary: "List tickets, the one with the newest message first",
	description:
		"With their subjects, and without anything else that was written: that is read one by one.",
	tag: "Tickets",
	scope: "desk:tickets",
	query: Type.Object({
		limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
		cursor: Type.Optional(Type.String()),
		status: Type.Optional(Type.Enum([...ticketStatuses])),
		departmentSlug: Type.Optional(Type.String({ maxLength: 64 })),
		priority: Type.Optional(Type.Enum([...ticketPriorities])),
		...ClientQuery.properties,
	}),
	answer: {
		status: 200,
		description: "A page of tickets.",
		schema: Type.Object({
			data: Type.Array(DeskTicketShape),
			hasMore: Type.Boolean(),
			nextCursor: Type.Union([Type.String(), Type.Null()]),
		}),
	},
	async handle({ query, ask }) {
		const { limit = 20, ...filter } = query;
		const { data, nextCursor } = await ask(listTicketsForDesk, {
			...filter,
			limit,
		});
		return {
			data: data.map(presentDeskTicket),
			hasMore: nextCursor !== null,
			nextCursor,
		};
	},
});

export const readDeskTicket = route({
	method: "GET",
	path: "/api/desk/tickets/{id}",
	name: "readDeskTicket",
	summary: "Read a ticket with everything that was said",
	description: "That it was read is put on record.",
	tag: "Tickets",
	scope: "desk:tickets",
	params: TicketId,
	answer: {
		status: 200,
		description: "The ticket, with notes.",
		schema: DeskTicketDetailShape,
	},
	refusals: ["resource.not_found"],
	async handle({ params, apply }) {
		return presentDeskTicketDetail(
			await apply(readTicket, { ticket: params.id }),
		);
	},
});

export const writeDeskMessage = route({
	method: "POST",
	path: "/api/desk/tickets/{id}/messages",
	name: "writeDeskMessage",
	summary: "Answer a customer, or write a note",
	description:
		"With `internal` true it is a note: customers neither see it nor notice that it was written, and a closed ticket takes it, too.",
	tag: "Tickets",
	scope: "desk:tickets",
	params: TicketId,
	body: Type.Object({
		message: Type.String({ format: "not-blank", maxLength: lengthMax.message }),
		internal: Type.Optional(Type.Boolean()),
		encrypted: Type.Optional(
			Type.Boolean({ description: "True for a text that is stored sealed." }),
		),
		attachmentIds: Type.Optional(
			Type.Array(Type.String(), {
				maxItems: attachmentsMax,
				description:
					"Own uploads (`satt_…`) that become its attachments, each once.",
			}),
		),
	}),
	answer: {
		status: 201,
		description: "What was written.",
		schema: DeskMessageShape,
	},
	refusals: ["resource.not_found", "ticket.closed", "sealing.unavailable"],
	async handle({ params, body, perform }) {
		const { internal = false, ...written } = body;
		return presentDeskMessage(
			await perform(internal ? noteOnTicket : answerTicket, {
				ticket: params.id,
				...written,
			}),
		);
	},
});
