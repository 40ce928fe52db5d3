import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { seed } from "../../../../test/seed.ts";
import { Bug } from "../../../kernel/assert.ts";
import { canonicalJson } from "./canonical.ts";

const json = fc.jsonValue({ maxDepth: 4 });

/** The same value with all fields in the opposite order. */
function turned(value: unknown): unknown {
	if (Array.isArray(value)) return value.map(turned);
	if (typeof value !== "object" || value === null) return value;
	return Object.fromEntries(
		Object.entries(value)
			.reverse()
			.map(([name, content]) => [name, turned(content)]),
	);
}

describe("canonicalJson", () => {
	test("is JSON of the same value", () => {
		fc.assert(
			fc.property(json, (value) => {
				expect(JSON.parse(canonicalJson(value))).toEqual(
					JSON.parse(JSON.stringify(value)),
				);
			}),
			{ seed },
		);
	});

	test("does not depend on the order of fields, nor on being stored and read back", () => {
		fc.assert(
			fc.property(json, (value) => {
				expect(canonicalJson(turned(value))).toBe(canonicalJson(value));
				expect(canonicalJson(JSON.parse(JSON.stringify(value)))).toBe(
					canonicalJson(value),
				);
				expect(canonicalJson(JSON.parse(canonicalJson(value)))).toBe(
					canonicalJson(value),
				);
			}),
			{ seed },
		);
	});

	test("tells different values apart", () => {
		fc.assert(
			fc.property(json, json, (left, right) => {
				const isSame = canonicalJson(left) === canonicalJson(right);
				expect(isSame).toBe(canonicalJson([left]) === canonicalJson([right]));
				// Text of an independent writer, on values whose fields are sorted already.
				const [one, other] = [left, right].map((value) =>
					JSON.stringify(JSON.parse(canonicalJson(value))),
				);
				expect(isSame).toBe(one === other);
			}),
			{ seed },
		);
	});

	test.each([
		[
			{ b: 1, a: [true, null, "x"], A: {} },
			'{"A":{},"a":[true,null,"x"],"b":1}',
		],
		[
			{
				"\u20ac": 1,
				"\r": 2,
				"1": 3,
				"\u{1f600}": 4,
				"\u0080": 5,
				"\ufb33": 6,
			},
			'{"\\r":2,"1":3,"\u0080":5,"\u20ac":1,"\u{1f600}":4,"\ufb33":6}',
		],
		[{ "10": 1, "9": 2 }, '{"10":1,"9":2}'],
		[
			[333333333.3333333, 1e30, 4.5, 2e-3, 1e-27, 0],
			"[333333333.3333333,1e+30,4.5,0.002,1e-27,0]",
		],
		["\u20ac$\u000f\nA'B\"\\/", '"\u20ac$\\u000f\\nA\'B\\"\\\\/"'],
		[JSON.parse('{"__proto__":1}'), '{"__proto__":1}'],
	])(
		"sorts by code units and writes numbers and strings as RFC 8785 does: %j",
		(value, text) => {
			expect(canonicalJson(value)).toBe(text);
		},
	);

	test("reads what JSON cannot say as JSON.stringify does", () => {
		expect(
			canonicalJson({
				a: undefined,
				b: [undefined],
				c: Number.NaN,
				d: -0,
				e: -Infinity,
				f: "\ud800",
			}),
		).toBe('{"b":[null],"c":null,"d":0,"e":null,"f":"\\ud800"}');
	});

	test.each([
		undefined,
		() => 1,
		Symbol("x"),
		1n,
		new Date(0),
		new Map(),
		{ a: [1n] },
	])("is a bug for %s", (value) => {
		expect(() => canonicalJson(value)).toThrow(Bug);
	});
});
