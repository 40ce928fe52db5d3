/** The API as the pages use it: the same that every client has (invariant I8), typed from its own document. */
import createClient, { type Client } from "openapi-fetch";
import type { paths } from "./generated.ts";
import { ApiProblem, OfflineError } from "./problem.ts";

export type Api = Client<paths>;

/**
 * The API as somebody.
 *
 * @param headers what says who: a key, which lives in the memory of the page and is never stored, or what changes in the
 * session of the browser must bring
 */
export function createApi(headers: Readonly<Record<string, string>>): Api {
	const api = createClient<paths>({
		headers,
		fetch: (request) =>
			fetch(request).catch((cause: unknown) => {
				throw new OfflineError(cause);
			}),
	});
	api.use({
		async onResponse({ response }) {
			if (response.ok) return undefined;
			throw await ApiProblem.from(response);
		},
	});
	return api;
}

/** The body of an answer that was a success: every other one was thrown. */
export async function bodyOf<Body>(
	answer: Promise<{ readonly data?: Body }>,
): Promise<Body> {
	const { data } = await answer;
	if (data === undefined) throw new OfflineError("an answer without a body");
	return data;
}
