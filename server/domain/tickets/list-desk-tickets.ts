/** The staff's view over everybody's tickets. */
import { staffWith } from "../../kernel/actor.ts";
import type { Page } from "../../kernel/page.ts";
import type { Question } from "../../platform/perform.ts";
import {
	type ClientFilter,
	filteredClient,
} from "../accounts/filtered-client.ts";
import type { DeskTicket } from "./desk-ticket.ts";
import { type DeskFilter, listDeskTickets } from "./desk-ticket-store.ts";
import { requireDepartment } from "./read-departments.ts";
import { deskTicketOf } from "./read-desk-ticket.ts";
import { placeAt, ticketPage } from "./ticket-page.ts";

export interface DeskListInput extends Omit<DeskFilter, "after">, ClientFilter {
	readonly cursor?: string | undefined;
}

/**
 * Everybody's tickets, the one with the newest message first, without what was said in them (docs/decisions/0019).
 * Needs `desk:tickets`; refuses `request.invalid` at `?departmentSlug`, `request.cursor_invalid`.
 */
export const listTicketsForDesk: Question<DeskListInput, Page<DeskTicket>> = {
	name: "list-tickets-for-desk",
	async answer(view, input) {
		staffWith(view.actor, "desk:tickets");
		const { limit, cursor, clientId, clientLegacyId, ...filter } = input;
		const scope = scopeOf(input);
		const after = cursor === undefined ? undefined : placeAt(scope, cursor);
		if (filter.departmentSlug !== undefined)
			await requireDepartment(view, filter.departmentSlug);
		const client = await filteredClient(view, {
			clientId,
			clientLegacyId,
		});
		const rows =
			client === "nobody"
				? []
				: await listDeskTickets(view, {
						...filter,
						...client,
						after,
						limit: limit + 1,
					});
		return ticketPage(rows.map(deskTicketOf), { scope, limit });
	},
};

function scopeOf(input: DeskListInput): string {
	return JSON.stringify([
		"desk-tickets",
		input.status ?? null,
		input.departmentSlug ?? null,
		input.priority ?? null,
		input.clientId ?? null,
		input.clientLegacyId ?? null,
	]);
}
