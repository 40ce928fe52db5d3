/**
 * The list of tickets as it is read: page by page, however many there are. What has changed since is put in its place: the
 * pages that were read already are not read again.
 */
import { type InfiniteData, infiniteQueryOptions } from "@tanstack/react-query";
import { type Api, bodyOf } from "../api/client.ts";
import type { paths } from "../api/generated.ts";
import type { Status } from "./ticket-statuses.ts";

type Answer =
	paths["/api/v2/support/tickets"]["get"]["responses"][200]["content"]["application/json"];

export type TicketSummary = Answer["data"][number];

export interface TicketFilter {
	/** As typed, trimmed; empty for all. */
	readonly words: string;
	readonly status: Status | "";
	readonly departmentSlug: string;
}

export interface TicketPage {
	readonly data: readonly TicketSummary[];
	readonly nextCursor: string | null;
	/** Before this moment of the server's clock nothing has changed that is not in it. */
	readonly asOf: string;
}

export type TicketPages = InfiniteData<TicketPage, unknown>;

const pageSize = 100;

/** Two processes, and a transaction that was under way, see each other's changes by then. */
const overlapMs = 10_000;

export const readTickets = (api: Api, filter: TicketFilter) =>
	infiniteQueryOptions({
		queryKey: ["tickets", filter],
		// What changes is put in (`mergeChanged`): reading hundreds of pages again would take longer than it stays true.
		staleTime: Number.POSITIVE_INFINITY,
		initialPageParam: "",
		queryFn: ({ pageParam, signal }) =>
			readPage(api, { ...filter, cursor: pageParam }, signal),
		getNextPageParam: (page) => page.nextCursor ?? undefined,
	});

async function readPage(
	api: Api,
	{
		words,
		status,
		departmentSlug,
		cursor,
	}: TicketFilter & { readonly cursor: string },
	signal: AbortSignal,
): Promise<TicketPage> {
	const asked = api.GET("/api/v2/support/tickets", {
		signal,
		params: {
			query: {
				limit: pageSize,
				...(cursor !== "" && { cursor }),
				...(words !== "" && { q: words }),
				...(status !== "" && { status }),
				...(departmentSlug !== "" && { departmentSlug }),
			},
		},
	});
	const { data, nextCursor } = await bodyOf(asked);
	return { data, nextCursor, asOf: asOfAnswer(await asked) };
}

/** By the server's clock, which is the one that its tickets have. */
function asOfAnswer({ response }: { readonly response: Response }): string {
	const date = response.headers.get("date");
	const at = date === null ? Date.now() : new Date(date).getTime();
	return new Date(at - overlapMs).toISOString();
}

/** Whether a list is one to put changes into: which texts have the words only the API knows. */
export function isMergeable({ words }: TicketFilter): boolean {
	return words === "";
}

/** Tickets of whatever filter that have changed since; undefined when they are too many to put in. */
export async function readChanged(
	api: Api,
	since: string,
): Promise<Pick<TicketPage, "data" | "asOf"> | undefined> {
	const asked = api.GET("/api/v2/support/tickets", {
		params: { query: { limit: pageSize, updatedAfter: since } },
	});
	const { data, hasMore } = await bodyOf(asked);
	return hasMore ? undefined : { data, asOf: asOfAnswer(await asked) };
}

/** The pages with what has changed in its place; what fits the filter no longer is gone. */
export function mergeChanged(
	{ pages, pageParams }: TicketPages,
	{ data: changed, asOf }: Pick<TicketPage, "data" | "asOf">,
	filter: TicketFilter,
): TicketPages {
	const ids = new Set(changed.map(({ id }) => id));
	const incoming = changed.filter((ticket) => fits(ticket, filter));
	const [first] = pages;
	if (first === undefined) return { pages, pageParams };
	const last = pages.at(-1)?.nextCursor ?? null;
	const merged = pages.map((page, i) => {
		const kept = page.data.filter(({ id }) => !ids.has(id));
		const isLast = i === pages.length - 1;
		const here = incoming.filter(
			(ticket) =>
				// Newer than what ends this page and not newer than what ends the one before.
				(isBefore(ticket, page.data.at(-1)) || (isLast && last === null)) &&
				(i === 0 || !isBefore(ticket, pages[i - 1]?.data.at(-1))),
		);
		if (here.length === 0 && kept.length === page.data.length) return page;
		return { ...page, data: [...kept, ...here].toSorted(newestFirst) };
	});
	return {
		pages: merged.map((page, i) => (i === 0 ? { ...page, asOf } : page)),
		pageParams,
	};
}

function fits(
	{ status, departmentSlug }: TicketSummary,
	filter: TicketFilter,
): boolean {
	return (
		(filter.status === "" || filter.status === status) &&
		(filter.departmentSlug === "" || filter.departmentSlug === departmentSlug)
	);
}

function isBefore(
	ticket: TicketSummary,
	other: TicketSummary | undefined,
): boolean {
	return other === undefined || newestFirst(ticket, other) <= 0;
}

/** As the API sorts them (contract 14.11). */
function newestFirst(a: TicketSummary, b: TicketSummary): number {
	return (
		compare(b.lastMessageAt ?? "", a.lastMessageAt ?? "") || compare(b.id, a.id)
	);
}

function compare(a: string, b: string): number {
	return a < b ? -1 : a > b ? 1 : 0;
}
