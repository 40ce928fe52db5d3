import {
	keepPreviousData,
	useInfiniteQuery,
	useQueryClient,
} from "@tanstack/react-query";
import { useCallback, useEffect, useRef } from "react";
import type { Happening } from "../api/live.ts";
import { useHappenings } from "../shell/refresh.ts";
import { useSession } from "../shell/session.ts";
import {
	isMergeable,
	mergeChanged,
	readChanged,
	readTickets,
	type TicketFilter,
} from "./ticket-pages.ts";

/** Several changes within this time are looked up together. */
const gatherMs = 500;

/** Pages of a search that are read again at once; beyond, whoever looks searches again. */
const readAgainMax = 3;

/** The tickets of a filter, as far as they were read, kept up to date by what happens. */
export function useTicketList(filter: TicketFilter) {
	const { api } = useSession();
	const tickets = useInfiniteQuery({
		...readTickets(api, filter),
		placeholderData: keepPreviousData,
	});
	const catchUp = useCatchUp(filter);
	useHappenings(
		useCallback(
			(happening: Happening | "reset") => {
				if (happening === "reset" || happening.kind.startsWith("ticket."))
					catchUp("told");
			},
			[catchUp],
		),
	);
	useEffect(() => {
		// While another page was shown, or another window, something may have happened.
		catchUp("looked");
		const look = () => {
			if (document.visibilityState === "visible") catchUp("looked");
		};
		document.addEventListener("visibilitychange", look);
		return () => document.removeEventListener("visibilitychange", look);
	}, [catchUp]);
	return tickets;
}

/**
 * Puts what has changed into the pages that were read; asked for again and again, it does so once.
 *
 * @returns to be called with why: something was told of, or somebody looks at it again
 */
function useCatchUp(filter: TicketFilter): (why: "told" | "looked") => void {
	const { api } = useSession();
	const queries = useQueryClient();
	const waiting = useRef<ReturnType<typeof setTimeout>>(undefined);
	const isTold = useRef(false);
	useEffect(() => () => clearTimeout(waiting.current), []);
	return useCallback(
		(why) => {
			isTold.current ||= why === "told";
			const { queryKey } = readTickets(api, filter);
			async function look(): Promise<void> {
				const pages = queries.getQueryData(queryKey)?.pages ?? [];
				const asOf = pages[0]?.asOf;
				if (asOf === undefined) {
					// The first page is on its way, and may have been read before.
					if (isTold.current && queries.isFetching({ queryKey }) > 0)
						lookSoon();
					return;
				}
				isTold.current = false;
				if (!isMergeable(filter)) {
					// What is shown stays until the answer is there.
					if (pages.length <= readAgainMax)
						await queries.invalidateQueries({ queryKey });
					return;
				}
				// What cannot be asked now is asked when something happens next.
				const changed = await readChanged(api, asOf).catch(
					() => "unknown" as const,
				);
				if (changed === "unknown") return;
				if (changed === undefined) await queries.resetQueries({ queryKey });
				else
					queries.setQueryData(
						queryKey,
						(known) => known && mergeChanged(known, changed, filter),
					);
			}
			function lookSoon(): void {
				clearTimeout(waiting.current);
				waiting.current = setTimeout(look, gatherMs);
			}
			lookSoon();
		},
		[api, queries, filter],
	);
}
