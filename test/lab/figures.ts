/** What the lab found, printed as it is found, and kept for the page when a run asks for it (`run.ts`). */
import { appendFileSync } from "node:fs";
import { availableParallelism, loadavg } from "node:os";

/** Whether everything is to be tried at full length; otherwise what fits into `npm test`. */
export const isFull = process.env["LAB"] === "full";

/**
 * Whether others are at work on these cores, so that a time says more of them than of us: it is printed with its reason, and
 * not held against its bound. What does not depend on time always is.
 */
export function isCrowded(): boolean {
	return loadNow() > 1.5 * availableParallelism();
}

/** Whether time is held against its bound: in the whole run, on a machine that is not crowded. */
export function isMeasured(): boolean {
	return isFull && !isCrowded();
}

function loadNow(): number {
	return loadavg()[0] ?? 0;
}

/** A line of the page: a figure of the acceptance, or a row of the table of what was tried (`held.ts`). */
export type Finding = Figure | Held;

export interface Figure {
	/** `A1` … `A10`. */
	readonly part: string;
	readonly what: string;
	readonly value: string;
}

export interface Held {
	readonly tried: string;
	/** What stood while it lasted: found by connecting, not by asking the agent. */
	readonly meanwhile: string;
	/** What the operator was told; "" when there was nothing to tell. */
	readonly told: string;
	/** What stood after it was over. */
	readonly afterwards: string;
}

export function figure(part: string, what: string, value: string): void {
	process.stdout.write(`${part}  ${what}: ${value}\n`);
	keep({ part, what, value });
}

export function holds(row: Held): void {
	const { tried, meanwhile, told, afterwards } = row;
	process.stdout.write(
		`held  ${tried}: ${meanwhile}; ${told === "" ? "nobody told" : `told: ${told}`}; then ${afterwards}\n`,
	);
	keep(row);
}

function keep(finding: Finding): void {
	const file = process.env["LAB_FIGURES"];
	if (file !== undefined) appendFileSync(file, `${JSON.stringify(finding)}\n`);
}

/** `p50 1.2 ms, p95 3.4 ms, max 5.6 ms of 100`, and how crowded the machine was, if it was. */
export function spread(values: readonly number[]): string {
	const text = (share: number) => `${percentile(values, share).toFixed(1)} ms`;
	const crowd = isCrowded()
		? ` (crowded: load ${loadNow().toFixed(0)} on ${availableParallelism()} cores)`
		: "";
	return `p50 ${text(0.5)}, p95 ${text(0.95)}, max ${text(1)} of ${values.length}${crowd}`;
}

/** The smallest value that at least this share of all do not exceed. */
export function percentile(values: readonly number[], share: number): number {
	const sorted = values.toSorted((a, b) => a - b);
	const place = Math.ceil(share * sorted.length) - 1;
	return sorted[Math.max(0, place)] ?? Number.NaN;
}

/** Whether something can be tried here; says why it is skipped when not. */
export function sayWhenSkipped(what: string, why: string | undefined): boolean {
	if (why !== undefined) process.stdout.write(`${what}: skipped: ${why}\n`);
	return why === undefined;
}
