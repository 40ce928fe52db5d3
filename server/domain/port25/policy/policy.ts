import type { IdentityMethod } from "./facts.ts";

/** 0 is no trust, 3 the most (contract 14.47). */
export type Tier = 0 | 1 | 2 | 3;

export const billingCycles = [
	"monthly",
	"quarterly",
	"semiannually",
	"annually",
	"biennially",
	"triennially",
] as const;

/** The cycles a VPS can be paid ahead for (contract 8.1; `free` is not paid). */
export type BillingCycle = (typeof billingCycles)[number];

/**
 * One way to a tier: everything it asks for must hold. Money is in the policy's currency, age in whole days.
 * `null` and `false` ask for nothing.
 */
export type TierPath = {
	readonly identityProof: boolean;
	readonly minSpend: string | null;
	readonly minAccountAgeDays: number | null;
};

/** The policy as it is stored, hashed and, later, edited: plain JSON, all thresholds in it, none in the code. */
export type PolicyDocument = {
	/** Which evaluator reads this document. */
	readonly engine: "postern/tiers";
	/** Grows with every change of the document; a receipt names it. */
	readonly version: number;
	/** Spend in any other currency is a missing fact. */
	readonly currencyCode: string;
	/** The lowest tier that is approved without a person; null: none is (contract 14.48). */
	readonly autoApproveTier: 1 | 2 | 3 | null;
	/** Whether any prepaid VPS of the account meets the requirement, or only the target (contract 14.41). */
	readonly requirementScope: "account" | "vps";
	/** The methods of proof that count. */
	readonly identityMethods: readonly IdentityMethod[];
	/** The cycles that count as "annual or longer" (contract 14.41). */
	readonly prepaidCycles: readonly BillingCycle[];
	/** How old an observation may be, in days. Identity proofs and account age never go stale. */
	readonly maxAgeDays: {
		readonly spend: number;
		readonly billing: number;
		readonly status: number;
		readonly abuse: number;
	};
	/** How far ahead of our clock an observation may be; billing runs on another machine. */
	readonly clockSkewMinutes: number;
	/** The ways to each tier, any of which will do; the highest tier reached counts. */
	readonly tiers: {
		readonly tier1: readonly TierPath[];
		readonly tier2: readonly TierPath[];
		readonly tier3: readonly TierPath[];
	};
};

/** The policy in force until a provider writes another (contract 14.41, 14.47, 14.48). */
export const defaultPolicy: PolicyDocument = {
	engine: "postern/tiers",
	version: 1,
	currencyCode: "SEK",
	autoApproveTier: 2,
	requirementScope: "account",
	identityMethods: ["bankid", "eid", "document", "staff"],
	prepaidCycles: ["annually", "biennially", "triennially"],
	maxAgeDays: { spend: 30, billing: 30, status: 30, abuse: 30 },
	clockSkewMinutes: 5,
	tiers: {
		tier1: [
			{ identityProof: true, minSpend: null, minAccountAgeDays: null },
			{ identityProof: false, minSpend: "500", minAccountAgeDays: 90 },
		],
		tier2: [
			{ identityProof: true, minSpend: "500", minAccountAgeDays: null },
			{ identityProof: true, minSpend: null, minAccountAgeDays: 180 },
		],
		tier3: [{ identityProof: true, minSpend: "5000", minAccountAgeDays: 365 }],
	},
};
