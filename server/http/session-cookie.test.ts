import { describe, expect, test } from "vitest";
import { isFromHere } from "./cross-site.ts";
import {
	cookieNames,
	noSessionCookies,
	type PlaceSettings,
	presentedToken,
	sessionCookies,
	signInPlace,
} from "./session-cookie.ts";

const sessionCookie = "postern_session";
const secure = { publicUrl: "https://support.example.com", sessionCookie };
const local = { publicUrl: "http://127.0.0.1:3000", sessionCookie };
const plain = { publicUrl: "http://support.example.com", sessionCookie };

function arrival(headers: Record<string, string> = {}, protocol = "http") {
	return { protocol, headers };
}

const here = arrival({ host: "127.0.0.1:3000" });

describe("a session is possible", () => {
	test("behind a proxy whose https address is configured, whatever the proxy says of itself", () => {
		const at = signInPlace(secure, arrival({ host: "10.0.0.5:3000" }));
		expect(at).toEqual({
			kind: "https",
			origin: "https://support.example.com",
		});
		const elsewhere = arrival({
			host: "a.example",
			origin: "http://b.example",
		});
		expect(signInPlace(secure, elsewhere).kind).toBe("https");
		const told = arrival({ "x-forwarded-proto": "https" }, "https");
		expect(signInPlace(secure, told).kind).toBe("https");
	});

	test.each(["127.0.0.1:3000", "localhost:3000", "[::1]:3000", "127.0.0.2"])(
		"over plain HTTP on loopback, as %s",
		(host) => {
			expect(signInPlace(local, arrival({ host })).kind).toBe("loopback");
		},
	);
});

describe("a session is refused, with the reason", () => {
	test.each<[string, PlaceSettings, Record<string, string>]>([
		["over plain HTTP", plain, { host: "support.example.com" }],
		[
			"when the proxy was reached over plain HTTP",
			secure,
			{ "x-forwarded-proto": "http" },
		],
		[
			"when an unknown proxy speaks of HTTPS",
			secure,
			{ "x-forwarded-proto": "https" },
		],
		[
			"when the browser's page was loaded past the proxy over plain HTTP",
			secure,
			{ host: "192.0.2.10:3000", origin: "http://192.0.2.10:3000" },
		],
		["when loopback is reached by a name", local, { host: "evil.example" }],
		["when loopback is reached by no name", local, {}],
		[
			"when loopback is a part of the name",
			local,
			{ host: "127.0.0.1.evil.example" },
		],
		[
			"when loopback is the user of the name",
			local,
			{ host: "localhost@evil" },
		],
		[
			"when a proxy was in between that calls us by the name of loopback",
			local,
			{ host: "localhost:3000", "x-forwarded-for": "198.51.100.1" },
		],
		[
			"when a proxy says so in the words of RFC 7239",
			local,
			{ host: "localhost:3000", forwarded: "for=198.51.100.1" },
		],
	])("%s", (_, settings, headers) => {
		const place = signInPlace(settings, arrival(headers));
		expect(place).toMatchObject({
			kind: "plain",
			detail: expect.stringMatching(/POSTERN_(PUBLIC_URL|TRUSTED_PROXIES)/),
		});
		expect(cookieNames(place, settings)).toBeUndefined();
		const given = { token: "t", maxAgeS: 1 };
		expect(sessionCookies(place, settings, given)).toEqual([]);
	});
});

describe("the cookies", () => {
	test("over HTTPS are bound to the host and to encryption", () => {
		const place = signInPlace(secure, arrival());
		const [session, csrf] = sessionCookies(place, secure, {
			token: "t",
			maxAgeS: 60,
		});
		expect(session).toBe(
			"__Host-postern_session=t; Path=/; Max-Age=60; SameSite=Lax; Secure; HttpOnly",
		);
		expect(csrf).toMatch(
			/^__Host-postern_csrf=[\w-]{43}; Path=\/; Max-Age=60; SameSite=Lax; Secure$/,
		);
	});

	test("on loopback have another name, with the port in it", () => {
		const place = signInPlace(local, here);
		expect(noSessionCookies(place, local)).toEqual([
			"postern_session_3000=; Path=/; Max-Age=0; SameSite=Lax; HttpOnly",
			"postern_csrf_3000=; Path=/; Max-Age=0; SameSite=Lax",
		]);
	});

	test.each([
		["postern_session_3000=t", "t"],
		["a=b; postern_session_3000=t; c=d", "t"],
		["__Host-postern_session=t", undefined],
		["postern_session=t", undefined],
		["xpostern_session_3000=t", undefined],
		["postern_session_3000=t; postern_session_3000=t", undefined],
	])("%s reads as %s", (cookie, expected) => {
		const headers = { host: "127.0.0.1:3000", cookie };
		expect(presentedToken(local, arrival(headers))).toBe(expected);
	});
});

describe("a request comes from here", () => {
	const at = signInPlace(secure, arrival());
	const onLoopback = signInPlace(local, here);
	test.each<[boolean, typeof at, Record<string, string>]>([
		[true, at, { "sec-fetch-site": "same-origin" }],
		[false, at, { "sec-fetch-site": "same-site" }],
		[false, at, { "sec-fetch-site": "cross-site" }],
		[false, at, { "sec-fetch-site": "none" }],
		[true, at, { origin: "https://support.example.com" }],
		[true, at, { referer: "https://support.example.com/support?x" }],
		[false, at, { origin: "https://support.example.com.evil.example" }],
		[false, at, { origin: "http://support.example.com" }],
		[false, at, { origin: "null" }],
		[false, at, { referer: "garbage" }],
		[false, at, {}],
		[
			false,
			at,
			{
				"sec-fetch-site": "cross-site",
				origin: "https://support.example.com",
			},
		],
		[
			true,
			onLoopback,
			{ host: "localhost:3000", origin: "http://localhost:3000" },
		],
		[
			false,
			onLoopback,
			{ host: "localhost:3000", origin: "http://localhost:8080" },
		],
	])("%s: at %o with %o", (expected, place, headers) => {
		expect(isFromHere(headers, place)).toBe(expected);
	});

	test("of nowhere where no session is possible", () => {
		const nowhere = signInPlace(plain, arrival({ host: "x" }));
		expect(isFromHere({ origin: "http://x", host: "x" }, nowhere)).toBe(false);
	});
});
