/**
 * The cookies of a session: where they may be set, what they are called, and how they are read.
 *
 * Over HTTPS they are `__Host-` cookies: Secure, of this host alone, for every path, so that no neighbour domain and no plain
 * connection can plant one (RFC 6265bis, 4.1.3.2). On plain HTTP there is a session on loopback only, under another name,
 * with the port in it since cookies do not know ports. Everywhere else nobody can sign in.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";

/** Where the server is reached, as far as sessions ask. */
export type SignInPlace =
	| { readonly kind: "https"; readonly origin: string }
	| {
			readonly kind: "loopback";
			readonly origin: string;
			readonly port: string;
	  }
	/** No session there; `detail` says why and what to do. */
	| { readonly kind: "plain"; readonly detail: string };

export interface PlaceSettings {
	readonly publicUrl: string;
	/** Without the `__Host-` that stands before it. */
	readonly sessionCookie: string;
}

/** A request, as far as it says how it came here. */
export interface Arrival {
	readonly headers: IncomingHttpHeaders;
	/** `https` when a trusted proxy says so, or the connection itself is encrypted. */
	readonly protocol: string;
}

/**
 * Where this request came to. What is configured as the public URL decides, since behind a proxy nothing else is known; a
 * proxy that says itself that the customer came over plain HTTP is believed before that, and so is a browser whose page was
 * loaded from this host over plain HTTP.
 */
export function signInPlace(
	{ publicUrl }: Pick<PlaceSettings, "publicUrl">,
	{ headers, protocol }: Arrival,
): SignInPlace {
	const { protocol: scheme, hostname, port, origin } = new URL(publicUrl);
	if (scheme === "https:") {
		const isPlain =
			headers["x-forwarded-proto"] !== undefined && protocol !== "https";
		if (isPlain)
			return {
				kind: "plain",
				detail: `The connection to the proxy was not encrypted, or the proxy is not among POSTERN_TRUSTED_PROXIES. Sign in at ${origin}.`,
			};
		if (headers.origin === `http://${headers.host}`)
			return {
				kind: "plain",
				detail: `This page was not loaded over HTTPS. Sign in at ${origin}, as POSTERN_PUBLIC_URL says.`,
			};
		return { kind: "https", origin };
	}
	if (
		isLoopback(hostname) &&
		isLoopback(hostOf(headers)) &&
		!hasPassedProxy(headers)
	)
		return { kind: "loopback", origin, port };
	return {
		kind: "plain",
		detail:
			"Signing in takes HTTPS: over plain HTTP everybody on the way could take over the session. Put a proxy with a certificate in front, and set POSTERN_PUBLIC_URL to its https:// address.",
	};
}

/** Then the name of loopback is what the proxy calls us, and says nothing of where the browser is. */
function hasPassedProxy(headers: IncomingHttpHeaders): boolean {
	return (
		headers.forwarded !== undefined ||
		Object.keys(headers).some((name) => name.startsWith("x-forwarded-"))
	);
}

function hostOf({ host = "" }: IncomingHttpHeaders): string {
	return URL.parse(`http://${host}`)?.hostname ?? "";
}

export function isLoopback(hostname: string): boolean {
	return (
		hostname === "localhost" ||
		hostname === "[::1]" ||
		/^127(?:\.\d{1,3}){3}$/.test(hostname)
	);
}

export interface CookieNames {
	readonly session: string;
	/** Read by the pages, to be sent back in a header. */
	readonly csrf: string;
}

/** What the cookies are called; undefined where there are none. */
export function cookieNames(
	place: SignInPlace,
	{ sessionCookie }: Pick<PlaceSettings, "sessionCookie">,
): CookieNames | undefined {
	switch (place.kind) {
		case "https":
			return {
				session: `__Host-${sessionCookie}`,
				csrf: "__Host-postern_csrf",
			};
		case "loopback":
			return {
				session: `${sessionCookie}_${place.port}`,
				csrf: `postern_csrf_${place.port}`,
			};
		case "plain":
			return undefined;
	}
}

/**
 * The value of a cookie; undefined when it is absent, and when it came more than once: then one of them was planted, and
 * nobody knows which.
 */
export function readCookie(
	{ cookie = "" }: IncomingHttpHeaders,
	name: string,
): string | undefined {
	const found = cookie
		.split(";")
		.map((pair) => pair.trim())
		.filter((pair) => pair.startsWith(`${name}=`));
	const [only] = found;
	return found.length === 1 ? only?.slice(name.length + 1) : undefined;
}

/** The token of the session that a request presents, whatever it is worth. */
export function presentedToken(
	settings: PlaceSettings,
	arrival: Arrival,
): string | undefined {
	// Most requests bring none.
	if (arrival.headers.cookie === undefined) return undefined;
	const names = cookieNames(signInPlace(settings, arrival), settings);
	return names && readCookie(arrival.headers, names.session);
}

/** The token that a change must bring with the session: bound to it, and of no use without it. */
export function csrfToken(token: string): string {
	return createHmac("sha256", token).update("postern csrf").digest("base64url");
}

/** Whether it is the one of this session; takes as long for a wrong one. */
export function isCsrfToken(text: string, token: string): boolean {
	const [given, wanted] = [Buffer.from(text), Buffer.from(csrfToken(token))];
	return given.length === wanted.length && timingSafeEqual(given, wanted);
}

/** `Set-Cookie` for a new session. It lives until the browser closes or the server ends it, whichever comes first. */
export function sessionCookies(
	place: SignInPlace,
	settings: PlaceSettings,
	{ token, maxAgeS }: { readonly token: string; readonly maxAgeS: number },
): string[] {
	return cookieTexts(place, settings, {
		session: token,
		csrf: csrfToken(token),
		age: `Max-Age=${maxAgeS}`,
	});
}

/** `Set-Cookie` that takes them away. */
export function noSessionCookies(
	place: SignInPlace,
	settings: PlaceSettings,
): string[] {
	return cookieTexts(place, settings, {
		session: "",
		csrf: "",
		age: "Max-Age=0",
	});
}

function cookieTexts(
	place: SignInPlace,
	settings: PlaceSettings,
	value: {
		readonly session: string;
		readonly csrf: string;
		readonly age: string;
	},
): string[] {
	const names = cookieNames(place, settings);
	if (names === undefined) return [];
	const secure = place.kind === "https" ? "; Secure" : "";
	const rest = `Path=/; ${value.age}; SameSite=Lax${secure}`;
	return [
		`${names.session}=${value.session}; ${rest}; HttpOnly`,
		`${names.csrf}=${value.csrf}; ${rest}`,
	];
}
