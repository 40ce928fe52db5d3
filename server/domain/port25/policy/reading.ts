import type { Finding } from "./evaluation.ts";
import { dayMs, minuteMs, parseInstant } from "./instant.ts";

/**
 * A fact after it was looked at. The value exists only where it may be used: no rule can lean on a missing or a
 * stale fact, because it never gets to see one (contract 14.47).
 */
export type Reading<Value> =
	| { readonly state: "known"; readonly value: Value }
	| { readonly state: "missing" | "stale"; readonly because: string };

/** How old an observation may be, and how far our clock and the observer's may differ. */
export type Freshness = {
	readonly maxAgeDays: number;
	readonly clockSkewMinutes: number;
};

export function known<Value>(value: Value): Reading<Value> {
	return { state: "known", value };
}

export function missing(because: string): Reading<never> {
	return { state: "missing", because };
}

/**
 * Opens one fact. Total: the types say what a fact should be, and this is where they are not believed.
 *
 * An observation exactly `maxAgeDays` old is still fresh. One from further ahead than the clocks may differ is
 * missing: otherwise a date in the far future would keep a fact fresh for ever.
 *
 * @param decidedAt the moment of the decision as text; without it no fact has an age, and all are missing
 * @param freshness null for a fact that never goes stale
 */
export function readFact(
	fact: unknown,
	decidedAt: unknown,
	freshness: Freshness | null,
): Reading<unknown> {
	const now = parseInstant(decidedAt);
	if (now === undefined)
		return missing("the moment of the decision is unknown");
	const source = field(fact, "source");
	if (typeof source !== "string" || source === "")
		return missing("not on record");
	const value = field(fact, "value");
	if (freshness === null) return known(value);
	const observedAt = parseInstant(field(fact, "observedAt"));
	if (observedAt === undefined)
		return missing("nobody knows when it was observed");
	const { maxAgeDays, clockSkewMinutes } = freshness;
	if (observedAt - now > clockSkewMinutes * minuteMs)
		return missing("observed in the future");
	if (now - observedAt > maxAgeDays * dayMs) {
		return {
			state: "stale",
			because: `observed more than ${maxAgeDays} days ago`,
		};
	}
	return known(value);
}

/** Looks further into a value that is known; what is missing or stale stays so. */
export function refine<From, To>(
	reading: Reading<From>,
	look: (value: From) => Reading<To>,
): Reading<To> {
	return reading.state === "known" ? look(reading.value) : reading;
}

/** Asks a rule about a value that is known; a missing or stale fact answers for itself. */
export function judge<Value>(
	reading: Reading<Value>,
	rule: (value: Value) => Finding,
): Finding {
	return reading.state === "known"
		? rule(reading.value)
		: { outcome: reading.state, because: reading.because };
}

/** A field of anything: undefined where there is no object, or no such field of its own. */
export function field(value: unknown, name: string): unknown {
	const isObject = typeof value === "object" && value !== null;
	return isObject && Object.hasOwn(value, name)
		? Reflect.get(value, name)
		: undefined;
}
