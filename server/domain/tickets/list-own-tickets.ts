/** A customer's own tickets. */
import { customerOf } from "../../kernel/actor.ts";
import type { Page } from "../../kernel/page.ts";
import type { Question } from "../../platform/perform.ts";
import { requireDepartment } from "./read-departments.ts";
import { ticketOf } from "./read-ticket.ts";
import type { Ticket } from "./ticket.ts";
import { listTicketsOf, type TicketFilter } from "./ticket-list-store.ts";
import { placeAt, ticketPage } from "./ticket-page.ts";

export interface ListTicketsInput
	extends Pick<TicketFilter, "status" | "departmentSlug" | "updatedAfter"> {
	/** Rows a page. */
	readonly limit: number;
	readonly cursor?: string | undefined;
}

/**
 * The caller's tickets, the one with the newest message first (contract 14.11).
 * Refuses `request.invalid` at `?departmentSlug` (contract 14.23), `request.cursor_invalid`.
 */
export const listOwnTickets: Question<ListTicketsInput, Page<Ticket>> = {
	name: "list-own-tickets",
	async answer(view, input) {
		const { clientId } = customerOf(view.actor);
		const { limit, cursor, ...filter } = input;
		const scope = scopeOf(clientId, input);
		const after = cursor === undefined ? undefined : placeAt(scope, cursor);
		const [rows] = await Promise.all([
			listTicketsOf(view, clientId, { ...filter, after, limit: limit + 1 }),
			filter.departmentSlug === undefined
				? undefined
				: requireDepartment(view, filter.departmentSlug),
		]);
		return ticketPage(rows.map(ticketOf), { scope, limit });
	},
};

function scopeOf(clientId: string, input: ListTicketsInput): string {
	return JSON.stringify([
		"tickets",
		clientId,
		input.status ?? null,
		input.departmentSlug ?? null,
		input.updatedAfter?.getTime() ?? null,
	]);
}
