/** A customer's own tickets. */
import { customerOf } from "../../kernel/actor.ts";
import type { Page } from "../../kernel/page.ts";
import type { Question } from "../../platform/perform.ts";
import { requireDepartment } from "./read-departments.ts";
import { ticketOf } from "./read-ticket.ts";
import { type Found, searchTicketsOf } from "./search-store.ts";
import type { Ticket } from "./ticket.ts";
import { listTicketsOf, type TicketFilter } from "./ticket-list-store.ts";
import { cursorAfter, placeAt, ticketPage } from "./ticket-page.ts";
import type { TicketRow } from "./ticket-store.ts";

export interface ListTicketsInput
	extends Pick<TicketFilter, "status" | "departmentSlug" | "updatedAfter"> {
	/** Rows a page. */
	readonly limit: number;
	readonly cursor?: string | undefined;
	/** Only tickets in which these words stand, as people type them. */
	readonly words?: string | undefined;
}

/**
 * The caller's tickets, the one with the newest message first (contract 14.11). Looking for words, a page may hold fewer
 * than asked for, or none, and still have a next one: it looks through so much text and no more.
 *
 * Refuses `request.invalid` at `?departmentSlug` (contract 14.23), `request.cursor_invalid`.
 */
export const listOwnTickets: Question<ListTicketsInput, Page<Ticket>> = {
	name: "list-own-tickets",
	takesLong: ({ words }) => words !== undefined,
	async answer(view, input) {
		const { clientId } = customerOf(view.actor);
		const { limit, cursor, words, ...given } = input;
		const scope = scopeOf(clientId, input);
		const after = cursor === undefined ? undefined : placeAt(scope, cursor);
		const filter = { ...given, after, limit: limit + 1 };
		const [{ rows, endedAt }] = await Promise.all([
			words === undefined
				? allOf(listTicketsOf(view, clientId, filter))
				: searchTicketsOf(view, clientId, { ...filter, words }),
			given.departmentSlug === undefined
				? undefined
				: requireDepartment(view, given.departmentSlug),
		]);
		const page = ticketPage(rows.map(ticketOf), { scope, limit });
		return page.nextCursor === null && endedAt !== undefined
			? { ...page, nextCursor: cursorAfter(scope, endedAt) }
			: page;
	},
};

async function allOf(rows: Promise<TicketRow[]>): Promise<Found> {
	return { rows: await rows, endedAt: undefined };
}

function scopeOf(clientId: string, input: ListTicketsInput): string {
	return JSON.stringify([
		"tickets",
		clientId,
		input.status ?? null,
		input.departmentSlug ?? null,
		input.updatedAfter?.getTime() ?? null,
		input.words ?? null,
	]);
}
