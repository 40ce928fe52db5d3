import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { seed } from "../../../../test/seed.ts";
import { canonicalJson } from "./canonical.ts";
import { evaluate } from "./evaluate.ts";
import type { Evaluation } from "./evaluation.ts";
import type { Facts } from "./facts.ts";
import { parsePolicyDocument } from "./parse-policy.ts";
import { defaultPolicy, type PolicyDocument } from "./policy.ts";
import { sampleFacts } from "./sample-facts.ts";
import { summaryOf } from "./summary.ts";

const decidedMs = Date.parse("2026-06-03T03:25:00.000Z");
const dayMs = 86_400_000;

/** Days that lie around every threshold, so that crossing one is frequent. */
const daysAgo = fc.oneof(
	fc.constantFrom(-1, 0, 29, 30, 31, 89, 90, 179, 180, 364, 365, 619),
	fc.double({ min: -1, max: 800, noNaN: true }),
);
const instant = daysAgo.map(ago);
const observedAt = fc.oneof(
	{
		weight: 3,
		arbitrary: fc.double({ min: 0, max: 30, noNaN: true }).map(ago),
	},
	{ weight: 1, arbitrary: fc.option(instant) },
);
const amount = fc.oneof(
	fc.constantFrom(
		"0",
		"499.99",
		"500",
		"500.00",
		"4999.99",
		"5000",
		"-500",
		`1${"0".repeat(40)}`,
	),
	fc
		.tuple(fc.nat(9_999), fc.nat(99))
		.map(([whole, cents]) => `${whole}.${cents}`),
);

function ago(days: number): string {
	return new Date(decidedMs - Math.round(days * dayMs)).toISOString();
}

function fact<Value>(value: fc.Arbitrary<Value>) {
	return fc.record({
		value,
		source: fc.constantFrom("billing", "postern", ""),
		observedAt,
	});
}

/** Mostly there: a fact that is missing half the time hides what depends on two of them. */
function mostly<Value>(arbitrary: fc.Arbitrary<Value>) {
	return fc.option(arbitrary, { freq: 8 });
}

const proof = fc.record({
	method: fc.constantFrom("bankid", "eid", "document", "staff"),
	verifiedAt: instant,
});
const vps = fact(
	fc.record({
		vpsId: fc.constantFrom("vps_a", "vps_b"),
		status: fc.constantFrom("active", "active", "suspended"),
		isPayg: fc.boolean(),
		billingCycle: fc.constantFrom("monthly", "annually", "biennially", null),
		paidUntil: fc.option(instant),
	}),
);
const facts: fc.Arbitrary<Facts> = fc.record({
	decidedAt: fc.constant(new Date(decidedMs).toISOString()),
	vpsId: fc.constant("vps_a"),
	identityProofs: mostly(fact(fc.array(proof, { maxLength: 2 }))),
	totalSpend: mostly(
		fact(
			fc.record({
				amount,
				currencyCode: fc.constantFrom("SEK", "SEK", "SEK", "EUR"),
			}),
		),
	),
	accountCreatedAt: mostly(fact(instant)),
	clientStatus: mostly(fact(fc.constantFrom("active", "active", "suspended"))),
	openAbuseCases: mostly(fact(fc.constantFrom(0, 0, 0, 1, 2))),
	vpsBilling: mostly(fc.array(vps, { maxLength: 3 })),
	address: fc.constant(null),
	history: fc.constant(null),
}) as fc.Arbitrary<Facts>;

/** Any value of any kind in the place of any fact, and anything at all instead of facts. */
const malformed = fc.oneof(
	fc.anything({
		withBigInt: true,
		withDate: true,
		withMap: true,
		withNullPrototype: true,
		withSparseArray: true,
		withTypedArray: true,
	}),
	fc
		.tuple(facts, fc.constantFrom(...Object.keys(sampleFacts())), fc.anything())
		.map(([all, name, value]) => ({ ...all, [name]: value })),
	fc
		.tuple(facts, fc.constantFrom(...Object.keys(sampleFacts())), fc.anything())
		.map(([all, name, value]) => ({
			...all,
			[name]:
				name === "vpsBilling"
					? [{ value, source: "billing", observedAt: ago(1) }]
					: { value, source: "billing", observedAt: ago(1) },
		})),
) as fc.Arbitrary<Facts>;

