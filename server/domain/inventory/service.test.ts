import { describe, expect, test } from "vitest";
import { idPrefixOf, primaryAmong, shownCycle } from "./service.ts";

describe("primaryAmong", () => {
	const [a, b, c] = ["192.0.2.1", "192.0.2.2", "192.0.2.3"] as const;

	test("is the one that is named, if it is an address of the service", () => {
		expect(primaryAmong([a, b], { named: b, before: a })).toBe(b);
		expect(primaryAmong([a, b], { named: c, before: a })).toBeUndefined();
		expect(primaryAmong([a, b], { named: null, before: a })).toBeNull();
	});

	test("stays when nobody names one and the service still has it", () => {
		expect(primaryAmong([a, b], { named: undefined, before: b })).toBe(b);
	});

	test("becomes the first when it is gone, and none when nothing is left", () => {
		expect(primaryAmong([a, b], { named: undefined, before: c })).toBe(a);
		expect(primaryAmong([a, b], { named: undefined, before: null })).toBe(a);
		expect(primaryAmong([], { named: undefined, before: c })).toBeNull();
	});
});

test("pay as you go is shown as monthly, whatever the cycle", () => {
	expect(shownCycle({ isPayg: true, billingCycle: null })).toBe("monthly");
	expect(shownCycle({ isPayg: false, billingCycle: null })).toBeNull();
	expect(shownCycle({ isPayg: false, billingCycle: "annually" })).toBe(
		"annually",
	);
});

test("each kind has the prefix of the contract", () => {
	expect((["vps", "hosting", "domain"] as const).map(idPrefixOf)).toEqual([
		"vps",
		"acct",
		"dom",
	]);
});
