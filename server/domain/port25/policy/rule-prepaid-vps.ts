import { type Finding, no, yes } from "./evaluation.ts";
import type { PolicyDocument } from "./policy.ts";
import { judge } from "./reading.ts";
import type { Billing, Readings, VpsReading } from "./readings.ts";

/**
 * Some VPS is active, not pay-as-you-go, on an annual or longer cycle, and paid until after the decision (contract
 * 14.41). The account's VPS all count, or only the target, as the policy's `requirementScope` says.
 */
export function prepaidVps(
	policy: PolicyDocument,
	readings: Readings,
): Finding {
	return judge(readings.vpsBilling, (list) => {
		const inScope = list.filter(
			({ isTarget }) => isTarget || policy.requirementScope === "account",
		);
		const findings = inScope.map((vps) => judgeOne(policy, vps));
		const best = bestFirst.flatMap((outcome) =>
			findings.filter((finding) => finding.outcome === outcome),
		);
		return best[0] ?? no("no VPS that could be prepaid");
	});
}

/** Without a prepaid VPS the reviewer reads first what could still change the answer. */
const bestFirst = ["yes", "stale", "missing", "no"] as const;

function judgeOne(
	policy: PolicyDocument,
	{ vpsId, billing }: VpsReading,
): Finding {
	const finding = judge(billing, (found) => {
		const flaw = flawIn(policy, found);
		return flaw === null
			? yes(`${found.billingCycle}, paid until ${found.paidUntil}`)
			: no(flaw);
	});
	return {
		outcome: finding.outcome,
		because: `${vpsId || "a VPS without id"}: ${finding.because}`,
	};
}

function flawIn(policy: PolicyDocument, billing: Billing): string | null {
	if (billing.status !== "active") return "not active";
	if (billing.isPayg) return "pay-as-you-go";
	if (!policy.prepaidCycles.some((cycle) => cycle === billing.billingCycle))
		return "cycle too short";
	return billing.isPaidAhead ? null : "not paid beyond the decision";
}
