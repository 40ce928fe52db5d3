/** How the engine under a long-lived process is set. */
import { setFlagsFromString } from "node:v8";

/**
 * Lets the old part of the heap grow by two fifths before it is looked through again; by itself it would become four times as
 * large on a machine with much memory. What lives in it is some 30 MB, looked through beside the work in a few milliseconds.
 */
export function boundHeapGrowth(): void {
	setFlagsFromString("--heap-growing-percent=40");
}
