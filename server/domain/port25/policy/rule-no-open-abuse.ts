import { type Finding, no, yes } from "./evaluation.ts";
import type { PolicyDocument } from "./policy.ts";
import { judge } from "./reading.ts";
import type { Readings } from "./readings.ts";

/** It is known, and lately, that no abuse case is open. An unknown count is as bad as one case (contract 14.47). */
export function noOpenAbuse(
	_policy: PolicyDocument,
	readings: Readings,
): Finding {
	return judge(readings.openAbuseCases, (count) =>
		count === 0 ? yes("no open abuse case") : no(`open abuse cases: ${count}`),
	);
}
