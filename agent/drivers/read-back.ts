/**
 * How that which is loaded looks when it is read back, to be compared with later. Others may have been at it already when it was
 * first read, so what two loads in a row show is believed as well.
 */
export class ReadBack {
	#known: string | null = null;
	/** What the last load showed, where that is not what is known. */
	#other: string | null = null;
	#isDoubted: boolean = false;

	/** Null before the first load. */
	get known(): string | null {
		return this.#known;
	}

	/** Whether the next load is to be read back. */
	get isWanted(): boolean {
		return this.#known === null || this.#isDoubted;
	}

	/** Something was found to be otherwise, by whoever's fault. */
	doubt(): void {
		this.#isDoubted = true;
	}

	/** Takes what a load showed. */
	learn(found: string): void {
		if (this.#known === null || found === this.#other) this.#known = found;
		this.#other = found === this.#known ? null : found;
		this.#isDoubted = false;
	}
}
