import type { Tier } from "./policy.ts";

/** How a rule ended. Only `yes` ever helps; `missing` and `stale` say what to fetch before asking again. */
export type Outcome = "yes" | "no" | "missing" | "stale";

/**
 * What a rule found, with its reason for the reviewer: no personal number, no text from the customer.
 * The wording is part of the replay (invariant I7): whoever changes a sentence changes every receipt, and gives the
 * engine a new name.
 */
export type Finding = { readonly outcome: Outcome; readonly because: string };

/** One line of the trace. One policy always gives the same rules in the same order. */
export type TraceLine = Finding & { readonly rule: string };

/**
 * What a policy makes of the facts. `reject` is a word of the seam: the tiers never say it, since contract 14.48 leaves
 * everything that is not approved to a person.
 */
export type Verdict = "approve" | "review" | "reject";

export type Evaluation = {
	/** Whether a request may be made at all, and what carries it (contract 7, 14.41). */
	readonly requirement: {
		readonly met: boolean;
		readonly by: "identity" | "prepaid" | null;
	};
	readonly tier: Tier;
	readonly verdict: Verdict;
	/** What the customer reads as `decisionReason`; null while a person has still to decide. */
	readonly publicReason: string | null;
	readonly trace: readonly TraceLine[];
};

/** The one public reason that the contract knows, to the letter (contract 9.1, 14.48). */
export const autoApprovedReason = "Auto-approved via trust tier policy";

export function yes(because: string): Finding {
	return { outcome: "yes", because };
}

export function no(because: string): Finding {
	return { outcome: "no", because };
}
