/**
 * How long to wait before trying again: somewhere between nothing and a limit that doubles, so that a thousand agents that
 * lost the same server do not come back together.
 */
export class BackOff {
	readonly #firstMs: number;
	readonly #maxMs: number;
	readonly #random: () => number;
	#failures = 0;

	/** @param random from 0 to 1, as `Math.random` */
	constructor({
		firstMs,
		maxMs,
		random,
	}: {
		readonly firstMs: number;
		readonly maxMs: number;
		readonly random: () => number;
	}) {
		this.#firstMs = firstMs;
		this.#maxMs = maxMs;
		this.#random = random;
	}

	/** The next wait, in milliseconds: at least what the other side has asked for, and as much again at random. */
	next(askedMs = 0): number {
		const limit = Math.min(this.#maxMs, this.#firstMs * 2 ** this.#failures);
		this.#failures++;
		return askedMs + this.#random() * limit;
	}

	/** It worked again. */
	reset(): void {
		this.#failures = 0;
	}
}
