import { describe, expect, test } from "vitest";
import { defaultPolicy } from "./policy.ts";
import { readFacts } from "./readings.ts";
import { spendAtLeast } from "./rule-spend-at-least.ts";
import { sampleFacts } from "./sample-facts.ts";

function judged(
	value: unknown,
	observedAt: string | null = "2026-06-03T02:25:00.000Z",
) {
	const facts = sampleFacts({
		totalSpend: { value: value as never, source: "billing", observedAt },
	});
	return spendAtLeast("500")(defaultPolicy, readFacts(defaultPolicy, facts));
}

describe("spend-at-least", () => {
	test.each([
		["500", "yes"],
		["500.00", "yes"],
		["500.000000000000000000001", "yes"],
		["0500", "yes"],
		[`1${"0".repeat(300)}`, "yes"],
		["499.99", "no"],
		["499.999999999999999999999", "no"],
		["0.00", "no"],
		["-500", "no"],
		["-1000000", "no"],
		["1e6", "missing"],
		["NaN", "missing"],
		["", "missing"],
	])("with %s SEK paid and 500 asked for is %s", (amount, outcome) => {
		expect(judged({ amount, currencyCode: "SEK" }).outcome).toBe(outcome);
	});

	test("says what was paid, in the shortest spelling", () => {
		expect(judged({ amount: "0750.50", currencyCode: "SEK" })).toEqual({
			outcome: "yes",
			because: "paid 750.5 SEK",
		});
	});

	test.each(["EUR", "sek", "", null, undefined])(
		"counts nothing in the currency %j",
		(currencyCode) => {
			expect(judged({ amount: "100000", currencyCode })).toEqual({
				outcome: "missing",
				because: "not in SEK",
			});
		},
	);

	test("counts nothing that was observed more than 30 days ago, or never", () => {
		const paid = { amount: "100000", currencyCode: "SEK" };
		expect(judged(paid, "2026-05-04T03:25:00.000Z").outcome).toBe("yes");
		expect(judged(paid, "2026-05-04T03:24:59.999Z")).toEqual({
			outcome: "stale",
			because: "observed more than 30 days ago",
		});
		expect(judged(paid, null).outcome).toBe("missing");
	});

	test.each([
		null,
		500,
		"500",
		{ amount: 500, currencyCode: "SEK" },
		["500", "SEK"],
	])("does not read %j", (value) => {
		expect(judged(value).outcome).toBe("missing");
	});
});
