/** What a customer does with a ticket: replying, closing, opening again (contract 6.6, 6.7), changing who gets copies. */
import Type from "typebox";
import { attachmentsMax } from "../../domain/attachments/upload.ts";
import { changeCc } from "../../domain/tickets/change-cc.ts";
import { closeTicket as close } from "../../domain/tickets/close-ticket.ts";
import { reopenTicket as reopen } from "../../domain/tickets/reopen-ticket.ts";
import { replyToTicket as reply } from "../../domain/tickets/reply-to-ticket.ts";
import { lengthMax } from "../../domain/tickets/ticket.ts";
import { route } from "../route.ts";
import {
	MessageShape,
	presentMessage,
	presentTicket,
	TicketShape,
} from "./ticket-shapes.ts";
import { CcEmails, TicketId } from "./tickets.ts";

export const replyToTicket = route({
	method: "POST",
	path: "/api/v2/support/tickets/{id}/messages",
	name: "replyToTicket",
	summary: "Reply to support ticket",
	description: "A closed ticket must be reopened first.",
	tag: "Support",
	scope: "write:support",
	limit: "replies",
	params: TicketId,
	body: Type.Object({
		message: Type.String({
			format: "not-blank",
			maxLength: lengthMax.message,
		}),
		encrypted: Type.Optional(
			Type.Boolean({
				description: "True for a sensitive reply: it is stored sealed.",
			}),
		),
		attachmentIds: Type.Optional(
			Type.Array(Type.String(), {
				maxItems: attachmentsMax,
				description:
					"Own uploads (`satt_…`) that become its attachments, each once (extension). Those that were uploaded for the ticket do so without being named.",
			}),
		),
	}),
	answer: { status: 201, description: "The reply.", schema: MessageShape },
	refusals: [
		"resource.not_found",
		"ticket.closed",
		"ticket.full",
		"sealing.unavailable",
	],
	async handle({ params, body, perform }) {
		return presentMessage(await perform(reply, { ticket: params.id, ...body }));
	},
});

export const closeTicket = route({
	method: "POST",
	path: "/api/v2/support/tickets/{id}/actions/close",
	name: "closeTicket",
	summary: "Close support ticket",
	description: "A ticket that is closed already stays as it is.",
	tag: "Support",
	scope: "write:support",
	params: TicketId,
	answer: { status: 200, description: "The ticket.", schema: TicketShape },
	refusals: ["resource.not_found"],
	async handle({ params, perform }) {
		return presentTicket(await perform(close, { ticket: params.id }));
	},
});

export const reopenTicket = route({
	method: "POST",
	path: "/api/v2/support/tickets/{id}/actions/reopen",
	name: "reopenTicket",
	summary: "Reopen support ticket",
	description: "A ticket that is not closed stays as it is.",
	tag: "Support",
	scope: "write:support",
	params: TicketId,
	answer: { status: 200, description: "The ticket.", schema: TicketShape },
	refusals: ["resource.not_found"],
	async handle({ params, perform }) {
		return presentTicket(await perform(reopen, { ticket: params.id }));
	},
});

export const patchTicket = route({
	method: "PATCH",
	path: "/api/v2/support/tickets/{id}",
	name: "patchTicket",
	summary: "Change who gets copies",
	description: "`ccEmails` is the whole list: an empty one takes all away.",
	tag: "Support",
	scope: "write:support",
	isExtension: true,
	params: TicketId,
	body: Type.Object({ ccEmails: CcEmails }),
	answer: { status: 200, description: "The ticket.", schema: TicketShape },
	refusals: ["resource.not_found"],
	async handle({ params, body, apply }) {
		return presentTicket(
			await apply(changeCc, { ticket: params.id, ccEmails: body.ccEmails }),
		);
	},
});
