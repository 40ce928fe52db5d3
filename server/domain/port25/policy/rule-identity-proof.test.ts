import { describe, expect, test } from "vitest";
import type { IdentityMethod } from "./facts.ts";
import { defaultPolicy } from "./policy.ts";
import { readFacts } from "./readings.ts";
import { identityProof } from "./rule-identity-proof.ts";
import { sampleFacts } from "./sample-facts.ts";

function judged(value: unknown, policy = defaultPolicy) {
	const facts = sampleFacts({
		identityProofs: {
			value: value as never,
			source: "bankid",
			observedAt: null,
		},
	});
	return identityProof(policy, readFacts(policy, facts));
}

describe("identity-proof", () => {
	test.each<IdentityMethod>(["bankid", "eid", "document", "staff"])(
		"holds with a proof by %s",
		(method) => {
			const verifiedAt = "2026-01-15T09:30:00.000Z";
			expect(judged([{ method, verifiedAt }])).toEqual({
				outcome: "yes",
				because: `${method} proof of ${verifiedAt}`,
			});
		},
	);

	test("never goes stale", () => {
		expect(
			judged([{ method: "bankid", verifiedAt: "2003-05-01T00:00:00.000Z" }])
				.outcome,
		).toBe("yes");
	});

	test("counts a proof made at the moment of the decision, none made after it", () => {
		expect(
			judged([{ method: "bankid", verifiedAt: "2026-06-03T03:25:00.000Z" }])
				.outcome,
		).toBe("yes");
		expect(
			judged([{ method: "bankid", verifiedAt: "2026-06-03T03:25:00.001Z" }])
				.outcome,
		).toBe("no");
	});

	test("finds the one proof that counts among others", () => {
		const proofs = [
			null,
			7,
			{ method: "oath", verifiedAt: "2026-01-15T09:30:00.000Z" },
			{ method: "eid", verifiedAt: "soon" },
			{ method: "eid", verifiedAt: "2026-01-15T09:30:00.000Z" },
		];
		expect(judged(proofs).outcome).toBe("yes");
		expect(judged(proofs.slice(0, -1)).outcome).toBe("no");
	});

	test("counts only methods that the policy accepts", () => {
		const policy = { ...defaultPolicy, identityMethods: ["bankid"] as const };
		expect(
			judged(
				[{ method: "document", verifiedAt: "2026-01-15T09:30:00.000Z" }],
				policy,
			).outcome,
		).toBe("no");
	});

	test("does not hold without proofs, and says when none are on record at all", () => {
		expect(judged([])).toEqual({
			outcome: "no",
			because: "no accepted proof of identity",
		});
		expect(judged("bankid").outcome).toBe("missing");
		const unknown = sampleFacts({ identityProofs: null });
		expect(
			identityProof(defaultPolicy, readFacts(defaultPolicy, unknown)).outcome,
		).toBe("missing");
	});
});
