import { type Finding, no, yes } from "./evaluation.ts";
import type { PolicyDocument } from "./policy.ts";
import { judge } from "./reading.ts";
import type { Readings } from "./readings.ts";

/**
 * It is known, and lately, that the account is active (contract 14.47). Inactive accounts are refused before any policy is
 * asked (14.40); this keeps an old "active" from approving anything by itself.
 */
export function accountActive(
	_policy: PolicyDocument,
	readings: Readings,
): Finding {
	return judge(readings.clientStatus, (status) =>
		status === "active"
			? yes("the account is active")
			: no("the account is not active"),
	);
}
