import { describe, expect, test } from "vitest";
import { isBlank, isCleanText, lengthInCodePoints } from "./text.ts";

describe("isCleanText", () => {
	test.each(["", "plain", "räksmörgås", "👩‍💻", "\uFEFF", "line\nbreak\ttab"])(
		"accepts %j",
		(text) => {
			expect(isCleanText(text)).toBe(true);
		},
	);

	test.each(["\0", "a\0b", "\uD800", "\uDC00", "a\uD83Db", "\uDE00\uD83D"])(
		"refuses %j",
		(text) => {
			expect(isCleanText(text)).toBe(false);
		},
	);
});

describe("isBlank", () => {
	test.each([
		["nothing", ""],
		["spaces, tabs and line ends", " \t\r\n\v\f"],
		["no-break and other wide spaces", "\u00A0\u2003\u3000\u1680"],
		["line and paragraph separators", "\u2028\u2029\u0085"],
		[
			"zero-width space, joiners and no-break",
			"\u200B\u200C\u200D\u2060\uFEFF",
		],
		["direction marks", "\u200E\u200F\u202A\u202E\u2066\u2069"],
		["soft hyphen and combining grapheme joiner", "\u00AD\u034F"],
		["Hangul fillers", "\u115F\u1160\u3164\uFFA0"],
		["variation selectors and tags", "\uFE0F\u{E0020}"],
		["empty braille", "\u2800"],
		["control characters", "\u0001\u001B\u007F\u009F"],
	])("calls %s blank", (_, text) => {
		expect(isBlank(text)).toBe(true);
	});

	test.each([".", " x ", "\u200Bx", "ö", "😀", "\u2801", "\u0600", "\uFFFD"])(
		"sees something in %j",
		(text) => {
			expect(isBlank(text)).toBe(false);
		},
	);

	test("reads a megabyte of blanks once", () => {
		const blanks = " \u200B".repeat(500_000);
		expect(isBlank(blanks)).toBe(true);
		expect(isBlank(`${blanks}x`)).toBe(false);
	});
});

describe("lengthInCodePoints", () => {
	test.each([
		["", 0],
		["abc", 3],
		["åäö", 3],
		["😀😀", 2],
		["e\u0301", 2],
		["👩‍💻", 3],
		["\uD83D", 1],
	])("counts %j as %i", (text, length) => {
		expect(lengthInCodePoints(text)).toBe(length);
	});
});
