import { formatDecimal, parseDecimal } from "./decimal.ts";
import type { Facts } from "./facts.ts";
import { field } from "./reading.ts";
import { readAccountAgeDays, readIdentityProofs } from "./readings.ts";

/** The trust inputs that v1 shows beside a request; the tier stands in the evaluation (contract 9.1). */
export type FactsSummary = {
	readonly bankidVerified: boolean;
	/** Whole days, 0 when unknown. */
	readonly accountAgeDays: number;
	/** The amount without its currency in the shortest spelling, `"0"` when unknown. */
	readonly totalSpend: string;
};

/**
 * Sums the facts up for v1 (contract 9.1). It tells what was on record, so an old amount and one in another currency are
 * shown as they are; whether they helped is the evaluation's word. Total, like `evaluate`.
 */
export function summaryOf(facts: Facts): FactsSummary {
	const proofs = readIdentityProofs(facts);
	const age = readAccountAgeDays(facts);
	const spend = parseDecimal(
		field(field(field(facts, "totalSpend"), "value"), "amount"),
	);
	return {
		bankidVerified:
			proofs.state === "known" &&
			proofs.value.some(({ method }) => method === "bankid"),
		accountAgeDays: age.state === "known" ? age.value : 0,
		totalSpend: spend === undefined ? "0" : formatDecimal(spend),
	};
}
