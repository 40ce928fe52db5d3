import { describe, expect, test } from "vitest";
import { sampleFacts } from "./sample-facts.ts";
import { summaryOf } from "./summary.ts";

const observedAt = "2026-06-03T02:25:00.000Z";

function spendOf(amount: unknown, currencyCode = "SEK"): string {
	const value = { amount: amount as string, currencyCode };
	return summaryOf(
		sampleFacts({ totalSpend: { value, source: "billing", observedAt } }),
	).totalSpend;
}

describe("summaryOf", () => {
	test("tells what v1 shows", () => {
		expect(summaryOf(sampleFacts())).toEqual({
			bankidVerified: true,
			accountAgeDays: 619,
			totalSpend: "5000",
		});
	});

	test("gives a stranger the values of the contract's sample", () => {
		const facts = sampleFacts({
			identityProofs: null,
			totalSpend: null,
			accountCreatedAt: null,
		});
		expect(summaryOf(facts)).toEqual({
			bankidVerified: false,
			accountAgeDays: 0,
			totalSpend: "0",
		});
	});

	test.each([
		["0.00", "0"],
		["500.00", "500"],
		["12.50", "12.5"],
		["-10.00", "-10"],
		["ten", "0"],
		[500, "0"],
	])("writes the spend %j as %j", (amount, text) => {
		expect(spendOf(amount)).toBe(text);
	});

	test("shows an amount that did not help: in another currency, or old", () => {
		expect(spendOf("100.00", "EUR")).toBe("100");
		const old = {
			value: { amount: "70.00", currencyCode: "SEK" },
			source: "billing",
			observedAt: "2020-01-01T00:00:00.000Z",
		};
		expect(summaryOf(sampleFacts({ totalSpend: old })).totalSpend).toBe("70");
	});

	test("calls BankID only what is BankID, up to the decision", () => {
		const verified = (method: "bankid" | "eid", verifiedAt: string) =>
			summaryOf(
				sampleFacts({
					identityProofs: {
						value: [{ method, verifiedAt }],
						source: "desk",
						observedAt: null,
					},
				}),
			).bankidVerified;
		expect(verified("bankid", "2026-06-03T03:25:00.000Z")).toBe(true);
		expect(verified("bankid", "2026-06-03T03:25:00.001Z")).toBe(false);
		expect(verified("eid", "2026-01-15T09:30:00.000Z")).toBe(false);
	});

	test("counts whole days, and none for an account from the future", () => {
		const ageOf = (value: string) =>
			summaryOf(
				sampleFacts({
					accountCreatedAt: { value, source: "billing", observedAt: null },
				}),
			).accountAgeDays;
		expect(ageOf("2026-06-02T03:25:00.000Z")).toBe(1);
		expect(ageOf("2026-06-02T03:25:00.001Z")).toBe(0);
		expect(ageOf("2027-01-01T00:00:00.000Z")).toBe(0);
	});

	test.each([null, undefined, 7, "facts", [], {}])(
		"is total: %j gives the stranger's values",
		(facts) => {
			expect(summaryOf(facts as never)).toEqual({
				bankidVerified: false,
				accountAgeDays: 0,
				totalSpend: "0",
			});
		},
	);
});
