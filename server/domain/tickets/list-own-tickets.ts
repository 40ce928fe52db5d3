/** A customer's own tickets. */
import { customerOf } from "../../kernel/actor.ts";
import { refuse } from "../../kernel/errors.ts";
import { isId } from "../../kernel/id.ts";
import {
	decodeCursor,
	encodeCursor,
	type Page,
	pageOf,
} from "../../kernel/page.ts";
import type { Question } from "../../platform/perform.ts";
import { requireDepartment } from "./read-departments.ts";
import { ticketOf } from "./read-ticket.ts";
import type { Ticket } from "./ticket.ts";
import {
	listTicketsOf,
	type Place,
	type TicketFilter,
} from "./ticket-list-store.ts";

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
		const page = pageOf(rows, limit, (last) =>
			encodeCursor(scope, [last.lastMessageAt.getTime(), last.id]),
		);
		return { ...page, data: page.data.map(ticketOf) };
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

/** The end of the year 9999. */
const lastInstantMs = 253_402_300_800_000;

/** The place a cursor continues after. Whoever writes one by hand gets a place in their own list, or a refusal. */
export function placeAt(scope: string, cursor: string): Place {
	const [ms, id] = decodeCursor(scope, cursor, 2) ?? [];
	const isTime = typeof ms === "number" && ms >= 0 && ms < lastInstantMs;
	if (!isTime || typeof id !== "string" || !isId("tkt", id))
		return refuse("request.cursor_invalid");
	return { at: new Date(ms), id };
}