const path = fc
	.record({
		identityProof: fc.boolean(),
		minSpend: fc.option(fc.constantFrom("1", "500", "5000")),
		minAccountAgeDays: fc.option(fc.constantFrom(1, 90, 365)),
	})
	.filter(
		({ identityProof, minSpend, minAccountAgeDays }) =>
			identityProof || minSpend !== null || minAccountAgeDays !== null,
	);
const paths = fc.array(path, { maxLength: 3 });
const otherPolicy = fc
	.record({
		autoApproveTier: fc.constantFrom(1, 2, 3, null),
		requirementScope: fc.constantFrom("account", "vps"),
		identityMethods: fc.subarray(["bankid", "eid", "document", "staff"]),
		clockSkewMinutes: fc.nat(60),
		tiers: fc.record({ tier1: paths, tier2: paths, tier3: paths }),
	})
	.map((changes) => ({
		...defaultPolicy,
		...changes,
	})) as fc.Arbitrary<PolicyDocument>;
const policy = fc.oneof(fc.constant(defaultPolicy), otherPolicy);

const verdicts = ["reject", "review", "approve"];

function expectNoWorse(more: Evaluation, less: Evaluation) {
	expect(verdicts.indexOf(more.verdict)).toBeGreaterThanOrEqual(
		verdicts.indexOf(less.verdict),
	);
	expect(more.tier).toBeGreaterThanOrEqual(less.tier);
	expect(Number(more.requirement.met)).toBeGreaterThanOrEqual(
		Number(less.requirement.met),
	);
}

/** Checks that a step towards more trust never makes an evaluation worse, under any policy. */
function checkStep(step: fc.Arbitrary<(facts: Facts) => Facts>) {
	fc.assert(
		fc.property(policy, facts, step, (document, before, more) => {
			expectNoWorse(
				evaluate(document, more(before)),
				evaluate(document, before),
			);
		}),
		{ seed, numRuns: 1_000 },
	);
}

describe("the policy is total", () => {
	test("the documents it is tested with are documents", () => {
		fc.assert(
			fc.property(policy, (document) => {
				expect(parsePolicyDocument(document)).toEqual({
					ok: true,
					policy: document,
				});
			}),
			{ seed },
		);
	});

	test("any facts give an evaluation, and it is plain JSON", () => {
		fc.assert(
			fc.property(policy, malformed, (document, any) => {
				const evaluation = evaluate(document, any);
				expect([0, 1, 2, 3]).toContain(evaluation.tier);
				expect(verdicts).toContain(evaluation.verdict);
				expect(evaluation.requirement.met).toBe(
					evaluation.requirement.by !== null,
				);
				expect(evaluation.publicReason).toBe(
					evaluation.verdict === "approve"
						? "Auto-approved via trust tier policy"
						: null,
				);
				expect(JSON.parse(JSON.stringify(evaluation))).toEqual(evaluation);
				expect(summaryOf(any)).toEqual({
					bankidVerified: expect.any(Boolean),
					accountAgeDays: expect.any(Number),
					totalSpend: expect.stringMatching(/^-?\d+(\.\d*[1-9])?$/),
				});
			}),
			{ seed, numRuns: 2_000 },
		);
	});

	test("the same facts always give the same evaluation, and are left as they were", () => {
		fc.assert(
			fc.property(policy, facts, (document, same) => {
				const text = canonicalJson(same);
				const first = canonicalJson(evaluate(document, same));
				expect(canonicalJson(evaluate(document, JSON.parse(text)))).toBe(first);
				expect(canonicalJson(same)).toBe(text);
			}),
			{ seed },
		);
	});

	test("the facts that it is tested with reach every tier and both verdicts", () => {
		// One in a thousand reaches tier 3.
		const seen = fc
			.sample(facts, { seed, numRuns: 20_000 })
			.map((any) => evaluate(defaultPolicy, any));
		expect(new Set(seen.map(({ tier }) => tier))).toEqual(
			new Set([0, 1, 2, 3]),
		);
		expect(new Set(seen.map(({ verdict }) => verdict))).toEqual(
			new Set(["approve", "review"]),
		);
		expect(new Set(seen.map(({ requirement }) => requirement.by))).toEqual(
			new Set(["identity", "prepaid", null]),
		);
	});
});

