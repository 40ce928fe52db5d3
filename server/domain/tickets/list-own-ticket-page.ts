/** A customer's own tickets by the page, as the first generation counts them. */
import { customerOf } from "../../kernel/actor.ts";
import type { Question } from "../../platform/perform.ts";
import { ticketOf } from "./read-ticket.ts";
import type { Ticket } from "./ticket.ts";
import {
	countTicketsOf,
	listPageOf,
	type NumberedPage,
} from "./ticket-list-store.ts";

/**
 * The caller's tickets, the one with the newest message first, and how many there are in all. Pages shift when tickets
 * move while somebody turns them: the cursors of the second generation do not.
 */
export const listOwnTicketPage: Question<
	NumberedPage,
	{ readonly tickets: readonly Ticket[]; readonly total: number }
> = {
	name: "list-own-ticket-page",
	async answer(view, page) {
		const { clientId } = customerOf(view.actor);
		const [rows, total] = await Promise.all([
			listPageOf(view, clientId, page),
			countTicketsOf(view, clientId),
		]);
		return { tickets: rows.map(ticketOf), total };
	},
};
