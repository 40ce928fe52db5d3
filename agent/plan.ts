/** Have and want in, steps out: what to do so that a machine holds the set that it should. Pure. */
import type { Position } from "../contract/edge-protocol.ts";
import type { Delta, ElementSet } from "./element-set.ts";

/** A set, and where it stands. */
export interface Target {
	readonly elements: ElementSet;
	readonly position: Position;
	/** Left out for a whole revision; true when something was taken out of it that later revisions revoke. */
	readonly isAhead?: true;
}

export type Plan =
	/** Everything is as it should be. */
	| { readonly kind: "nothing" }
	/** One transaction: deletes, then adds, then the stamp. Both lists may be empty, when only the stamp is to change. */
	| { readonly kind: "change"; readonly delta: Delta }
	/** One transaction: the whole set in place of whatever stands. */
	| { readonly kind: "replace" };

/** From here on a set is written whole: a tenth of it changed, and more than fits into a small transaction. */
const replaceShare = 0.1;
const replaceMin = 1_000;

/** `have` is null when nobody knows what is there. */
export function plan(have: Target | null, want: Target): Plan {
	if (have === null) return { kind: "replace" };
	const { del, add } = have.elements.distanceTo(want.elements);
	if (del + add === 0 && isSamePosition(have.position, want.position))
		return { kind: "nothing" };
	const isLarge =
		del + add >= replaceMin &&
		del + add >=
			replaceShare * Math.max(have.elements.size, want.elements.size);
	return isLarge
		? { kind: "replace" }
		: { kind: "change", delta: have.elements.deltaTo(want.elements) };
}

export function isSamePosition(left: Position, right: Position): boolean {
	return (
		left.epoch === right.epoch &&
		left.rev === right.rev &&
		left.n === right.n &&
		left.sum === right.sum
	);
}

/** What a machine knows about itself at a start. */
export interface Known {
	/** From the file; null when it is missing or bad. */
	readonly lastKnownGood: Target | null;
	/** As listed; null when there is nothing or it is not what its stamp says. */
	readonly inPlace: Target | null;
}

/**
 * Where to begin. What is in place was written first, so it is never older than the file, except when somebody loaded an
 * old dump: then the file of the same epoch is ahead. Null: there is nothing to go by, so everything stays closed.
 */
export function startFrom({ lastKnownGood, inPlace }: Known): Target | null {
	if (inPlace === null || lastKnownGood === null)
		return inPlace ?? lastKnownGood;
	const isOlder =
		inPlace.position.epoch === lastKnownGood.position.epoch &&
		inPlace.position.rev < lastKnownGood.position.rev;
	return isOlder ? lastKnownGood : inPlace;
}
