/** What happens, and what is to be read again because of it. */
import type { Query, QueryClient } from "@tanstack/react-query";
import { createContext, use, useEffect } from "react";
import type { Happening } from "../api/live.ts";

type Listener = (happening: Happening | "reset") => void;

/** For pages that do more than read again. */
export class Happenings {
	readonly #listeners = new Set<Listener>();

	tell(happening: Happening | "reset"): void {
		for (const listener of this.#listeners) listener(happening);
	}

	listen(listener: Listener): () => void {
		this.#listeners.add(listener);
		return () => this.#listeners.delete(listener);
	}
}

export const HappeningsContext = createContext<Happenings | undefined>(
	undefined,
);

/** @param listener the same one from one showing to the next, or it is told twice */
export function useHappenings(listener: Listener): void {
	const happenings = use(HappeningsContext);
	useEffect(() => happenings?.listen(listener), [happenings, listener]);
}

/** By the feature of an event, the names of what changes with it (`support/reads.ts`, `keys/reads.ts`). */
const touchedBy: Readonly<Record<string, readonly string[]>> = {
	ticket: ["recent-tickets"],
	port25: ["addresses", "requests", "eligibility"],
	allowlist: ["addresses", "requests", "eligibility"],
	lease: ["addresses", "services", "eligibility"],
	service: ["addresses", "services", "eligibility"],
	key: ["keys"],
	session: ["sessions"],
};

export function refreshAfter(
	queries: QueryClient,
	happening: Happening | "reset",
): void {
	if (happening === "reset") {
		// The list of tickets catches up by itself: read again, it may have hundreds of pages.
		void queries.invalidateQueries({
			predicate: ({ queryKey }) => queryKey[0] !== "tickets",
		});
		return;
	}
	const [feature = ""] = happening.kind.split(".");
	const names = new Set<unknown>(touchedBy[feature]);
	void readAgain(
		queries,
		({ queryKey: [name, key], state: { data } }) =>
			names.has(name) ||
			(feature === "ticket" &&
				name === "ticket" &&
				// Opened by its number, a ticket is kept under that; while it is first read nobody knows which one it is.
				(key === happening.subject ||
					data === undefined ||
					isOf(data, happening))),
	);
}

/**
 * A first read that is under way may have looked before this happened, and invalidating would wait for that one and leave it
 * at that: it is begun anew. One that was refused and waits for its next try will look later by itself.
 */
async function readAgain(
	queries: QueryClient,
	isTouched: (query: Query) => boolean,
): Promise<void> {
	await queries.cancelQueries({
		predicate: (query) =>
			query.state.data === undefined &&
			query.state.fetchFailureCount === 0 &&
			isTouched(query),
	});
	await queries.invalidateQueries({ predicate: isTouched });
}

function isOf(data: unknown, { subject }: Happening): boolean {
	return (
		typeof data === "object" &&
		data !== null &&
		Reflect.get(data, "id") === subject
	);
}
