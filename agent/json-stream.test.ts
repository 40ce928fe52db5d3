import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { JsonStream } from "./json-stream.ts";

function read(
	pieces: readonly string[],
	take: (path: string, text: string) => boolean = () => false,
): unknown {
	const stream = new JsonStream(take);
	for (const piece of pieces) stream.write(piece);
	return stream.end();
}

/** The text cut into pieces of `length` characters. */
function cut(text: string, length: number): string[] {
	const pieces = [];
	for (let i = 0; i < text.length; i += length)
		pieces.push(text.slice(i, i + length));
	return pieces;
}

describe("a JSON document in pieces", () => {
	test("is read like a whole one, wherever it is cut", () => {
		fc.assert(
			fc.property(
				fc.jsonValue(),
				fc.integer({ min: 1, max: 9 }),
				(value, length) => {
					const text = JSON.stringify(value, null, 1);
					expect(read(cut(text, length))).toEqual(JSON.parse(text));
				},
			),
			{ seed: 7, numRuns: 1_000 },
		);
	});

	test("gives strings in arrays away, with their path, and keeps the rest", () => {
		const taken: string[] = [];
		const text =
			'{"site": "s", "v4": ["192.0.2.1", "192.0.2.2"], "sets": [{"elem": ["a", {"b": ["c"]}]}]}';
		const rest = read(cut(text, 3), (path, one) => {
			taken.push(`${path}=${one}`);
			return path === "v4.*" || path === "sets.*.elem.*";
		});
		expect(taken).toEqual([
			"v4.*=192.0.2.1",
			"v4.*=192.0.2.2",
			"sets.*.elem.*=a",
			"sets.*.elem.*.b.*=c",
		]);
		expect(rest).toEqual({
			site: "s",
			v4: [],
			sets: [{ elem: [{ b: ["c"] }] }],
		});
	});

	test.each([
		"",
		"{",
		'{"a"',
		'{"a":}',
		'{"a":1,}',
		"{,}",
		"[1,]",
		"[1 2]",
		"[1]]",
		"[1}",
		"1 2",
		'"a',
		"tru",
		"truefalse",
		"01x",
		"-",
		"nul",
		"{1:2}",
		"<html>",
		'"a\nb"',
		'["\\x"]',
		`${"[".repeat(40)}${"]".repeat(40)}`,
	])("refuses %j", (text) => {
		for (const length of [1, 7, text.length + 1])
			expect(() => read(cut(text, length)), `${length}`).toThrow(SyntaxError);
	});

	test("refuses a string that does not end, before it has all of it", () => {
		const stream = new JsonStream(() => false);
		const writeOn = () => {
			for (let i = 0; i < 100; i++)
				stream.write(i === 0 ? '"' : "a".repeat(100));
		};
		expect(writeOn).toThrow(SyntaxError);
	});

	test("a key is a key, whatever it is called", () => {
		const value = read(['{"__proto__": {"isAdmin": true}}']);
		expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
		expect(JSON.stringify(value)).toBe('{"__proto__":{"isAdmin":true}}');
	});
});
