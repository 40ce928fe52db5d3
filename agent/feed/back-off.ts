/**
 * How long to wait before trying again: somewhere between nothing and a limit that doubles, so that a thousand agents that
 * lost the same server do not come back together.
 */
/** Nobody is left alone for longer than this, whatever it asks for: what it does not say is not heard meanwhile. */
const askedMaxMs = 120_000;

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

	/** The next wait, in milliseconds: what the other side has asked for, up to two minutes, and a random while after that. */
	next(askedMs = 0): number {
		const limit = Math.min(this.#maxMs, this.#firstMs * 2 ** this.#failures);
		this.#failures++;
		const asked = Math.min(Math.max(askedMs, 0), askedMaxMs);
		return asked + this.#random() * limit;
	}

	/** It worked again. */
	reset(): void {
		this.#failures = 0;
	}
}
