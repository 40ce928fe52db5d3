/**
 * Requests that other sites' pages make in the name of whoever is signed in here (`protocols.md` 8.4). A browser says where a
 * request comes from, in a header that pages cannot write; a change that comes with a session must come from here, and bring
 * a token that only a page of ours can have read.
 */
import type { IncomingHttpHeaders } from "node:http";
import { refuse } from "../kernel/errors.ts";
import {
	type Arrival,
	isCsrfToken,
	type PlaceSettings,
	presentedToken,
	type SignInPlace,
	signInPlace,
} from "./session-cookie.ts";

const safeMethods: ReadonlySet<string> = new Set(["GET", "HEAD", "OPTIONS"]);

/** Whether a request asks for no change (RFC 9110, 9.2.1). */
export function isSafe(method: string): boolean {
	return safeMethods.has(method);
}

/** Whether a page of this site sent it, by what the browser says. Without a word of the browser it is not. */
export function isFromHere(
	headers: IncomingHttpHeaders,
	place: SignInPlace,
): boolean {
	const site = headers["sec-fetch-site"];
	if (site !== undefined) return site === "same-origin";
	if (place.kind === "plain") return false;
	const from = headers.origin ?? originOf(headers.referer);
	if (place.kind === "https") return from === place.origin;
	// On loopback a server has several names.
	return from !== undefined && from === `http://${headers.host}`;
}

/**
 * Whether a page elsewhere made a browser send it, so that it says nothing of whose address it comes from: what fails of it is
 * not counted against that, or any page could use up the tries of all the people behind it. Such a page cannot send a key; what
 * brings one is a program, whatever it says of itself.
 */
export function isSentFromElsewhere(headers: IncomingHttpHeaders): boolean {
	const site = headers["sec-fetch-site"];
	const hasKey =
		headers.authorization !== undefined || headers["x-api-key"] !== undefined;
	return (site === "cross-site" || site === "same-site") && !hasKey;
}

/** Refuses `session.cross_site` for a change that a page elsewhere could have sent along with the cookie of the session. */
export function requireFromHere(
	request: Arrival & { readonly method: string },
	settings: PlaceSettings,
): void {
	if (isSafe(request.method)) return;
	const { headers } = request;
	const token = presentedToken(settings, request) ?? "";
	const sent = headers["x-csrf-token"];
	const isOurs = typeof sent === "string" && isCsrfToken(sent, token);
	const isHere = isFromHere(headers, signInPlace(settings, request));
	if (!isOurs || !isHere) refuse("session.cross_site");
}

function originOf(referer: string | undefined): string | undefined {
	return referer === undefined ? undefined : URL.parse(referer)?.origin;
}
