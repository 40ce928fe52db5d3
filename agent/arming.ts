/**
 * Whether this machine is armed. That is looked at for as long as the agent runs, each minute and whenever an interface
 * changes: a machine on which the table sees what it has to see may be another one when the next guest starts.
 */
import { setTimeout as pause } from "node:timers/promises";
import type { Alarms } from "./alarms.ts";
import { type Finding, isClear, unclear } from "./finding.ts";

export interface ArmingOptions {
	/** Looks at the machine. */
	readonly look: () => Promise<readonly Finding[]>;
	/** Calls `onChange` when it should be looked at again, until the returned function is called; `onEnd` when it ended. */
	readonly watch: (onChange: () => void, onEnd: () => void) => () => void;
	readonly alarms: Alarms;
	readonly log: (line: string) => void;
	/** Told whenever the answer is another one. */
	readonly onChange: () => void;
	/** Other times than the usual ones, for tests that cannot wait so long. */
	readonly times?: { readonly everyMs: number; readonly settleMs: number };
}

const usual = {
	everyMs: 60_000,
	/** A guest that starts makes its interface, and puts it where it belongs, in steps. */
	settleMs: 500,
};

export class Arming {
	readonly #options: ArmingOptions;
	readonly #ending = new AbortController();
	#isClear: boolean = false;
	/** Something changed since the last look began. */
	#isDue: boolean = false;
	#wake: () => void = () => {};
	#unwatch: (() => void) | null = null;

	constructor(options: ArmingOptions) {
		this.#options = options;
	}

	/** False until it was looked, and whenever something is unclear. */
	get isClear(): boolean {
		return this.#isClear;
	}

	/** Looks until `end`. */
	async run(): Promise<void> {
		const { everyMs, settleMs } = this.#options.times ?? usual;
		while (!this.#ending.signal.aborted) {
			this.#listen();
			this.#isDue = false;
			await this.#look();
			await this.#rest(everyMs);
			if (this.#isDue)
				await pause(settleMs, undefined, {
					signal: this.#ending.signal,
				}).catch(() => {});
		}
	}

	end(): void {
		this.#ending.abort();
		this.#unwatch?.();
		this.#wake();
	}

	/** What watches may have ended; then it is begun again with the next look. */
	#listen(): void {
		this.#unwatch ??= this.#options.watch(
			() => {
				this.#isDue = true;
				this.#wake();
			},
			() => {
				this.#unwatch = null;
			},
		);
	}

	async #look(): Promise<void> {
		const { look, alarms, log, onChange } = this.#options;
		const findings = await look().catch((error: unknown) => [
			unclear(error instanceof Error ? error.message : String(error)),
		]);
		if (this.#ending.signal.aborted) return;
		const why = findings
			.filter(({ verdict }) => verdict === "unclear")
			.map(({ what }) => what)
			.join("; ");
		if (why === "") alarms.clear("preflight_unclear");
		else alarms.raise("preflight_unclear", why);
		const was = this.#isClear;
		this.#isClear = isClear(findings);
		if (was === this.#isClear) return;
		log(this.#isClear ? "armed" : "not armed any more");
		onChange();
	}

	#rest(ms: number): Promise<void> {
		return new Promise((resolve) => {
			if (this.#isDue || this.#ending.signal.aborted) return resolve();
			const timer = setTimeout(() => this.#wake(), ms);
			this.#wake = () => {
				clearTimeout(timer);
				this.#wake = () => {};
				resolve();
			};
		});
	}
}
