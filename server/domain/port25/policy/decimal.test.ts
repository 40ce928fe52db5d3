import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { seed } from "../../../../test/seed.ts";
import { formatDecimal, isAtLeast, parseDecimal } from "./decimal.ts";

const digits = fc.string({
	unit: fc.constantFrom(..."0001234569"),
	minLength: 1,
	maxLength: 25,
});
const decimalText = fc
	.tuple(fc.constantFrom("", "-"), digits, fc.option(digits))
	.map(
		([sign, whole, fraction]) =>
			`${sign}${whole}${fraction === null ? "" : `.${fraction}`}`,
	);

function read(text: string) {
	const decimal = parseDecimal(text);
	if (decimal === undefined) throw new Error(`${text} is no decimal`);
	return decimal;
}

/** The oracle: both numbers as whole counts of 10⁻²⁵. */
function scaled(text: string): bigint {
	const [whole = "", fraction = ""] = text.replace("-", "").split(".");
	const size = BigInt(whole + fraction.padEnd(25, "0"));
	return text.startsWith("-") ? -size : size;
}

describe("a decimal", () => {
	test("compares exactly, at any size", () => {
		fc.assert(
			fc.property(decimalText, decimalText, (left, right) => {
				expect(isAtLeast(read(left), read(right))).toBe(
					scaled(left) >= scaled(right),
				);
				expect(isAtLeast(read(left), read(left))).toBe(true);
			}),
			{ seed, numRuns: 1_000 },
		);
	});

	test("keeps its value in its shortest spelling, and equal ones are spelt alike", () => {
		fc.assert(
			fc.property(decimalText, decimalText, (left, right) => {
				const [shortLeft, shortRight] = [
					formatDecimal(read(left)),
					formatDecimal(read(right)),
				];
				expect(scaled(shortLeft)).toBe(scaled(left));
				expect(formatDecimal(read(shortLeft))).toBe(shortLeft);
				expect(shortLeft === shortRight).toBe(scaled(left) === scaled(right));
			}),
			{ seed, numRuns: 1_000 },
		);
	});

	test.each([
		["0.00", "0"],
		["0", "0"],
		["-0.0", "0"],
		["500.00", "500"],
		["12.50", "12.5"],
		["0.05", "0.05"],
		["007.10", "7.1"],
		["-3.50", "-3.5"],
		["1000", "1000"],
		[
			"123456789012345678901234567890.000000000000000000001",
			"123456789012345678901234567890.000000000000000000001",
		],
	])("%s is written %s", (text, short) => {
		expect(formatDecimal(read(text))).toBe(short);
	});

	test("notices a difference that a floating-point number loses", () => {
		expect(
			isAtLeast(read("9007199254740992.9"), read("9007199254740993")),
		).toBe(false);
		expect(isAtLeast(read("499.99999999999999999999"), read("500"))).toBe(
			false,
		);
	});

	test("reads a million digits in one pass", () => {
		const zeros = "0".repeat(1_000_000);
		expect(formatDecimal(read(`${zeros}1.${zeros}1${zeros}`))).toBe(
			`1.${zeros}1`,
		);
	});

	test.each([
		"",
		"-",
		".",
		"5.",
		".5",
		"+5",
		"1e3",
		"1,000",
		"NaN",
		"Infinity",
		"0x10",
		" 5",
		"5\n",
		"--5",
		"5.5.5",
		"٥",
		500,
		0,
		null,
		undefined,
		5n,
		{},
		["5"],
	])("is not read from %s", (text) => {
		expect(parseDecimal(text)).toBeUndefined();
	});
});
