import { describe, expect, test } from "vitest";
import type { Facts } from "./facts.ts";
import { defaultPolicy } from "./policy.ts";
import { readFacts } from "./readings.ts";
import { prepaidVps } from "./rule-prepaid-vps.ts";
import { sampleFacts, sampleVps } from "./sample-facts.ts";

const vpsId = "vps_01hxa3b4c5d6e7f8g9h0j1k2m9";
const annual = {
	vpsId,
	billingCycle: "annually",
	paidUntil: "2027-01-01T00:00:00.000Z",
};

function judged(vpsBilling: Facts["vpsBilling"], policy = defaultPolicy) {
	return prepaidVps(policy, readFacts(policy, sampleFacts({ vpsBilling })));
}

describe("prepaid-vps", () => {
	test.each(["annually", "biennially", "triennially"])(
		"holds with a VPS paid %s",
		(billingCycle) => {
			expect(judged([sampleVps({ ...annual, billingCycle })])).toEqual({
				outcome: "yes",
				because: `${vpsId}: ${billingCycle}, paid until 2027-01-01T00:00:00.000Z`,
			});
		},
	);

	test.each([
		"monthly",
		"quarterly",
		"semiannually",
		"free",
		"Annually",
		"",
		null,
	])("does not hold with the cycle %j", (billingCycle) => {
		expect(judged([sampleVps({ ...annual, billingCycle })])).toEqual({
			outcome: "no",
			because: `${vpsId}: cycle too short`,
		});
	});

	test.each([
		"suspended",
		"terminated",
		"pending",
		"cancelled",
		"expired",
		"fraud",
		"unknown",
		"Active",
		"",
	])("does not hold with a VPS that is %j", (status) => {
		expect(judged([sampleVps({ ...annual, status })]).outcome).toBe("no");
	});

	test("does not hold with pay-as-you-go", () => {
		expect(judged([sampleVps({ ...annual, isPayg: true })])).toEqual({
			outcome: "no",
			because: `${vpsId}: pay-as-you-go`,
		});
	});

	test.each([
		["a millisecond after the decision", "2026-06-03T03:25:00.001Z", "yes"],
		["to the decision itself", "2026-06-03T03:25:00.000Z", "no"],
		["to the day before", "2026-06-02T03:25:00.000Z", "no"],
		["to no date", null, "no"],
		["to a date that is none", "2027-02-30T00:00:00.000Z", "no"],
	])("paid %s: %s gives %s", (_, paidUntil, outcome) => {
		expect(judged([sampleVps({ ...annual, paidUntil })]).outcome).toBe(outcome);
	});

	test.each([
		["exactly 30 days ago", "2026-05-04T03:25:00.000Z", "yes"],
		["a millisecond longer ago", "2026-05-04T03:24:59.999Z", "stale"],
		["nobody knows when", null, "missing"],
	])("billing observed %s: %s gives %s", (_, seenAt, outcome) => {
		expect(judged([sampleVps(annual, seenAt)]).outcome).toBe(outcome);
	});

	test("holds with any one VPS of the account, and with no more than a prepaid target where the policy says so", () => {
		const monthlyTarget = sampleVps();
		const narrow = { ...defaultPolicy, requirementScope: "vps" } as const;
		expect(judged([monthlyTarget, sampleVps(annual)]).outcome).toBe("yes");
		expect(judged([monthlyTarget, sampleVps(annual)], narrow).outcome).toBe(
			"no",
		);
		expect(judged([sampleVps(annual)], narrow)).toEqual({
			outcome: "no",
			because: "no VPS that could be prepaid",
		});
		const annualTarget = sampleVps({ billingCycle: "annually" });
		expect(judged([sampleVps({ vpsId }), annualTarget], narrow).outcome).toBe(
			"yes",
		);
	});

	test("without a prepaid VPS tells first what could change the answer: stale, then missing, then no", () => {
		const [plain, stale, unseen] = [
			sampleVps(),
			sampleVps(annual, "2026-01-01T00:00:00.000Z"),
			sampleVps(annual, null),
		];
		expect(judged([plain, unseen, stale]).outcome).toBe("stale");
		expect(judged([plain, unseen]).outcome).toBe("missing");
		expect(judged([plain])).toEqual({
			outcome: "no",
			because: "vps_01hxa3b4c5d6e7f8g9h0j1k2m3: cycle too short",
		});
		expect(judged([])).toEqual({
			outcome: "no",
			because: "no VPS that could be prepaid",
		});
		expect(judged(null).outcome).toBe("missing");
	});

	test("reads no VPS that is malformed", () => {
		const odd = [
			{
				source: "billing",
				observedAt: null,
				value: { ...annual, status: "active", isPayg: "false" },
			},
			null,
			7,
		] as never;
		expect(judged(odd).outcome).toBe("missing");
	});
});
