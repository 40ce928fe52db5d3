import { describe, expect, test } from "vitest";
import { evaluate } from "./evaluate.ts";
import type { Facts } from "./facts.ts";
import { defaultPolicy, type PolicyDocument } from "./policy.ts";
import { sampleFacts, sampleVps } from "./sample-facts.ts";

const observedAt = "2026-06-03T02:25:00.000Z";
const stale = "2026-05-04T03:24:59.999Z";
const decidedMs = Date.parse("2026-06-03T03:25:00.000Z");

/** A client by the three measures of contract 14.47; nothing proved, paid or old unless it is said. */
type Client = {
	proof?: boolean;
	spend?: string;
	days?: number;
	abuse?: number;
};

function factsOf({
	proof = false,
	spend = "0.00",
	days = 0,
	abuse = 0,
}: Client): Facts {
	const createdAt = new Date(decidedMs - days * 86_400_000).toISOString();
	const proofs = proof
		? [{ method: "bankid", verifiedAt: "2026-06-03T03:00:00.000Z" } as const]
		: [];
	return sampleFacts({
		identityProofs: { value: proofs, source: "bankid", observedAt: null },
		totalSpend: {
			value: { amount: spend, currencyCode: "SEK" },
			source: "billing",
			observedAt,
		},
		accountCreatedAt: { value: createdAt, source: "billing", observedAt },
		openAbuseCases: { value: abuse, source: "abuse-desk", observedAt },
	});
}

function tierOf(client: Client): number {
	return evaluate(defaultPolicy, factsOf(client)).tier;
}

function outcomeOf(facts: Facts, policy: PolicyDocument = defaultPolicy) {
	const { requirement, tier, verdict } = evaluate(policy, facts);
	return { by: requirement.by, tier, verdict };
}

const annualVps = sampleVps({
	billingCycle: "annually",
	paidUntil: "2027-01-01T00:00:00.000Z",
});

describe("the tiers of contract 14.47", () => {
	test.each<[number, Client]>([
		[0, {}],
		[0, { days: 619 }],
		[0, { spend: "499.99", days: 5_000 }],
		[0, { spend: "1000000", days: 89 }],
		[1, { spend: "500", days: 90 }],
		[1, { spend: "500.00", days: 90 }],
		[1, { spend: "1000000", days: 5_000 }],
		[1, { proof: true }],
		[1, { proof: true, spend: "499.99", days: 179 }],
		[2, { proof: true, spend: "500" }],
		[2, { proof: true, days: 180 }],
		[2, { proof: true, spend: "5000", days: 364 }],
		[2, { proof: true, spend: "4999.99", days: 365 }],
		[3, { proof: true, spend: "5000", days: 365 }],
		[3, { proof: true, spend: "5000.00", days: 619 }],
	])("tier %i for %j", (tier, client) => {
		expect(tierOf(client)).toBe(tier);
	});

	test.each<[number, Client]>([
		[0, { proof: true, spend: "5000", days: 365, abuse: 1 }],
		[0, { proof: true, abuse: 1 }],
		[0, { proof: true, spend: "5000", days: 365, abuse: -1 }],
		[0, { proof: true, spend: "5000", days: 365, abuse: 0.5 }],
	])("tier %i, forced by abuse, for %j", (tier, client) => {
		expect(tierOf(client)).toBe(tier);
	});

	test("an account is exactly as old as its milliseconds", () => {
		const born = (createdAt: string) =>
			evaluate(defaultPolicy, {
				...factsOf({ proof: true }),
				accountCreatedAt: { value: createdAt, source: "billing", observedAt },
			}).tier;
		expect(born("2025-12-05T03:25:00.000Z")).toBe(2);
		expect(born("2025-12-05T03:25:00.001Z")).toBe(1);
	});
});

