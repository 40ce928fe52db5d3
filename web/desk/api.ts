/** The desk's API as a page uses it that came with a session: the cookie goes by itself, and its token beside it. */
import createClient, { type Client } from "openapi-fetch";
import type { paths } from "../api/generated-desk.ts";
import { ApiProblem, OfflineError } from "../api/problem.ts";

export const api: Client<paths> = createClient<paths>({
	fetch: (request) =>
		fetch(request).catch((cause: unknown) => {
			throw new OfflineError(cause);
		}),
});

api.use({
	onRequest({ request }) {
		const token = csrfToken();
		if (token !== undefined) request.headers.set("x-csrf-token", token);
		return request;
	},
	async onResponse({ response }) {
		if (response.ok) return undefined;
		throw await ApiProblem.from(response);
	},
});

/** Over HTTPS under one name, on plain loopback under another, with the port in it. */
function csrfToken(): string | undefined {
	const name =
		location.protocol === "https:"
			? "__Host-postern_csrf"
			: `postern_csrf_${location.port}`;
	return document.cookie
		.split("; ")
		.find((pair) => pair.startsWith(`${name}=`))
		?.slice(name.length + 1);
}
