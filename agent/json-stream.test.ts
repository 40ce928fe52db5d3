import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { JsonStream } from "./json-stream.ts";

function read(
	pieces: readonly string[],
	take: (path: string, text: string) => boolean = () => false,
): unknown {
	const stream = new JsonStream(take, 1_000_000);
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
		const stream = new JsonStream(() => false, 1_000_000);
		const writeOn = () => {
			for (let i = 0; i < 100; i++)
				stream.write(i === 0 ? '"' : "a".repeat(100));
		};
		expect(writeOn).toThrow(SyntaxError);
	});

	test.each([
		["empty lists", "[],"],
		["lists in lists", "[[[[]]]],"],
		["numbers", "0,"],
		["texts", '"a",'],
		["keys", '{"a":0},'],
		["long texts", `"${"a".repeat(4_000)}",`],
	])("keeps no more than it may of %s", (_, piece) => {
		const stream = new JsonStream(() => false, 65_536);
		stream.write("[");
		let pieces = 0;
		const writeOn = () => {
			for (; pieces < 10_000; pieces++) stream.write(piece);
		};
		expect(writeOn).toThrow(RangeError);
		expect(pieces).toBeLessThanOrEqual(4_096);
	});

	test("does not count what is taken", () => {
		const stream = new JsonStream(() => true, 1_000);
		stream.write('{"v4":[""');
		for (let i = 0; i < 10_000; i++) stream.write(',"192.0.2.1"');
		stream.write("]}");
		expect(stream.end()).toEqual({ v4: [] });
	});

	test("a key is a key, whatever it is called", () => {
		const value = read(['{"__proto__": {"isAdmin": true}}']);
		expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
		expect(JSON.stringify(value)).toBe('{"__proto__":{"isAdmin":true}}');
	});
});