describe("a missing or stale fact", () => {
	const trusted = sampleFacts();

	test.each<[string, Partial<Facts>, number, string]>([
		["no proofs on record", { identityProofs: null }, 1, "review"],
		["spend unknown", { totalSpend: null }, 2, "approve"],
		[
			"spend stale",
			{
				totalSpend: {
					value: { amount: "5000", currencyCode: "SEK" },
					source: "billing",
					observedAt: stale,
				},
			},
			2,
			"approve",
		],
		[
			"spend in euro",
			{
				totalSpend: {
					value: { amount: "5000", currencyCode: "EUR" },
					source: "billing",
					observedAt,
				},
			},
			2,
			"approve",
		],
		["age unknown", { accountCreatedAt: null }, 2, "approve"],
		[
			"created in the future",
			{
				accountCreatedAt: {
					value: "2027-01-01T00:00:00.000Z",
					source: "billing",
					observedAt,
				},
			},
			2,
			"approve",
		],
		["abuse unknown", { openAbuseCases: null }, 0, "review"],
		[
			"abuse count stale",
			{ openAbuseCases: { value: 0, source: "abuse-desk", observedAt: stale } },
			0,
			"review",
		],
		["status unknown", { clientStatus: null }, 3, "review"],
		[
			"status stale",
			{
				clientStatus: { value: "active", source: "billing", observedAt: stale },
			},
			3,
			"review",
		],
		[
			"suspended",
			{ clientStatus: { value: "suspended", source: "billing", observedAt } },
			3,
			"review",
		],
		["billing unknown", { vpsBilling: null }, 3, "approve"],
		["evidence unknown", { address: null, history: null }, 3, "approve"],
		["the moment unknown", { decidedAt: "today" }, 0, "review"],
	])("%s", (_, changes, tier, verdict) => {
		const { requirement, ...rest } = evaluate(defaultPolicy, {
			...trusted,
			...changes,
		});
		expect(rest).toMatchObject({ tier, verdict });
	});
});

describe("the requirement of contract 14.41", () => {
	const unproved = sampleFacts({ identityProofs: null });

	test("is met by a proof of identity first, by a prepaid VPS otherwise", () => {
		expect(outcomeOf(sampleFacts({ vpsBilling: [annualVps] })).by).toBe(
			"identity",
		);
		expect(outcomeOf({ ...unproved, vpsBilling: [annualVps] }).by).toBe(
			"prepaid",
		);
		expect(evaluate(defaultPolicy, unproved).requirement).toEqual({
			met: false,
			by: null,
		});
	});

	test("looks at all VPS of the account, or at the target alone", () => {
		const elsewhere = sampleVps({
			...annualVps.value,
			vpsId: "vps_01hxa3b4c5d6e7f8g9h0j1k2m9",
		});
		const facts = { ...unproved, vpsBilling: [sampleVps(), elsewhere] };
		expect(outcomeOf(facts).by).toBe("prepaid");
		expect(
			outcomeOf(facts, { ...defaultPolicy, requirementScope: "vps" }).by,
		).toBeNull();
	});

	test("is not what the tiers hang on: an abuse case leaves it met", () => {
		expect(outcomeOf(factsOf({ proof: true, abuse: 3 }))).toEqual({
			by: "identity",
			tier: 0,
			verdict: "review",
		});
	});
});

