/**
 * When a snapshot is held back. A snapshot that takes away much, without the deltas that should have taken it away, may be
 * an accident: an answer that is not the server's present one, from a cache, a proxy, a server that was put back. It is
 * applied at once all the same when the stream's heartbeat says the same position, number and sum: then it is what the server
 * means. The two come from one row of the server, so this says nothing about what the server itself got wrong. A held one is
 * an alarm, ends when a person accepts it, and is applied after a quarter of an hour: closed wins.
 */
import type { Position } from "../contract/edge-protocol.ts";
import { isSamePosition } from "./plan.ts";

export const holdMs = 15 * 60_000;
const shareMax = 0.2;
const elementsMax = 100;

export interface Shrinking {
	/** Elements that stand now, and how many of them the snapshot does not have. */
	readonly size: number;
	readonly removed: number;
	readonly snapshot: Position;
	/** The newest count that came with the stream of changes; null before one came. */
	readonly counted: Position | null;
}

export function mustHold(of: Shrinking): boolean {
	return isLarge(of) && !isConfirmed(of);
}

function isLarge({ size, removed }: Shrinking): boolean {
	return removed > shareMax * size && removed > elementsMax;
}

function isConfirmed({ snapshot, counted }: Shrinking): boolean {
	return counted !== null && isSamePosition(snapshot, counted);
}

/** How long a hold that began at `since` still lasts, in milliseconds; 0 when it is over, or the clock went back behind it. */
export function holdRemainingMs(since: Date, now: Date): number {
	const passed = now.getTime() - since.getTime();
	return passed < 0 ? 0 : Math.max(0, holdMs - passed);
}
