import { describe, expect, test } from "vitest";
import { isAmount, isOutdated } from "./observation.ts";

const noon = new Date("2026-11-20T12:00:00.000Z");
const earlier = new Date(noon.getTime() - 1);

describe("isOutdated", () => {
	test("an observation older than the stored one is", () => {
		expect(isOutdated(earlier, noon)).toBe(true);
	});

	test("the same moment again, a newer one, the first one, and one without a time are not", () => {
		expect(isOutdated(noon, noon)).toBe(false);
		expect(isOutdated(noon, earlier)).toBe(false);
		expect(isOutdated(noon, null)).toBe(false);
		expect(isOutdated(undefined, noon)).toBe(false);
	});
});

describe("isAmount", () => {
	test.each(["0", "0.00", "12.5", "999999999999.99"])("takes %s", (text) => {
		expect(isAmount(text)).toBe(true);
	});

	test.each(["", "-1", "1.234", "1e3", "1,00", " 1", "1000000000000", "NaN"])(
		"refuses %j, which the records would round or not hold",
		(text) => {
			expect(isAmount(text)).toBe(false);
		},
	);
});
