import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { seed } from "../../test/seed.ts";
import { Bug } from "./assert.ts";
import {
	type CursorKey,
	decodeCursor,
	encodeCursor,
	type Page,
	pageOf,
} from "./page.ts";

const scope =
	"port25-requests client_01hxa3b4c5d6e7f8g9h0j1k2m3 status=pending";
const key = [
	"2026-06-03T03:25:00.000Z",
	7,
	null,
	"p25_01hxa3b4c5d6e7f8g9h0j1k2m3",
];

const keyValue = fc.oneof(
	fc
		.string({ unit: "binary", maxLength: 20 })
		.filter((text) => text.isWellFormed() && !text.includes("\0")),
	fc.maxSafeInteger(),
	fc.constant(null),
);

function asCursor(json: string): string {
	return Buffer.from(json).toString("base64url");
}

function jsonOf(cursor: string): string {
	return Buffer.from(cursor, "base64url").toString();
}

describe("a cursor", () => {
	test("brings back the key it was made of", () => {
		fc.assert(
			fc.property(
				fc.string(),
				fc.array(keyValue, { maxLength: 5 }),
				(anyScope, anyKey) => {
					const cursor = encodeCursor(anyScope, anyKey);
					expect(cursor).toMatch(/^[A-Za-z0-9_-]{1,1000}$/);
					expect(decodeCursor(anyScope, cursor, anyKey.length)).toEqual(anyKey);
				},
			),
			{ seed },
		);
	});

	test("is unpadded base64url JSON with the key and a short hash", () => {
		expect(JSON.parse(jsonOf(encodeCursor(scope, key)))).toEqual({
			k: key,
			h: expect.stringMatching(/^[0-9a-f]{16}$/),
		});
	});

	test.each([
		["list", scope.replace("port25-requests", "tickets")],
		["client", scope.replace("k2m3", "k2m4")],
		["filter", scope.replace("pending", "approved")],
	])("is refused by another %s", (_, otherScope) => {
		expect(
			decodeCursor(otherScope, encodeCursor(scope, key), key.length),
		).toBeUndefined();
	});

	test("is refused with another number of values", () => {
		const cursor = encodeCursor(scope, key);
		expect(decodeCursor(scope, cursor, key.length - 1)).toBeUndefined();
		expect(decodeCursor(scope, cursor, key.length + 1)).toBeUndefined();
	});

	test("is refused when any character of it was changed", () => {
		const cursor = encodeCursor(scope, key);
		fc.assert(
			fc.property(
				fc.nat(cursor.length - 1),
				fc.string({ maxLength: 2 }),
				(at, piece) => {
					const changed = cursor.slice(0, at) + piece + cursor.slice(at + 1);
					fc.pre(changed !== cursor);
					const read = decodeCursor(scope, changed, key.length);
					// A changed key is still a place in the same list, if it is written exactly as we write it.
					if (read !== undefined)
						expect(encodeCursor(scope, read)).toBe(changed);
				},
			),
			{ seed },
		);
	});

	test("is never read from garbage", () => {
		fc.assert(
			fc.property(
				fc.oneof(fc.string(), fc.json().map(asCursor), fc.base64String()),
				fc.nat(3),
				(text, arity) => {
					expect(decodeCursor(scope, text, arity)).toBeUndefined();
				},
			),
			{ seed },
		);
	});

	const json = jsonOf(encodeCursor(scope, key));
	const hash = /"h":"(.*)"/.exec(json)?.[1] ?? "";
	test.each([
		["nothing", ""],
		["padding", `${asCursor(json)}=`],
		[
			"the other base64 alphabet",
			encodeCursor(scope, ["?>?>?>ÿ", 7, null, "x"])
				.replaceAll("_", "/")
				.replaceAll("-", "+"),
		],
		["white space", `${asCursor(json)}\n`],
		["spaces in the JSON", asCursor(json.replace(",", ", "))],
		[
			"fields in another order",
			asCursor(`{"h":"${hash}","k":${JSON.stringify(key)}}`),
		],
		["an extra field", asCursor(json.replace("{", '{"x":1,'))],
		["no hash", asCursor(`{"k":${JSON.stringify(key)}}`)],
		["a key that is no list", asCursor(`{"k":{"length":4},"h":"${hash}"}`)],
		["nested values", asCursor(json.replace("null", "[1]"))],
		["truth values", asCursor(json.replace("null", "true"))],
		["fractions", asCursor(json.replace("7", "7.5"))],
		[
			"a number too large to be exact",
			asCursor(json.replace("7", "9007199254740993")),
		],
		["a number in another spelling", asCursor(json.replace("7", "7e0"))],
		["NUL", asCursor(json.replace("2026", "\\u0000"))],
		["a lone surrogate", asCursor(json.replace("2026", "\\ud800"))],
		[
			"bytes that are not UTF-8",
			Buffer.from(json.replace("2026", "\u00ff"), "latin1").toString(
				"base64url",
			),
		],
		["JSON's null", asCursor("null")],
		["half of it", asCursor(json).slice(0, 40)],
		["a million characters", "A".repeat(1_000_000)],
	])("with %s is refused", (_, cursor) => {
		expect(decodeCursor(scope, cursor, key.length)).toBeUndefined();
	});

	test("may be 1,000 characters long and no longer", () => {
		const rest = 750 - jsonOf(encodeCursor(scope, [""])).length;
		const longest = encodeCursor(scope, ["x".repeat(rest)]);
		expect(longest).toHaveLength(1_000);
		expect(decodeCursor(scope, longest, 1)).toEqual(["x".repeat(rest)]);
		expect(() => encodeCursor(scope, ["x".repeat(rest + 1)])).toThrow(Bug);
	});

	test("that nobody could send back is a bug", () => {
		expect(() => encodeCursor(scope, ["x".repeat(1_000)])).toThrow(Bug);
		expect(() => encodeCursor(scope, [1.5])).toThrow(Bug);
		expect(() => encodeCursor(scope, [Number.NaN])).toThrow(Bug);
		expect(() => encodeCursor(scope, ["\ud800"])).toThrow(Bug);
	});
});

