/**
 * The last step of every way to sign in: the session goes to the browser that asked, where a session may be at all. Whoever
 * proves in another way who somebody is calls `requirePlace` before it begins, and `giveSession` when it is proven.
 */
import type { FastifyReply, FastifyRequest } from "fastify";
import type {
	BegunSession,
	SessionToBegin,
} from "../../domain/accounts/begin-session.ts";
import { refuse } from "../../kernel/errors.ts";
import { isFromHere } from "../cross-site.ts";
import type { HttpSettings } from "../parts.ts";
import {
	presentedToken,
	type SignInPlace,
	sessionCookies,
	signInPlace,
} from "../session-cookie.ts";

/** Refuses `sign_in.insecure`, with the reason, where there are no sessions. */
export function requirePlace(
	settings: HttpSettings,
	request: FastifyRequest,
): Exclude<SignInPlace, { readonly kind: "plain" }> {
	const place = signInPlace(settings, request);
	if (place.kind === "plain")
		return refuse("sign_in.insecure", { detail: place.detail });
	return place;
}

/**
 * Refuses `session.cross_site` for a request that no page of ours sent: nobody is signed in by a page elsewhere, as somebody
 * they are not (login CSRF; ASVS 5.0, 7.6.2).
 */
export function requireOwnPage(
	settings: HttpSettings,
	request: FastifyRequest,
): void {
	if (!isFromHere(request.headers, requirePlace(settings, request)))
		refuse("session.cross_site", {
			detail: `Signing in begins on a page of this server, at ${settings.publicUrl}.`,
		});
}

/** What `begin-session` wants to know of the browser. */
export function browserOf(
	settings: HttpSettings,
	request: FastifyRequest,
): Pick<SessionToBegin, "from" | "replaces"> {
	return {
		from: {
			address: request.ip,
			userAgent: request.headers["user-agent"] ?? null,
		},
		replaces: presentedToken(settings, request),
	};
}

/** Puts the session into the cookies of the answer. */
export function giveSession(
	settings: HttpSettings,
	{ request, reply }: { request: FastifyRequest; reply: FastifyReply },
	{ session, token }: BegunSession,
): void {
	const { expiresAt, createdAt } = session;
	const maxAgeS = Math.floor(
		(expiresAt.getTime() - createdAt.getTime()) / 1000,
	);
	const place = requirePlace(settings, request);
	reply.header(
		"set-cookie",
		sessionCookies(place, settings, { token, maxAgeS }),
	);
}
