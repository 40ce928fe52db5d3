import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { seed } from "../../../../test/seed.ts";
import { parseInstant } from "./instant.ts";

describe("parseInstant", () => {
	test("reads every instant that a Date writes, up to the year 9999", () => {
		const years0To9999 = {
			min: new Date("0000-01-01T00:00:00.000Z"),
			max: new Date("9999-12-31T23:59:59.999Z"),
			noInvalidDate: true,
		};
		fc.assert(
			fc.property(fc.date(years0To9999), (date) => {
				expect(parseInstant(date.toISOString())).toBe(date.getTime());
			}),
			{ seed },
		);
	});

	test("accepts only days that exist", () => {
		fc.assert(
			fc.property(
				fc.integer({ min: 0, max: 9999 }),
				fc.integer({ min: 1, max: 12 }),
				fc.integer({ min: 1, max: 31 }),
				(year, month, day) => {
					const two = (part: number) => String(part).padStart(2, "0");
					const text = `${String(year).padStart(4, "0")}-${two(month)}-${two(day)}T00:00:00.000Z`;
					const ms = parseInstant(text);
					const runsOver = new Date(Date.parse(text)).toISOString() !== text;
					expect(ms).toBe(runsOver ? undefined : Date.parse(text));
				},
			),
			{ seed, numRuns: 500 },
		);
	});

	test("knows the leap years of whole centuries", () => {
		expect(parseInstant("2000-02-29T00:00:00.000Z")).toBe(
			Date.UTC(2000, 1, 29),
		);
		expect(parseInstant("2024-02-29T00:00:00.000Z")).toBe(
			Date.UTC(2024, 1, 29),
		);
		expect(parseInstant("1900-02-29T00:00:00.000Z")).toBeUndefined();
	});

	test("does without milliseconds", () => {
		expect(parseInstant("2026-06-03T03:25:00Z")).toBe(
			Date.UTC(2026, 5, 3, 3, 25),
		);
	});

	test.each([
		"",
		"2026-06-03",
		"2026-06-03T03:25:00.000",
		"2026-06-03T03:25:00.000+02:00",
		"2026-06-03 03:25:00.000Z",
		"2026-6-3T03:25:00.000Z",
		"2026-02-29T00:00:00.000Z",
		"2100-02-29T00:00:00.000Z",
		"2026-04-31T00:00:00.000Z",
		"2026-13-01T00:00:00.000Z",
		"2026-00-10T00:00:00.000Z",
		"2026-06-00T00:00:00.000Z",
		"2026-06-03T24:00:00.000Z",
		"2026-06-03T23:60:00.000Z",
		"2026-06-03T23:59:60.000Z",
		"+012026-06-03T03:25:00.000Z",
		"2026-06-03T03:25:00.000Z\n",
		" 2026-06-03T03:25:00.000Z",
		"now",
		"infinity",
		"Invalid Date",
		"June 3, 2026",
		null,
		undefined,
		0,
		1780457100000,
		Number.NaN,
		{},
		[],
		["2026-06-03T03:25:00.000Z"],
		true,
	])("refuses %j", (text) => {
		expect(parseInstant(text)).toBeUndefined();
	});
});
