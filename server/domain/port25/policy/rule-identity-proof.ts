import { type Finding, no, yes } from "./evaluation.ts";
import type { PolicyDocument } from "./policy.ts";
import { judge } from "./reading.ts";
import type { Readings } from "./readings.ts";

/** Somebody proved who they are, by a method that the policy accepts, before the decision (contract 14.47, 14.55). */
export function identityProof(
	policy: PolicyDocument,
	readings: Readings,
): Finding {
	return judge(readings.identityProofs, (proofs) => {
		const proof = proofs.find(({ method }) =>
			policy.identityMethods.includes(method),
		);
		return proof === undefined
			? no("no accepted proof of identity")
			: yes(`${proof.method} proof of ${proof.verifiedAt}`);
	});
}
