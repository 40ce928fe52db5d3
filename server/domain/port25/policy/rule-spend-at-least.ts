import { formatDecimal, isAtLeast, parseDecimal } from "./decimal.ts";
import { type Finding, no, yes } from "./evaluation.ts";
import type { PolicyDocument } from "./policy.ts";
import { judge } from "./reading.ts";
import type { Readings } from "./readings.ts";

/**
 * The client has paid at least so much in the policy's currency, exact to the last decimal (contract 14.47).
 *
 * @param minimum a decimal of the policy document; one that is no decimal is never reached
 */
export function spendAtLeast(minimum: string) {
	const asked = parseDecimal(minimum);
	return (policy: PolicyDocument, readings: Readings): Finding =>
		judge(readings.totalSpend, (spend) => {
			const because = `paid ${formatDecimal(spend)} ${policy.currencyCode}`;
			return asked !== undefined && isAtLeast(spend, asked)
				? yes(because)
				: no(because);
		});
}
