/** Support tickets, first generation (contract 9.3): over the same verbs as v2, in the panel's words. */
import Type from "typebox";
import { getMe } from "../../domain/accounts/get-me.ts";
import { listOwnTicketPage } from "../../domain/tickets/list-own-ticket-page.ts";
import {
	type NumberedContext,
	openTicketByNumbers,
} from "../../domain/tickets/open-ticket-by-numbers.ts";
import { numberDepartments } from "../../domain/tickets/read-departments.ts";
import { getOwnTicket } from "../../domain/tickets/read-ticket.ts";
import {
	type LinkedType,
	lengthMax,
	linkedTypes,
	type TicketPriority,
} from "../../domain/tickets/ticket.ts";
import { refuseField } from "../../kernel/errors.ts";
import type { Call } from "../call.ts";
import { route } from "../route.ts";
import { legacyIdFrom } from "./legacy-ids.ts";
import {
	type Around,
	presentSummary,
	presentTicket,
	priorityNumbers,
	V1Ticket,
	V1TicketSummary,
} from "./ticket-shapes.ts";

const Context = Type.Object({
	service_type: Type.Optional(Type.Enum([...linkedTypes])),
	service_id: Type.Optional(
		Type.Union([Type.String({ maxLength: 64 }), Type.Integer()]),
	),
	service_name: Type.Optional(
		Type.String({ maxLength: lengthMax.serviceName }),
	),
});

/**
 * The promise (contract 9.3): answers 200, not 201; `dept_id` and `priority` are integers in the body and strings in the
 * answer, `number` is an integer in both. Services are known by the numbers of their kind. The conversation is not in it.
 */
export const createTicketV1 = route({
	method: "POST",
	path: "/api/support/tickets",
	name: "createTicket",
	summary: "Create a support ticket",
	description:
		"`dept_id` is one of `GET /api/support/departments`. `priority` is 0 (low), 1 (medium), 2 (high) or 3 (urgent); a critical ticket needs a reason, which only version 2 takes. `context.service_id` is the number of a service of the kind `service_type`.",
	tag: "Support",
	scope: "write:support",
	limit: "tickets",
	body: Type.Object({
		dept_id: Type.Integer(),
		subject: Type.String({ format: "not-blank", maxLength: lengthMax.subject }),
		body: Type.String({ format: "not-blank", maxLength: lengthMax.message }),
		priority: Type.Integer({
			minimum: 0,
			maximum: priorityNumbers.length - 1,
		}),
		context: Type.Optional(Context),
		ai_summary: Type.Optional(
			Type.Union([
				Type.String({ maxLength: lengthMax.aiSummary }),
				Type.Null(),
			]),
		),
	}),
	answer: {
		status: 200,
		description: "The ticket.",
		schema: Type.Object({ ticket: V1Ticket }),
	},
	refusals: ["resource.not_found"],
	async handle({ body, perform, ask }) {
		const ticket = await perform(openTicketByNumbers, {
			departmentNumber: body.dept_id,
			subject: body.subject,
			message: body.body,
			priority: priorityFrom(body.priority),
			context: contextFrom(body.context),
			aiSummary: body.ai_summary,
		});
		return { ticket: presentTicket(ticket, await readAround(ask)) };
	},
});

/**
 * The promise (contract 14.50): pages are counted from 0, `total` is all there are; the newest message first. An item is
 * the ticket without its `body`.
 */
export const listTicketsV1 = route({
	method: "GET",
	path: "/api/support/tickets",
	name: "listTickets",
	summary: "List your support tickets",
	tag: "Support",
	scope: "read:support",
	isExtension: true,
	query: Type.Object({
		page: Type.Optional(Type.Integer({ minimum: 0, maximum: 1_000_000 })),
		limit: Type.Optional(Type.Integer({ minimum: 1, maximum: 100 })),
	}),
	answer: {
		status: 200,
		description: "A page of tickets, and how many there are.",
		schema: Type.Object({
			tickets: Type.Array(V1TicketSummary),
			total: Type.Integer(),
		}),
	},
	async handle({ query, ask }) {
		const { page = 0, limit = 20 } = query;
		const [{ tickets, total }, around] = await Promise.all([
			ask(listOwnTicketPage, { page, limit }),
			readAround(ask),
		]);
		return {
			tickets: tickets.map((ticket) => presentSummary(ticket, around)),
			total,
		};
	},
});

/** The promise (contract 9.3): by its number, of the caller's own account; the same fields as on creation. */
export const getTicketV1 = route({
	method: "GET",
	path: "/api/support/tickets/{number}",
	name: "getTicket",
	summary: "Get a support ticket",
	tag: "Support",
	scope: "read:support",
	params: Type.Object({ number: Type.Integer({ minimum: 1 }) }),
	answer: {
		status: 200,
		description: "The ticket.",
		schema: Type.Object({ ticket: V1Ticket }),
	},
	refusals: ["resource.not_found"],
	async handle({ params, ask }) {
		const [ticket, around] = await Promise.all([
			ask(getOwnTicket, { ticket: String(params.number) }),
			readAround(ask),
		]);
		return { ticket: presentTicket(ticket, around) };
	},
});

async function readAround(
	ask: Call<unknown, unknown, unknown>["ask"],
): Promise<Around> {
	const [client, departments] = await Promise.all([
		ask(getMe, {}),
		ask(numberDepartments, {}),
	]);
	return { client, departments };
}

/** A critical ticket must say why, for which this generation has no field (contract 14.25). */
function priorityFrom(number: number): TicketPriority {
	const priority = priorityNumbers[number];
	return priority === undefined || priority === "critical"
		? refuseField(
				"/priority",
				"`priority` must be 0 (low), 1 (medium), 2 (high) or 3 (urgent). A critical ticket needs a reason: open it with version 2 of the API.",
			)
		: priority;
}

function contextFrom(
	given:
		| {
				readonly service_type?: LinkedType;
				readonly service_id?: string | number;
				readonly service_name?: string;
		  }
		| undefined,
): NumberedContext | undefined {
	return (
		given && {
			serviceType: given.service_type,
			serviceName: given.service_name,
			...(given.service_id !== undefined && {
				serviceNumber: legacyIdFrom(given.service_id),
			}),
		}
	);
}
