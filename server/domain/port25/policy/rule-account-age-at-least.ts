import { type Finding, no, yes } from "./evaluation.ts";
import type { PolicyDocument } from "./policy.ts";
import { judge } from "./reading.ts";
import type { Readings } from "./readings.ts";

/**
 * The account has existed for at least so many whole days (contract 14.47).
 *
 * @param minimumDays from the policy document
 */
export function accountAgeAtLeast(minimumDays: number) {
	return (_policy: PolicyDocument, readings: Readings): Finding =>
		judge(readings.accountAgeDays, (days) => {
			const because = `${days} days old`;
			return days >= minimumDays ? yes(because) : no(because);
		});
}
