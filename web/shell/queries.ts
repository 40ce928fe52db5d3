/** How the pages ask: what is tried again and how soon, and what is not. */
import { QueryClient } from "@tanstack/react-query";
import { ApiProblem } from "../api/problem.ts";

const triesMax = 6;

/** The pause before the second try; it doubles. */
const firstPauseMs = 1_000;
const longestPauseMs = 30_000;

export function newQueries(): QueryClient {
	return new QueryClient({
		defaultOptions: {
			// What cannot be sent is told at once, and not sent later behind somebody's back.
			mutations: { networkMode: "always" },
			queries: {
				staleTime: 15_000,
				retry: (count, error) => count < triesMax && mayPass(error),
				retryDelay: (count, error) =>
					error instanceof ApiProblem && error.retryAfterS !== undefined
						? error.retryAfterS * 1_000
						: Math.min(firstPauseMs * 2 ** count, longestPauseMs),
			},
		},
	});
}

/** A refusal stays one; a lost line comes back, and so does a server that has too much to do. */
function mayPass(error: unknown): boolean {
	return (
		!(error instanceof ApiProblem) ||
		error.status === 429 ||
		error.status === 503
	);
}
