import { describe, expect, test } from "vitest";
import { mintKey } from "../domain/accounts/api-key.ts";
import { Refusal } from "../kernel/errors.ts";
import { presentedKey } from "./credentials.ts";

const { key } = mintKey("live");
const { key: otherKey } = mintKey("live");
const raw = { rawHeaders: [] };

function refusalOf(
	headers: Record<string, string | string[]>,
	query: unknown = {},
): Refusal {
	try {
		presentedKey({ headers, query, raw });
	} catch (error) {
		if (error instanceof Refusal) return error;
		throw error;
	}
	throw new Error("it was not refused");
}

describe("presentedKey", () => {
	test.each<[string, Record<string, string>]>([
		["Authorization", { authorization: `Bearer ${key}` }],
		["the scheme in another case", { authorization: `bEARER  ${key}` }],
		["X-API-Key", { "x-api-key": key }],
		[
			"both headers with the same key",
			{ authorization: `Bearer ${key}`, "x-api-key": key },
		],
	])("reads the key from %s", (_, headers) => {
		expect(presentedKey({ headers, query: {}, raw })).toBe(key);
	});

	test("finds none where there is none", () => {
		const query = { limit: "20", cursor: "eyJrIjpbXX0", status: ["a", "b"] };
		expect(presentedKey({ headers: {}, query, raw })).toBeUndefined();
		expect(
			presentedKey({ headers: {}, query: undefined, raw }),
		).toBeUndefined();
	});

	test("refuses two Authorization headers, of which the framework would show one", () => {
		const authorization = `Bearer ${key}`;
		const rawHeaders = ["Authorization", authorization, "authorization", "x"];
		expect(() =>
			presentedKey({
				headers: { authorization },
				query: {},
				raw: { rawHeaders },
			}),
		).toThrow(Refusal);
	});

	test("gives what was presented, key or not: whether it exists is another question", () => {
		const headers = { authorization: "Bearer hello" };
		expect(presentedKey({ headers, query: {}, raw })).toBe("hello");
	});

	test.each<[string, Record<string, string | string[]>]>([
		["another scheme", { authorization: "Basic dXNlcjpwYXNz" }],
		["a key without a scheme", { authorization: key }],
		["a scheme without a key", { authorization: "Bearer" }],
		["a scheme and a space", { authorization: "Bearer " }],
		["two keys in one header", { authorization: `Bearer ${key} ${key}` }],
		["a header joined from two", { "x-api-key": `${key}, ${otherKey}` }],
		["a header given twice", { "x-api-key": [key, key] }],
		["an empty Authorization", { authorization: "", "x-api-key": key }],
		["an empty X-API-Key", { "x-api-key": "", authorization: `Bearer ${key}` }],
		[
			"a very long Authorization",
			{ authorization: `Bearer ${"a".repeat(8_000)}` },
		],
		["a very long X-API-Key", { "x-api-key": "a".repeat(8_000) }],
		[
			"two headers that differ",
			{ authorization: `Bearer ${key}`, "x-api-key": otherKey },
		],
	])("refuses %s as unauthenticated", (_, headers) => {
		const refusal = refusalOf(headers);
		expect(refusal.code).toBe("auth.required");
		expect(refusal.message).not.toContain(key);
	});

	test.each<[string, unknown]>([
		["api_key", { api_key: "x" }],
		["apikey", { apikey: "x" }],
		["apiKey", { apiKey: "x" }],
		["X-API-Key", { "X-API-Key": "x" }],
		["key", { key: "x" }],
		["key[]", { "key[]": "x" }],
		["token", { token: "" }],
		["access_token", { access_token: "x" }],
		["a key under any name", { q: key }],
		["a key among other values", { q: ["a", `Bearer ${key}`] }],
		["a key as a name", { [key]: "" }],
		["a mistyped key", { q: "PST_LIVE_abc" }],
	])(
		"refuses %s in the URL, also beside a good header, and says what to do",
		(_, query) => {
			const refusal = refusalOf({ authorization: `Bearer ${key}` }, query);
			expect(refusal.code).toBe("auth.required");
			expect(refusal.detail).toMatch(/Revoke this key.*Authorization: Bearer/);
			expect(refusal.message).not.toContain(key);
		},
	);
});
