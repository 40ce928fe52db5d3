/** What enforces a set: the seam between the agent and a kernel, a file, another machine. `driver-suite` tries each. */
import type { Counters, Position } from "../../contract/edge-protocol.ts";
import type { Delta, ElementSet } from "../element-set.ts";
import type { Target } from "../plan.ts";

/**
 * What stands. `gone`: nothing of ours, so perhaps everything is open. `closed`: the gate that lets nothing through, or
 * something of ours without a stamp that can be read. Otherwise the position of the set that was applied last.
 */
export type Standing = "gone" | "closed" | Position;

export interface Listing {
	readonly elements: ElementSet;
	/** What stands beside them and should not, and is no element. */
	readonly odd: readonly string[];
	/** False when what surrounds the elements (rules, chains) is not what was loaded. */
	readonly isIntact: boolean;
}

/**
 * Something was done to what stands that was not done by the driver, or may have been. What is gone or broken is told once: a
 * driver looks again when something was written.
 */
export interface Suspicion {
	/** Name and id of the process, null when it cannot be told. */
	readonly by: string | null;
	/** What the driver knows itself to be gone. */
	readonly isGone: boolean;
	/** It was gone, and is not any more: this is told late. */
	readonly wasGone?: true;
	/** What the driver knows not to hold: rules around the elements are others than it has written. */
	readonly isBroken?: true;
}

/** The driver could not do it, and what stands is either as before or as asked, never something between. */
export class DriverFailed extends Error {
	override readonly name = "DriverFailed";
}

/** Every method may fail with `DriverFailed`; none hangs. */
export interface Driver {
	readonly name: string;

	/** Makes everything ready for use, without changing which addresses may pass; where nothing stands, closes. */
	open(): Promise<Standing>;

	/** Lets nothing through. */
	shut(): Promise<void>;

	/** All of a delta at once, deletes first, and the stamp with it. `after` is what then stands. */
	apply(delta: Delta, after: Target): Promise<void>;

	/** The whole set at once, whatever stood before. */
	replace(target: Target): Promise<void>;

	/**
	 * Takes elements out at once, also while a `replace` is under way, which may bring them back: the caller repeats it.
	 * The stamp stays. What is not there is no error.
	 */
	cut(elements: readonly string[]): Promise<void>;

	list(): Promise<Listing>;

	/** What `list` gives for a set when all is well: a driver may hold fewer elements that mean the same. */
	asHeld(elements: ElementSet): ElementSet;

	standing(): Promise<Standing>;

	/** Null where it cannot count. */
	counters(): Promise<Counters | null>;

	/** Tells of foreign hands until `close`. To be called before the first set is written. */
	watch(onSuspicion: (suspicion: Suspicion) => void): Promise<void>;

	/** Ends what the driver started. What stands stays. */
	close(): void;
}