describe("pageOf", () => {
	const cursorOf = (row: number) => `after-${row}`;

	test("gives all rows and no cursor when none is left over", () => {
		expect(pageOf([1, 2], 2, cursorOf)).toEqual({
			data: [1, 2],
			nextCursor: null,
		});
		expect(pageOf([1], 2, cursorOf)).toEqual({ data: [1], nextCursor: null });
		expect(pageOf([], 2, cursorOf)).toEqual({ data: [], nextCursor: null });
	});

	test("holds back the row too many and continues after the last one given", () => {
		expect(pageOf([1, 2, 3], 2, cursorOf)).toEqual({
			data: [1, 2],
			nextCursor: "after-2",
		});
	});

	test("gives every row exactly once over the pages of a list", () => {
		const rows = fc
			.nat(40)
			.map((count) => Array.from({ length: count }, (_, i) => i));
		fc.assert(
			fc.property(rows, fc.integer({ min: 1, max: 10 }), (all, limit) => {
				const seen: number[] = [];
				let from: number | null = 0;
				while (from !== null) {
					const page: Page<number> = pageOf(
						all.slice(from, from + limit + 1),
						limit,
						(last) => encodeCursor(scope, [last]),
					);
					seen.push(...page.data);
					const next: CursorKey | undefined =
						page.nextCursor === null
							? undefined
							: decodeCursor(scope, page.nextCursor, 1);
					from = next === undefined ? null : Number(next[0]) + 1;
				}
				expect(seen).toEqual(all);
			}),
			{ seed },
		);
	});

	test("is a bug with a limit below one", () => {
		expect(() => pageOf([1], 0, cursorOf)).toThrow(Bug);
	});
});
