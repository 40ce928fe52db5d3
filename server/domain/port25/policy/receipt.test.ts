import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { seed } from "../../../../test/seed.ts";
import { Bug } from "../../../kernel/assert.ts";
import { canonicalJson } from "./canonical.ts";
import { defaultPolicy } from "./policy.ts";
import { makeReceipt, policyHash, verifyReceipt } from "./receipt.ts";
import { sampleFacts } from "./sample-facts.ts";

const receipt = makeReceipt(defaultPolicy, sampleFacts());

/** Which parts a list of differences names. */
function partsOf(differences: readonly string[]) {
	return differences.map((line) => line.split(":")[0]);
}

/** The sample with some of its facts lost, so that every verdict and many traces occur. */
const facts = fc
	.subarray(Object.keys(sampleFacts()))
	.map((lost) =>
		sampleFacts(Object.fromEntries(lost.map((name) => [name, null]))),
	);
const policy = fc
	.record({
		version: fc.integer({ min: 1, max: 9 }),
		autoApproveTier: fc.constantFrom(1, 2, 3, null),
		clockSkewMinutes: fc.nat(60),
	})
	.map((changes) => ({ ...defaultPolicy, ...changes }));

describe("a receipt", () => {
	test("names its policy, carries its facts and says what came of them", () => {
		expect(receipt).toMatchObject({
			policyVersion: 1,
			policyHash: policyHash(defaultPolicy),
			facts: sampleFacts(),
			evaluation: { verdict: "approve", tier: 3 },
		});
	});

	test("replays to the same after it was stored and read back, in whatever order its fields come", () => {
		const stored = JSON.parse(canonicalJson(receipt));
		expect(
			verifyReceipt(stored, JSON.parse(canonicalJson(defaultPolicy))),
		).toEqual({ same: true, differences: [] });
	});

	test("says what differs, with both values where they are short", () => {
		const evaluation = { ...receipt.evaluation, tier: 1, trace: [] };
		expect(verifyReceipt({ ...receipt, evaluation }, defaultPolicy)).toEqual({
			same: false,
			differences: [
				"evaluation.tier: the receipt says 1, the replay 3",
				"evaluation.trace: differs from the replay",
			],
		});
	});

	test("notices a policy that was changed behind its version", () => {
		const policy = { ...defaultPolicy, autoApproveTier: 3 } as const;
		const { same, differences } = verifyReceipt(receipt, policy);
		expect(same).toBe(false);
		expect(partsOf(differences)).toEqual(["policyHash", "evaluation.trace"]);
	});

	test("notices another version of the policy", () => {
		const { differences } = verifyReceipt(receipt, {
			...defaultPolicy,
			version: 2,
		});
		expect(differences).toContain(
			"policyVersion: the receipt says 1, the replay 2",
		);
	});

	test("notices a change to facts that no rule looks at", () => {
		const facts = { ...receipt.facts, address: null };
		expect(
			partsOf(verifyReceipt({ ...receipt, facts }, defaultPolicy).differences),
		).toEqual(["factsHash"]);
	});

	test("notices a field too many and a field too few", () => {
		expect(
			verifyReceipt({ ...receipt, note: "trust me" }, defaultPolicy)
				.differences,
		).toEqual(["receipt: has fields that do not belong to one"]);
		const { factsHash: _, ...rest } = receipt;
		expect(partsOf(verifyReceipt(rest, defaultPolicy).differences)).toEqual([
			"factsHash",
		]);
	});

	test.each([
		null,
		undefined,
		7,
		"receipt",
		[],
		{},
		{ facts: null },
		{ facts: 7 },
	])("is not read from %j", (stored) => {
		expect(verifyReceipt(stored, defaultPolicy)).toEqual({
			same: false,
			differences: ["facts: not there"],
		});
	});

	test("is not made of facts that could not be stored", () => {
		expect(() =>
			makeReceipt(defaultPolicy, { ...sampleFacts(), decidedAt: 1n as never }),
		).toThrow(Bug);
	});
});

describe("any receipt", () => {
	test("verifies, also after it was stored and read back", () => {
		fc.assert(
			fc.property(policy, facts, (document, any) => {
				const stored = JSON.parse(JSON.stringify(makeReceipt(document, any)));
				expect(verifyReceipt(stored, document)).toEqual({
					same: true,
					differences: [],
				});
			}),
			{ seed },
		);
	});

	test("is no longer the same when anything in it was changed", () => {
		fc.assert(
			fc.property(
				policy,
				facts,
				fc.nat(),
				fc.jsonValue(),
				(document, any, pick, value) => {
					const stored = JSON.parse(JSON.stringify(makeReceipt(document, any)));
					const before = canonicalJson(stored);
					tamper(stored, pick, value);
					fc.pre(canonicalJson(stored) !== before);
					expect(verifyReceipt(stored, document).same).toBe(false);
				},
			),
			{ seed, numRuns: 1_000 },
		);
	});

	test("is no longer the same under any other policy", () => {
		fc.assert(
			fc.property(policy, policy, facts, (document, other, any) => {
				fc.pre(canonicalJson(document) !== canonicalJson(other));
				expect(verifyReceipt(makeReceipt(document, any), other).same).toBe(
					false,
				);
			}),
			{ seed },
		);
	});
});

/** Puts a value in the place of one leaf or branch, chosen by a number. */
function tamper(root: object, pick: number, value: unknown) {
	const places: [object, string][] = [];
	const visit = (branch: object) => {
		for (const [name, content] of Object.entries(branch)) {
			places.push([branch, name]);
			if (typeof content === "object" && content !== null) visit(content);
		}
	};
	visit(root);
	const [branch, name] = places[pick % places.length]!;
	Reflect.set(branch, name, value);
}

describe("policyHash", () => {
	test("is the SHA-256 of the canonical JSON", () => {
		expect(policyHash(defaultPolicy)).toBe(
			createHash("sha256").update(canonicalJson(defaultPolicy)).digest("hex"),
		);
	});

	test("pins version 1 of the default policy: a change to it needs a new version", () => {
		expect(defaultPolicy.version).toBe(1);
		expect(policyHash(defaultPolicy)).toBe(
			"e41787095a52b17842d8a33be0eff38c148072c57c505324aded6ee0fe90276a",
		);
	});
});