describe("more trust never gives a worse evaluation", () => {
	test("one more proof", () => {
		checkStep(
			proof.map((added) => (before) => {
				const fact = before.identityProofs ?? {
					value: [],
					source: "desk",
					observedAt: null,
				};
				return {
					...before,
					identityProofs: { ...fact, value: [...fact.value, added] },
				} as Facts;
			}),
		);
	});

	test("more spend", () => {
		checkStep(
			fc.nat(10_000).map((added) => (before) => {
				if (before.totalSpend === null) return before;
				const [whole = "", cents = "0"] =
					before.totalSpend.value.amount.split(".");
				const value = {
					...before.totalSpend.value,
					amount: `${BigInt(whole) + BigInt(added)}.${cents}`,
				};
				return { ...before, totalSpend: { ...before.totalSpend, value } };
			}),
		);
	});

	test("an older account", () => {
		checkStep(
			fc.double({ min: 0, max: 400, noNaN: true }).map((days) => (before) => {
				if (before.accountCreatedAt === null) return before;
				const value = new Date(
					Date.parse(before.accountCreatedAt.value) - Math.round(days * dayMs),
				).toISOString();
				return {
					...before,
					accountCreatedAt: { ...before.accountCreatedAt, value },
				};
			}),
		);
	});

	test("fewer abuse cases", () => {
		checkStep(
			fc.nat(2).map((most) => (before) => {
				if (before.openAbuseCases === null) return before;
				const value = Math.min(most, before.openAbuseCases.value);
				return {
					...before,
					openAbuseCases: { ...before.openAbuseCases, value },
				};
			}),
		);
	});

	test("one more VPS, prepaid or not", () => {
		checkStep(
			vps.map(
				(added) => (before) =>
					({
						...before,
						vpsBilling: [...(before.vpsBilling ?? []), added],
					}) as Facts,
			),
		);
	});

	test("fresher facts", () => {
		const fresher = <F extends { observedAt: string | null }>(
			old: F,
			share: number,
		): F => {
			if (old.observedAt === null)
				return { ...old, observedAt: ago(share * 30) };
			const ageMs = decidedMs - Date.parse(old.observedAt);
			return ageMs < 0
				? old
				: { ...old, observedAt: ago((ageMs * share) / dayMs) };
		};
		checkStep(
			fc.double({ min: 0, max: 1, noNaN: true }).map((share) => (before) => ({
				...before,
				totalSpend: before.totalSpend && fresher(before.totalSpend, share),
				clientStatus:
					before.clientStatus && fresher(before.clientStatus, share),
				openAbuseCases:
					before.openAbuseCases && fresher(before.openAbuseCases, share),
				vpsBilling:
					before.vpsBilling?.map((old) => fresher(old, share)) ?? null,
			})),
		);
	});
});

describe("a fact that cannot be used never helps", () => {
	const name = fc.constantFrom(...Object.keys(sampleFacts()));

	test("when it is missing, malformed or without a source", () => {
		const nothing = fc.constantFrom(
			null,
			undefined,
			7,
			{},
			{ value: null, source: "billing", observedAt: ago(1) },
		);
		fc.assert(
			fc.property(
				policy,
				facts,
				name,
				nothing,
				(document, before, lost, instead) => {
					const less = { ...before, [lost]: instead } as Facts;
					expectNoWorse(evaluate(document, before), evaluate(document, less));
				},
			),
			{ seed, numRuns: 1_000 },
		);
	});

	test("when it is stale: it does what a missing one does", () => {
		const ages = fc.constantFrom(
			...(["totalSpend", "clientStatus", "openAbuseCases"] as const),
		);
		fc.assert(
			fc.property(
				policy,
				facts,
				ages,
				fc.double({ min: 30.001, max: 4_000, noNaN: true }),
				(document, before, aged, days) => {
					const old =
						before[aged] === null
							? null
							: { ...before[aged], observedAt: ago(days) };
					const [withOld, without] = [old, null].map((fact) =>
						evaluate(document, { ...before, [aged]: fact } as Facts),
					);
					const { trace: _, ...result } = withOld!;
					expect(without).toMatchObject(result);
				},
			),
			{ seed, numRuns: 1_000 },
		);
	});
});
