/** What the billing system reports, of clients and of services alike (contract 14.59). */
import { Refusal, refuseField } from "../../kernel/errors.ts";

/** What became of one report. */
export interface Saved {
	readonly id: string;
	/** False when something newer was stored already, and nothing was changed. */
	readonly applied: boolean;
}

/** Of one report among many: a refused one leaves the others alone. */
export type Outcome = Saved | Refusal;

/** The outcome of `judge`: a Refusal it throws is one too, and any other error is not. */
export function outcomeOf(judge: () => Saved): Outcome {
	try {
		return judge();
	} catch (error) {
		if (error instanceof Refusal) return error;
		throw error;
	}
}

/** The outcome of the only report; refuses when it was refused. */
export function onlyOutcome(outcomes: readonly Outcome[]): Saved {
	const [outcome] = outcomes;
	if (outcome === undefined || outcome instanceof Refusal)
		throw outcome ?? new RangeError("there was no report");
	return outcome;
}

/** Two clocks never agree; more than this is a mistake. */
const clockSkewMs = 5 * 60 * 1000;

/** Refuses `request.invalid` at the pointer for what shall have happened and lies in the future, five minutes aside. */
export function requirePast(
	at: Date | undefined,
	{ now, pointer }: { readonly now: Date; readonly pointer: string },
): void {
	if (at !== undefined && at.getTime() > now.getTime() + clockSkewMs)
		refuseField(
			pointer,
			`\`${pointer.slice(pointer.lastIndexOf("/") + 1)}\` lies in the future.`,
		);
}

/**
 * Whether an observation comes too late to change anything: something newer is stored. One without a
 * time is taken, and leaves the stored time as it is: facts never look fresher than somebody said they are.
 */
export function isOutdated(
	observedAt: Date | undefined,
	stored: Date | null,
): boolean {
	return observedAt !== undefined && stored !== null && observedAt < stored;
}

/** Whether a text is an amount the records can hold to the last digit: `0`, `12.5`, `1234.00`, never negative. */
export function isAmount(text: string): boolean {
	return /^\d{1,12}(?:\.\d{1,2})?$/.test(text);
}

/** What was given, or what was before when nothing was: null is a value, absence is none. */
export function given<Value>(value: Value | undefined, before: Value): Value {
	return value === undefined ? before : value;
}
