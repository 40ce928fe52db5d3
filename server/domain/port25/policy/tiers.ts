import { formatDecimal, parseDecimal } from "./decimal.ts";
import type { Finding } from "./evaluation.ts";
import type { PolicyDocument, Tier, TierPath } from "./policy.ts";
import type { Readings } from "./readings.ts";
import { accountAgeAtLeast } from "./rule-account-age-at-least.ts";
import { identityProof } from "./rule-identity-proof.ts";
import { spendAtLeast } from "./rule-spend-at-least.ts";

/** A rule by its name in the trace; a threshold is part of the name. */
export type NamedRule = {
	readonly name: string;
	readonly rule: (policy: PolicyDocument, readings: Readings) => Finding;
};

/** What a path asks for, in the order in which a reader of contract 14.47 meets it. */
export function rulesOf(path: TierPath): NamedRule[] {
	const rules: NamedRule[] = [];
	if (path.identityProof)
		rules.push({ name: "identity-proof", rule: identityProof });
	if (path.minSpend !== null) {
		rules.push({
			name: `spend-at-least:${shortest(path.minSpend)}`,
			rule: spendAtLeast(path.minSpend),
		});
	}
	if (path.minAccountAgeDays !== null) {
		rules.push({
			name: `account-age-at-least:${path.minAccountAgeDays}`,
			rule: accountAgeAtLeast(path.minAccountAgeDays),
		});
	}
	return rules;
}

/** The tiers that can be reached, from low to high, with their paths. */
export function tiersOf({ tiers }: PolicyDocument): readonly {
	readonly tier: Tier;
	readonly paths: readonly TierPath[];
}[] {
	return [
		{ tier: 1, paths: tiers.tier1 },
		{ tier: 2, paths: tiers.tier2 },
		{ tier: 3, paths: tiers.tier3 },
	];
}

/** `500.00` and `500` ask the same thing, so they have one name. */
function shortest(amount: string): string {
	const decimal = parseDecimal(amount);
	return decimal === undefined ? amount : formatDecimal(decimal);
}
