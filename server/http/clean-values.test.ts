import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { seed } from "../../test/seed.ts";
import { uncleanPart } from "./clean-values.ts";

function nested(depth: number): unknown {
	let value: unknown = "deep";
	for (let i = 0; i < depth; i += 1)
		value = i % 2 === 0 ? [value] : { a: value };
	return value;
}

describe("what no body may hold", () => {
	test.each([
		["NUL", { a: { b: ["x", "y\0z"] } }, "/a/b/1", "`b[1]`"],
		["a lone surrogate", { "a/b": "\ud800" }, "/a~1b", "`a/b`"],
		["an integer beyond 2^53", { n: 2 ** 53 }, "/n", "`n`"],
		["infinity, as 1e999 is read", { n: JSON.parse("1e999") }, "/n", "`n`"],
		["an unclean field name", { a: { "b\0": 1 } }, "/a", "name of a field"],
		["a long field name", { ["x".repeat(256)]: 1 }, "", "name of a field"],
		["depth", { a: nested(40) }, undefined, "nested too deeply"],
		[
			"a hundred thousand values",
			{ a: Array(100_000).fill(0) },
			"",
			"10,000 values",
		],
	])("%s", (_, body, pointer, words) => {
		const fault = uncleanPart(body);
		expect(fault?.detail).toContain(words);
		if (pointer !== undefined) expect(fault?.pointer).toBe(pointer);
	});

	test("ends at 10,000 levels without running out of stack", () => {
		expect(uncleanPart(nested(10_000))?.detail).toContain("nested too deeply");
	});

	test.each([
		["an emoji", { a: "🚪" }],
		[
			"ordinary numbers",
			{ a: [0, -1.5, 1e21 / 1e10, Number.MAX_SAFE_INTEGER] },
		],
		["nothing", null],
		["32 levels", nested(32)],
	])("lets %s pass", (_, body) => {
		expect(uncleanPart(body)).toBeUndefined();
	});

	test("a clean JSON body has no fault, and any other value of JSON gets an answer", () => {
		fc.assert(
			fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
				const fault = uncleanPart(JSON.parse(JSON.stringify(value)));
				if (fault !== undefined) expect(fault.detail).toMatch(/\.$/);
			}),
			{ seed },
		);
	});
});
