import {
	autoApprovedReason,
	type Evaluation,
	type Finding,
	no,
	type TraceLine,
	yes,
} from "./evaluation.ts";
import type { Facts } from "./facts.ts";
import type { PolicyDocument, Tier, TierPath } from "./policy.ts";
import { readFacts } from "./readings.ts";
import { accountActive } from "./rule-account-active.ts";
import { identityProof } from "./rule-identity-proof.ts";
import { noOpenAbuse } from "./rule-no-open-abuse.ts";
import { prepaidVps } from "./rule-prepaid-vps.ts";
import { type NamedRule, rulesOf, tiersOf } from "./tiers.ts";

type Requirement = Evaluation["requirement"];

/** Whether a rule of the trace, named, said yes. */
type Holds = (rule: string) => boolean;

/**
 * The policy: facts in; requirement, tier, verdict, public reason and trace out (contract 14.41, 14.47, 14.48).
 *
 * Pure and total: any facts give an evaluation, the same facts always the same one, and more trust never a worse one.
 * This function and `Evaluation` are the whole seam between requests and policy: another engine takes its place here,
 * chosen by the document's `engine`.
 */
export function evaluate(policy: PolicyDocument, facts: Facts): Evaluation {
	const readings = readFacts(policy, facts);
	const findings = new Map<string, Finding>();
	for (const { name, rule } of allRules(policy))
		findings.set(name, rule(policy, readings));
	const holds: Holds = (rule) => findings.get(rule)?.outcome === "yes";

	const tierLines = tiersOf(policy).map(({ tier, paths }) => ({
		tier,
		finding: judgeTier(paths, holds),
	}));
	const tier =
		tierLines.findLast(({ finding }) => finding.outcome === "yes")?.tier ?? 0;
	const requirement = judgeRequirement(holds);
	const approval = judgeApproval(policy, {
		tier,
		requirement,
		isActive: holds("account-active"),
	});

	for (const { tier: reached, finding } of tierLines)
		findings.set(`tier:${reached}`, finding);
	findings.set(
		"requirement",
		requirement.met ? yes(`met by ${requirement.by}`) : no("not met"),
	);
	findings.set("auto-approval", approval);
	const isApproved = approval.outcome === "yes";
	return {
		requirement,
		tier,
		verdict: isApproved ? "approve" : "review",
		publicReason: isApproved ? autoApprovedReason : null,
		trace: Array.from(
			findings,
			([rule, finding]): TraceLine => ({ rule, ...finding }),
		),
	};
}

/** Every rule is asked every time, also where the answer is clear already: the reviewer sees the whole picture. */
function allRules(policy: PolicyDocument): NamedRule[] {
	const paths = tiersOf(policy).flatMap((tier) => tier.paths);
	return [
		{ name: "account-active", rule: accountActive },
		{ name: "no-open-abuse", rule: noOpenAbuse },
		{ name: "identity-proof", rule: identityProof },
		{ name: "prepaid-vps", rule: prepaidVps },
		...paths.flatMap(rulesOf),
	];
}

/** Any path will do, but an open abuse case, or a count that nobody knows, forces tier 0 (contract 14.47). */
function judgeTier(paths: readonly TierPath[], holds: Holds): Finding {
	if (!holds("no-open-abuse"))
		return no("no tier while abuse is open or unknown");
	for (const path of paths) {
		const names = rulesOf(path).map(({ name }) => name);
		if (names.every(holds)) return yes(names.join(" and "));
	}
	return no("no path to it holds");
}

/** BankID or another proof, or an annual-or-longer prepaid VPS (contract 7, 14.41). */
function judgeRequirement(holds: Holds): Requirement {
	if (holds("identity-proof")) return { met: true, by: "identity" };
	return holds("prepaid-vps")
		? { met: true, by: "prepaid" }
		: { met: false, by: null };
}

/** Contract 14.48. Without the requirement nothing is approved, whatever the tier: v1 lets such requests in (14.49). */
function judgeApproval(
	policy: PolicyDocument,
	found: {
		readonly tier: Tier;
		readonly requirement: Requirement;
		readonly isActive: boolean;
	},
): Finding {
	if (policy.autoApproveTier === null)
		return no("the policy leaves every request to a person");
	if (!found.requirement.met) return no("the requirement is not met");
	if (!found.isActive) return no("the account is not known to be active");
	const because = `tier ${found.tier}, and ${policy.autoApproveTier} is asked for`;
	return found.tier >= policy.autoApproveTier ? yes(because) : no(because);
}
