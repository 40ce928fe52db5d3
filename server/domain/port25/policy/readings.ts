import { type Decimal, parseDecimal } from "./decimal.ts";
import { type Facts, type IdentityProof, identityMethods } from "./facts.ts";
import { dayMs, parseInstant } from "./instant.ts";
import type { PolicyDocument } from "./policy.ts";
import {
	type Freshness,
	field,
	known,
	missing,
	type Reading,
	readFact,
	refine,
} from "./reading.ts";

/** All facts of one decision, ready for the rules. */
export type Readings = {
	readonly identityProofs: Reading<readonly IdentityProof[]>;
	/** In the policy's currency. */
	readonly totalSpend: Reading<Decimal>;
	readonly accountAgeDays: Reading<number>;
	readonly clientStatus: Reading<string>;
	readonly openAbuseCases: Reading<number>;
	readonly vpsBilling: Reading<readonly VpsReading[]>;
};

/** One VPS of the client; the id stands outside, since it names the VPS even when its billing is stale. */
export type VpsReading = {
	readonly vpsId: string;
	readonly isTarget: boolean;
	readonly billing: Reading<Billing>;
};

export type Billing = {
	readonly status: string;
	readonly isPayg: boolean;
	readonly billingCycle: string | null;
	readonly paidUntil: string | null;
	/** Whether `paidUntil` lies after the moment of the decision. */
	readonly isPaidAhead: boolean;
};

/**
 * Looks at all facts that the tiers use. Total: whatever is malformed, from the future, in another currency or without
 * a source is missing, and nothing throws.
 */
export function readFacts(policy: PolicyDocument, facts: Facts): Readings {
	const { maxAgeDays, clockSkewMinutes } = policy;
	const upTo = (days: number): Freshness => ({
		maxAgeDays: days,
		clockSkewMinutes,
	});
	return {
		identityProofs: readIdentityProofs(facts),
		totalSpend: readTotalSpend(
			facts,
			policy.currencyCode,
			upTo(maxAgeDays.spend),
		),
		accountAgeDays: readAccountAgeDays(facts),
		clientStatus: readClientStatus(facts, upTo(maxAgeDays.status)),
		openAbuseCases: readOpenAbuseCases(facts, upTo(maxAgeDays.abuse)),
		vpsBilling: readVpsBilling(facts, upTo(maxAgeDays.billing)),
	};
}

/** The well-formed proofs that existed at the moment of the decision, by any method. They never go stale. */
export function readIdentityProofs(
	facts: Facts,
): Reading<readonly IdentityProof[]> {
	return refine(openFact(facts, "identityProofs", null), (value) => {
		if (!Array.isArray(value)) return missing("not readable");
		const now = decisionMs(facts);
		return known(value.flatMap((item: unknown) => proofUpTo(now, item)));
	});
}

/** Whole days from the account's creation to the decision. It never goes stale. */
export function readAccountAgeDays(facts: Facts): Reading<number> {
	return refine(openFact(facts, "accountCreatedAt", null), (value) => {
		const createdAt = parseInstant(value);
		if (createdAt === undefined) return missing("not readable");
		const ageMs = decisionMs(facts) - createdAt;
		return ageMs < 0
			? missing("created in the future")
			: known(Math.floor(ageMs / dayMs));
	});
}

function readTotalSpend(
	facts: Facts,
	currencyCode: string,
	freshness: Freshness,
): Reading<Decimal> {
	return refine(openFact(facts, "totalSpend", freshness), (value) => {
		if (field(value, "currencyCode") !== currencyCode)
			return missing(`not in ${currencyCode}`);
		const amount = parseDecimal(field(value, "amount"));
		return amount === undefined ? missing("not readable") : known(amount);
	});
}

function readClientStatus(facts: Facts, freshness: Freshness): Reading<string> {
	return refine(openFact(facts, "clientStatus", freshness), (value) =>
		typeof value === "string" ? known(value) : missing("not readable"),
	);
}

function readOpenAbuseCases(
	facts: Facts,
	freshness: Freshness,
): Reading<number> {
	return refine(openFact(facts, "openAbuseCases", freshness), (value) => {
		const isCount =
			typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
		return isCount ? known(value) : missing("not readable");
	});
}

function readVpsBilling(
	facts: Facts,
	freshness: Freshness,
): Reading<readonly VpsReading[]> {
	const list = field(facts, "vpsBilling");
	if (!Array.isArray(list)) return missing("not on record");
	return known(list.map((fact: unknown) => readVps(facts, fact, freshness)));
}

function readVps(
	facts: Facts,
	fact: unknown,
	freshness: Freshness,
): VpsReading {
	const vpsId = field(field(fact, "value"), "vpsId");
	const billing = refine(
		readFact(fact, field(facts, "decidedAt"), freshness),
		(value) => billingIn(facts, value),
	);
	if (typeof vpsId !== "string")
		return { vpsId: "", isTarget: false, billing: missing("not readable") };
	return { vpsId, isTarget: vpsId === field(facts, "vpsId"), billing };
}

function billingIn(facts: Facts, value: unknown): Reading<Billing> {
	const status = field(value, "status");
	const isPayg = field(value, "isPayg");
	const cycle = field(value, "billingCycle");
	const until = field(value, "paidUntil");
	if (typeof status !== "string" || typeof isPayg !== "boolean")
		return missing("not readable");
	const untilMs = parseInstant(until);
	return known({
		status,
		isPayg,
		billingCycle: typeof cycle === "string" ? cycle : null,
		paidUntil: typeof until === "string" ? until : null,
		isPaidAhead: untilMs !== undefined && untilMs > decisionMs(facts),
	});
}

function proofUpTo(now: number, item: unknown): IdentityProof[] {
	const named = field(item, "method");
	const verifiedAt = field(item, "verifiedAt");
	const method = identityMethods.find((word) => word === named);
	const verifiedMs = parseInstant(verifiedAt);
	if (
		method === undefined ||
		typeof verifiedAt !== "string" ||
		verifiedMs === undefined
	)
		return [];
	return verifiedMs > now ? [] : [{ method, verifiedAt }];
}

function openFact(
	facts: Facts,
	name: keyof Facts,
	freshness: Freshness | null,
): Reading<unknown> {
	return readFact(field(facts, name), field(facts, "decidedAt"), freshness);
}

/** Only ever asked behind `readFact`, which has refused a decision without a moment: NaN then compares false. */
function decisionMs(facts: Facts): number {
	return parseInstant(field(facts, "decidedAt")) ?? Number.NaN;
}
