import { describe, expect, test } from "vitest";
import { Refusal, refuse } from "../../kernel/errors.ts";
import {
	isAmount,
	isOutdated,
	onlyOutcome,
	outcomeOf,
	requirePast,
} from "./observation.ts";

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

describe("requirePast", () => {
	const pointer = "/observedAt";

	test("takes what has happened, and a clock that is five minutes ahead", () => {
		for (const at of [undefined, earlier, noon, new Date(+noon + 300_000)])
			expect(() => requirePast(at, { now: noon, pointer })).not.toThrow();
	});

	test("refuses what lies further ahead, at its place", () => {
		const at = new Date(+noon + 300_001);
		expect(() => requirePast(at, { now: noon, pointer })).toThrow(
			expect.objectContaining({
				faults: [{ pointer, detail: "`observedAt` lies in the future." }],
			}),
		);
	});
});

describe("an outcome", () => {
	const saved = { id: "client_x", applied: true };

	test("is what was saved, or the refusal, which is thrown where it is the only one", () => {
		expect(onlyOutcome([outcomeOf(() => saved)])).toBe(saved);
		const refused = outcomeOf(() => refuse("request.invalid"));
		expect(refused).toBeInstanceOf(Refusal);
		expect(() => onlyOutcome([refused])).toThrow(Refusal);
	});

	test("is no other error: that one is thrown at once", () => {
		expect(() =>
			outcomeOf(() => {
				throw new RangeError("a bug");
			}),
		).toThrow(RangeError);
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
