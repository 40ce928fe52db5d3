/**
 * What a customer is told before asking: whether a request would be accepted, which ways there are to meet the requirement,
 * and what would likely become of it.
 */
import { customerOf } from "../../kernel/actor.ts";
import type { Refusal } from "../../kernel/errors.ts";
import type { Verb } from "../../platform/perform.ts";
import type { Outcome } from "./policy/evaluation.ts";
import {
	type Weighed,
	type WeighInput,
	weighRequest,
} from "./weigh-request.ts";

/** A way to meet the requirement (contract 7): a proof of identity, or a VPS paid ahead for a year or longer. */
export interface Way {
	readonly way: "identity" | "prepaid";
	/** `missing` and `stale`: what is known of the account does not say, or is too old to count. */
	readonly standing: Outcome;
}

export interface Eligibility {
	readonly vpsId: string | null;
	readonly address: string | null;
	readonly obstacle: Refusal | undefined;
	/** Null where the account or the VPS is not one that could ask. */
	readonly requirement: {
		readonly met: boolean;
		readonly ways: readonly Way[];
	} | null;
	/** What would become of a request made now. */
	readonly outcome: "refused" | "approved" | "review";
}

export type CheckEligibilityInput = Pick<WeighInput, "vps" | "address">;

/**
 * Weighs a request as `request-port25` would, and leaves it at that.
 *
 * Refuses `vps.not_found`, and `request.invalid` at `?ipAddress` for an address that is not the VPS's own.
 */
export const checkEligibility: Verb<CheckEligibilityInput, Eligibility> = {
	name: "check-eligibility",
	async run(tx, input) {
		const { clientId } = customerOf(tx.actor);
		const { obstacle, weighed } = await weighRequest(tx, {
			...input,
			clientId,
			addressPointer: "?ipAddress",
			requirement: "enforced",
		});
		return {
			vpsId: weighed?.vps.id ?? null,
			address: weighed?.lease.address ?? null,
			obstacle,
			requirement: weighed === undefined ? null : requirementOf(weighed),
			outcome: outcomeOf(obstacle, weighed),
		};
	},
};

function requirementOf({ receipt }: Weighed) {
	const { requirement, trace } = receipt.evaluation;
	const standingOf = (rule: string): Outcome =>
		trace.find((line) => line.rule === rule)?.outcome ?? "missing";
	return {
		met: requirement.met,
		ways: [
			{ way: "identity", standing: standingOf("identity-proof") },
			{ way: "prepaid", standing: standingOf("prepaid-vps") },
		] as const,
	};
}

function outcomeOf(
	obstacle: Refusal | undefined,
	weighed: Weighed | undefined,
): Eligibility["outcome"] {
	if (obstacle !== undefined || weighed === undefined) return "refused";
	return weighed.receipt.evaluation.verdict === "approve"
		? "approved"
		: "review";
}
