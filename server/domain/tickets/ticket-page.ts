/** How every list of tickets is cut into pages: the newest message first, bound to its list and its filters. */
import { refuse } from "../../kernel/errors.ts";
import { isId } from "../../kernel/id.ts";
import {
	decodeCursor,
	encodeCursor,
	type Page,
	pageOf,
} from "../../kernel/page.ts";
import type { Ticket } from "./ticket.ts";
import type { Place } from "./ticket-list-store.ts";

/** A page cut from tickets of which one more than `limit` was asked for. */
export function ticketPage<T extends Pick<Ticket, "lastMessageAt" | "id">>(
	tickets: readonly T[],
	{ scope, limit }: { readonly scope: string; readonly limit: number },
): Page<T> {
	return pageOf(tickets, limit, ({ lastMessageAt, id }) =>
		cursorAfter(scope, { at: lastMessageAt, id }),
	);
}

export function cursorAfter(scope: string, { at, id }: Place): string {
	return encodeCursor(scope, [at.getTime(), id]);
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
