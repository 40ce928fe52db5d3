import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { seed } from "../../../../test/seed.ts";
import { parsePolicyDocument } from "./parse-policy.ts";
import { defaultPolicy } from "./policy.ts";

const { tier1, tier3 } = defaultPolicy.tiers;

function problemsOf(value: unknown): readonly string[] {
	const parsed = parsePolicyDocument(value);
	return parsed.ok ? [] : parsed.problems;
}

function withTier2(...paths: unknown[]) {
	return { ...defaultPolicy, tiers: { tier1, tier2: paths, tier3 } };
}

describe("parsePolicyDocument", () => {
	test("reads the default policy back from its JSON", () => {
		expect(
			parsePolicyDocument(JSON.parse(JSON.stringify(defaultPolicy))),
		).toEqual({ ok: true, policy: defaultPolicy });
	});

	test.each([
		["engine", "cel", '/engine: must be "postern/tiers"'],
		["version", 0, "/version: must be an integer from 1 to 2147483647"],
		["version", 1.5, "/version: must be an integer from 1 to 2147483647"],
		["version", "1", "/version: must be an integer from 1 to 2147483647"],
		[
			"currencyCode",
			"kr",
			"/currencyCode: must be a currency code of three capital letters",
		],
		["autoApproveTier", 0, "/autoApproveTier: must be one of 1, 2, 3, null"],
		["autoApproveTier", 4, "/autoApproveTier: must be one of 1, 2, 3, null"],
		[
			"requirementScope",
			"client",
			'/requirementScope: must be one of "account", "vps"',
		],
		[
			"identityMethods",
			["bankid", "oath"],
			'/identityMethods/1: must be one of "bankid", "eid", "document", "staff"',
		],
		[
			"identityMethods",
			["bankid", "bankid"],
			"/identityMethods: must not name anything twice",
		],
		[
			"identityMethods",
			"bankid",
			"/identityMethods: must be a list of at most 4",
		],
		[
			"prepaidCycles",
			["free"],
			'/prepaidCycles/0: must be one of "monthly", "quarterly", "semiannually", "annually", "biennially", "triennially"',
		],
		[
			"maxAgeDays",
			{ ...defaultPolicy.maxAgeDays, spend: -1 },
			"/maxAgeDays/spend: must be an integer from 1 to 36500",
		],
		[
			"maxAgeDays",
			{ ...defaultPolicy.maxAgeDays, abuse: 1e9 },
			"/maxAgeDays/abuse: must be an integer from 1 to 36500",
		],
		["maxAgeDays", 30, "/maxAgeDays: must be an object"],
		[
			"clockSkewMinutes",
			61,
			"/clockSkewMinutes: must be an integer from 0 to 60",
		],
		["tiers", [], "/tiers: must be an object"],
		["autoAproveTier", 2, "/autoAproveTier: is not a field of a policy"],
		["a/b~c", 2, "/a~1b~0c: is not a field of a policy"],
	])("refuses %s = %j", (name, value, problem) => {
		expect(problemsOf({ ...defaultPolicy, [name]: value })).toEqual([problem]);
	});

	test.each([
		[
			"a spend as a number",
			{ identityProof: true, minSpend: 500, minAccountAgeDays: null },
			"minSpend: must be a decimal above zero",
		],
		[
			"a spend of zero",
			{ identityProof: true, minSpend: "0.00", minAccountAgeDays: null },
			"minSpend: must be a decimal above zero",
		],
		[
			"a negative spend",
			{ identityProof: true, minSpend: "-1", minAccountAgeDays: null },
			"minSpend: must be a decimal above zero",
		],
		[
			"an endless spend",
			{
				identityProof: true,
				minSpend: "1".repeat(21),
				minAccountAgeDays: null,
			},
			"minSpend: must be a decimal above zero",
		],
		[
			"an age of zero",
			{ identityProof: true, minSpend: null, minAccountAgeDays: 0 },
			"minAccountAgeDays: must be an integer",
		],
		[
			"a threshold left out",
			{ identityProof: true, minSpend: null },
			"minAccountAgeDays: must be an integer",
		],
		[
			"a truth value as text",
			{ identityProof: "true", minSpend: null, minAccountAgeDays: null },
			"identityProof: must be one of false, true",
		],
		[
			"a misspelt threshold",
			{
				identityProof: true,
				minSpend: null,
				minAccountAgeDays: null,
				minSpent: "5",
			},
			"minSpent: is not a field",
		],
	])("refuses a path with %s", (_, path, problem) => {
		const problems = problemsOf(withTier2(tier3[0], path));
		expect(problems).toHaveLength(1);
		expect(problems[0]).toContain(`/tiers/tier2/1/${problem}`);
	});

	test("refuses a path that asks for nothing, which would give its tier to everybody", () => {
		expect(
			problemsOf(
				withTier2({
					identityProof: false,
					minSpend: null,
					minAccountAgeDays: null,
				}),
			),
		).toEqual([
			"/tiers/tier2/0: must ask for something, or it gives its tier to everybody",
		]);
	});

	test("accepts a tier that nobody reaches, and a policy that approves nothing by itself", () => {
		expect(
			parsePolicyDocument({ ...withTier2(), autoApproveTier: null }).ok,
		).toBe(true);
	});

	test("accepts an amount of 20 characters", () => {
		const path = {
			identityProof: true,
			minSpend: "1".repeat(20),
			minAccountAgeDays: null,
		};
		expect(parsePolicyDocument(withTier2(path)).ok).toBe(true);
	});

	test("names every problem at once, a missing object only by itself", () => {
		const { tiers: _, ...rest } = defaultPolicy;
		expect(problemsOf({ ...rest, version: null, maxAgeDays: {} })).toEqual([
			"/version: must be an integer from 1 to 2147483647",
			"/maxAgeDays/spend: must be an integer from 1 to 36500",
			"/maxAgeDays/billing: must be an integer from 1 to 36500",
			"/maxAgeDays/status: must be an integer from 1 to 36500",
			"/maxAgeDays/abuse: must be an integer from 1 to 36500",
			"/tiers: must be an object",
		]);
		expect(problemsOf(null)).toEqual(["the document: must be an object"]);
	});

	test("is total, and accepts nothing but documents", () => {
		fc.assert(
			fc.property(fc.anything(), (value) => {
				expect(problemsOf(value)).not.toHaveLength(0);
			}),
			{ seed },
		);
	});

	test("is total on documents with any one field replaced, and gives only what it can read again", () => {
		const names = fc.constantFrom(...Object.keys(defaultPolicy));
		const numbers = fc.oneof(
			fc.integer({ min: -1, max: 70 }),
			fc.constantFrom(null, "vps", "EUR", []),
		);
		fc.assert(
			fc.property(names, fc.oneof(fc.anything(), numbers), (name, value) => {
				const parsed = parsePolicyDocument({ ...defaultPolicy, [name]: value });
				if (parsed.ok)
					expect(
						parsePolicyDocument(JSON.parse(JSON.stringify(parsed.policy))),
					).toEqual(parsed);
				else expect(parsed.problems).not.toHaveLength(0);
			}),
			{ seed, numRuns: 500 },
		);
	});
});
