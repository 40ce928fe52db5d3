/** What turns a ticket without a word said: start, hold, close, reopen. */
import { moveTicket } from "../../domain/tickets/move-ticket.ts";
import type { Turn } from "../../domain/tickets/ticket.ts";
import { type Route, route } from "../route.ts";
import { DeskTicketShape, presentDeskTicket } from "./ticket-shapes.ts";
import { TicketId } from "./tickets.ts";

export const startTicket = turning("start", {
	name: "startTicket",
	summary: "Start work on a ticket",
});

export const holdTicket = turning("hold", {
	name: "holdTicket",
	summary: "Put a ticket on hold",
});

export const closeDeskTicket = turning("close", {
	name: "closeDeskTicket",
	summary: "Close a ticket",
});

export const reopenDeskTicket = turning("reopen", {
	name: "reopenDeskTicket",
	summary: "Open a closed ticket again",
});

function turning(
	way: Turn,
	words: { readonly name: string; readonly summary: string },
): Route {
	return route({
		method: "POST",
		path: `/api/desk/tickets/{id}/actions/${way}`,
		...words,
		description: "A ticket that is there already stays as it is.",
		tag: "Tickets",
		scope: "desk:tickets",
		params: TicketId,
		answer: {
			status: 200,
			description: "The ticket as it stands, without what was said.",
			schema: DeskTicketShape,
		},
		refusals:
			way === "start" || way === "hold"
				? ["resource.not_found", "ticket.closed"]
				: ["resource.not_found"],
		async handle({ params, perform }) {
			return presentDeskTicket(
				await perform(moveTicket, { ticket: params.id, way }),
			);
		},
	});
}
