/** How long the control plane has not been heard. It cannot be told of it, so this is for the machine's own log and `status`. */

/** As an alarm, but of a kind that is never reported. */
export interface LocalAlarm {
	readonly kind: "cut_off";
	readonly detail: string;
	readonly since: string;
}

/** Without a word for so long, it is an alarm. */
const silenceMs = 5 * 60_000;

export class Silence {
	readonly #now: () => Date;
	readonly #log: (line: string) => void;
	#heardAt: Date;
	#isLong: boolean = false;

	constructor(now: () => Date, log: (line: string) => void) {
		this.#now = now;
		this.#log = log;
		this.#heardAt = now();
	}

	/** To be told every few seconds whether a stream stands. */
	look(isConnected: boolean): void {
		const now = this.#now();
		if (isConnected) {
			this.#heardAt = now;
			if (this.#isLong) this.#log("over: cut_off");
			this.#isLong = false;
		} else if (
			!this.#isLong &&
			now.getTime() - this.#heardAt.getTime() > silenceMs
		) {
			this.#isLong = true;
			this.#log(`alarm cut_off: ${detail}`);
		}
	}

	/** Null for as long as there is nothing to say. */
	get alarm(): LocalAlarm | null {
		return this.#isLong
			? { kind: "cut_off", detail, since: this.#heardAt.toISOString() }
			: null;
	}
}

const detail = "no word from the control plane for five minutes";