describe("the verdict of contract 14.48", () => {
	test("approves tier 2 and above, with the public reason to the letter", () => {
		expect(
			evaluate(defaultPolicy, factsOf({ proof: true, days: 180 })),
		).toMatchObject({
			tier: 2,
			verdict: "approve",
			publicReason: "Auto-approved via trust tier policy",
		});
	});

	test("leaves the rest to a person, without a public reason", () => {
		expect(evaluate(defaultPolicy, factsOf({ proof: true }))).toMatchObject({
			tier: 1,
			verdict: "review",
			publicReason: null,
		});
	});

	test("approves nothing below the requirement, even at a tier that would do", () => {
		const lenient = { ...defaultPolicy, autoApproveTier: 1 } as const;
		const paying = factsOf({ spend: "500", days: 90 });
		expect(outcomeOf(paying, lenient)).toEqual({
			by: null,
			tier: 1,
			verdict: "review",
		});
		expect(outcomeOf({ ...paying, vpsBilling: [annualVps] }, lenient)).toEqual({
			by: "prepaid",
			tier: 1,
			verdict: "approve",
		});
	});

	test("approves nothing where the policy leaves everything to a person", () => {
		expect(
			outcomeOf(sampleFacts(), { ...defaultPolicy, autoApproveTier: null }),
		).toEqual({ by: "identity", tier: 3, verdict: "review" });
	});

	test("takes its thresholds from the policy", () => {
		const tier2 = [
			{ identityProof: false, minSpend: "10", minAccountAgeDays: null },
		];
		const policy = {
			...defaultPolicy,
			currencyCode: "EUR",
			tiers: { ...defaultPolicy.tiers, tier2 },
		};
		const euro = {
			value: { amount: "10.00", currencyCode: "EUR" },
			source: "billing",
			observedAt,
		};
		expect(
			outcomeOf({ ...factsOf({}), totalSpend: euro }, policy),
		).toMatchObject({ tier: 2 });
	});
});

describe("the trace", () => {
	test("shows every rule with its reason, and how they were put together", () => {
		const facts = sampleFacts({
			totalSpend: {
				value: { amount: "750.50", currencyCode: "SEK" },
				source: "billing",
				observedAt,
			},
		});
		// Word for word: stored receipts are compared with exactly these lines.
		expect(
			evaluate(defaultPolicy, facts).trace.map(
				({ rule, outcome, because }) => `${rule} ${outcome}: ${because}`,
			),
		).toEqual([
			"account-active yes: the account is active",
			"no-open-abuse yes: no open abuse case",
			"identity-proof yes: bankid proof of 2026-01-15T09:30:00.000Z",
			"prepaid-vps no: vps_01hxa3b4c5d6e7f8g9h0j1k2m3: cycle too short",
			"spend-at-least:500 yes: paid 750.5 SEK",
			"account-age-at-least:90 yes: 619 days old",
			"account-age-at-least:180 yes: 619 days old",
			"spend-at-least:5000 no: paid 750.5 SEK",
			"account-age-at-least:365 yes: 619 days old",
			"tier:1 yes: identity-proof",
			"tier:2 yes: identity-proof and spend-at-least:500",
			"tier:3 no: no path to it holds",
			"requirement yes: met by identity",
			"auto-approval yes: tier 2, and 2 is asked for",
		]);
	});

	test("has the same rules in the same order when nothing is known", () => {
		const rulesOf = (facts: unknown) =>
			evaluate(defaultPolicy, facts as Facts).trace.map(({ rule }) => rule);
		expect(rulesOf({})).toEqual(rulesOf(sampleFacts()));
		expect(new Set(rulesOf({})).size).toBe(rulesOf({}).length);
	});

	test("names equal thresholds once, however they are spelt", () => {
		const tier2 = [
			{ identityProof: true, minSpend: "500.00", minAccountAgeDays: null },
		];
		const policy = {
			...defaultPolicy,
			tiers: { ...defaultPolicy.tiers, tier2 },
		};
		const rules = evaluate(policy, sampleFacts()).trace.map(({ rule }) => rule);
		expect(rules.filter((rule) => rule.startsWith("spend-at-least"))).toEqual([
			"spend-at-least:500",
			"spend-at-least:5000",
		]);
	});

	test("tells missing from stale", () => {
		const facts = sampleFacts({
			totalSpend: null,
			openAbuseCases: { value: 0, source: "abuse-desk", observedAt: stale },
		});
		const outcomes = Object.fromEntries(
			evaluate(defaultPolicy, facts).trace.map(({ rule, outcome }) => [
				rule,
				outcome,
			]),
		);
		expect(outcomes).toMatchObject({
			"spend-at-least:500": "missing",
			"no-open-abuse": "stale",
			"tier:1": "no",
			"auto-approval": "no",
		});
	});
});
