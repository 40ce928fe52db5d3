/**
 * Where providers of OpenID Connect send browsers back to. It is the one GET that signs somebody in, and it comes from another
 * site: so it finishes only what this very browser has begun, of which it has a cookie, and answers with a redirect to a page
 * of ours and nothing that the URL could choose.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { OidcAudience } from "../domain/credentials/oidc-sign-in.ts";
import { Refusal, refuse } from "../kernel/errors.ts";
import { refusalOf } from "./error-refusals.ts";
import { pathOf } from "./face.ts";
import type { ServerParts } from "./parts.ts";
import { statusOf } from "./public-codes.ts";
import { returnPaths } from "./return-paths.ts";
import { requirePlace } from "./signing-in/give-session.ts";
import { pageLanguageOf } from "./signing-in/page-words.ts";
import { refusedPage } from "./signing-in/pages.ts";
import { security } from "./signing-in/sign-in-pages.ts";
import { visitOf } from "./visit-of.ts";

interface Callback {
	readonly audience: OidcAudience;
	readonly path: string;
	/** Where one is when signed in. */
	readonly home: string;
	/** Where one can begin again. */
	readonly again: string;
}

/** One for each provider: what one of them says never counts as the other's word. */
const callbacks: readonly Callback[] = [
	{
		audience: "staff",
		path: returnPaths.staff,
		home: "/desk",
		again: "/desk/sign-in",
	},
	{
		audience: "customer",
		path: returnPaths.customer,
		home: "/support",
		again: "/support",
	},
];

export function registerCallbacks(
	app: FastifyInstance,
	parts: ServerParts,
): void {
	for (const callback of callbacks)
		app.get(callback.path, (request, reply) =>
			answer(parts, callback, { request, reply }),
		);
}

async function answer(
	parts: ServerParts,
	callback: Callback,
	{ request, reply }: { request: FastifyRequest; reply: FastifyReply },
): Promise<FastifyReply> {
	reply.headers({
		"cache-control": "no-store",
	});
	try {
		await finish(parts, callback, { request, reply });
		return reply.redirect(callback.home, 303);
	} catch (error) {
		const refusal = refusalOf(error, parts.clock());
		request.refusal = refusal;
		if (!(error instanceof Refusal))
			request.log.error({ err: error }, "a sign-in by OpenID Connect failed");
		const language = pageLanguageOf([request.headers["accept-language"]]);
		return (
			reply
				.code(statusOf[refusal.kind])
				// The code is in the URL.
				.headers({ ...security, "referrer-policy": "no-referrer" })
				.type("text/html; charset=utf-8")
				.header("content-language", language)
				.send(refusedPage(language, refusal, callback.again))
		);
	}
}

async function finish(
	parts: ServerParts,
	{ audience, path }: Callback,
	{ request, reply }: { request: FastifyRequest; reply: FastifyReply },
): Promise<void> {
	const visit = visitOf(parts, request, reply);
	const { origin } = requirePlace(parts.settings, request);
	const { flow, browser } = visit;
	// Not counted: any page can send the browsers of its visitors here, and would use up the tries of whole companies.
	if (flow === undefined) return refuse("sign_in.flow_over");
	await visit.countSource();
	visit.dropFlow();
	const query = request.url.slice(pathOf(request.url).length);
	const url = `${origin}${path}${query}`;
	visit.keepSession(
		await parts.strangers.oidc.finish({ audience, flow, url, browser }),
	);
}
