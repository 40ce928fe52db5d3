/** What the feed has said about the site's set, checked by its own count and sum. Pure. */
import type { Change, Position } from "../contract/edge-protocol.ts";
import { keyOf } from "./canonical.ts";
import type { Delta, ElementSet } from "./element-set.ts";
import type { Target } from "./plan.ts";
import { networksOfSite, type Prefixes } from "./prefixes.ts";
import { RunningSum } from "./sum.ts";

/** A whole desired set, as it was read and found to be what its count, sum and digest say. */
export interface CheckedSnapshot {
	readonly site: string;
	readonly prefixes: readonly string[];
	readonly position: Position;
	readonly elements: ElementSet;
}

export interface Replica extends CheckedSnapshot {
	/** Those of `elements` that lie outside the networks of the site: they are never applied. */
	readonly foreign: ElementSet;
}

/** The feed contradicts itself or the protocol: nothing of it is applied. The message is one line for the operator. */
export class FeedInvalid extends Error {
	override readonly name = "FeedInvalid";
}

/**
 * @param own Networks from this machine's own configuration; what lies outside them is foreign too. Null for none.
 * @throws FeedInvalid when the networks of the site are larger than any site's
 */
export function replicaOf(
	snapshot: CheckedSnapshot,
	own: Prefixes | null,
): Replica {
	const isOurs = checkOf(snapshot.prefixes, own);
	const foreign = snapshot.elements.filter((key) => !isOurs(key));
	return { ...snapshot, foreign };
}

/**
 * The replica after a change that follows it.
 *
 * @throws FeedInvalid when what comes out does not have the count and the sum that the change says
 */
export function withChange(
	replica: Replica,
	change: Change,
	own: Prefixes | null,
): Replica {
	const { elements, position } = replica;
	const after = elements.with(change);
	const sum = RunningSum.from(position.sum);
	const delta = effectOf(elements, change);
	for (const one of delta.del) sum.subtract(one);
	for (const one of delta.add) sum.add(one);
	if (after.size !== change.n || sum.text !== change.sum)
		throw new FeedInvalid(
			`revision ${change.rev} says ${change.n} elements with sum ${change.sum}, but leads to ${after.size} with ${sum.text}`,
		);
	const isOurs = checkOf(replica.prefixes, own);
	return {
		...replica,
		elements: after,
		foreign: replica.foreign.with({
			del: change.del,
			add: change.add.filter((text) => !isOurs(keyOf(text))),
		}),
		position: positionOf(change),
	};
}

/** What is to be enforced: the set without what is foreign, with its own count and sum. */
export function targetOf({ elements, foreign, position }: Replica): Target {
	return foreign.size === 0
		? { elements, position }
		: without({ elements, position }, [...foreign.texts()]);
}

/** What of a target lies in the networks of this machine's own configuration. */
export function withinOwn(target: Target, own: Prefixes | null): Target {
	if (own === null) return target;
	const foreign = target.elements.filter((key) => !own.contain(key));
	return foreign.size === 0 ? target : without(target, [...foreign.texts()]);
}

/** The target without some of its elements, at the same revision, with the count and sum that it then has. */
export function without(
	{ elements, position }: Target,
	gone: readonly string[],
): Target {
	const present = effectOf(elements, { del: gone, add: [] }).del;
	const sum = RunningSum.from(position.sum);
	for (const one of present) sum.subtract(one);
	const rest = elements.with({ del: present, add: [] });
	return {
		elements: rest,
		position: { ...position, n: rest.size, sum: sum.text },
	};
}

export function positionOf({ epoch, rev, n, sum }: Position): Position {
	return { epoch, rev, n, sum };
}

/** What a delta really changes: not what is gone already, there already, or in both of its lists. */
function effectOf(elements: ElementSet, { del, add }: Delta): Delta {
	const added = new Set(add);
	return {
		del: [...new Set(del)].filter(
			(one) => elements.has(one) && !added.has(one),
		),
		add: [...added].filter((one) => !elements.has(one)),
	};
}

type Check = (key: ReturnType<typeof keyOf>) => boolean;

function checkOf(texts: readonly string[], own: Prefixes | null): Check {
	const said = networksOf(texts);
	return (key) =>
		key !== undefined && said.contain(key) && (own?.contain(key) ?? true);
}

function networksOf(texts: readonly string[]): Prefixes {
	try {
		return networksOfSite(texts);
	} catch (error) {
		if (error instanceof RangeError) throw new FeedInvalid(error.message);
		throw error;
	}
}
