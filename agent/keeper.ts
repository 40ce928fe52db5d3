/**
 * Keeps the last known good set up to date on disk. Only the newest counts: what comes while a file is being written is
 * written when that is done. A disk that is full or read-only is an alarm, and tried again; enforcement goes on.
 */
import { setTimeout as pause } from "node:timers/promises";
import type { Alarms } from "./alarms.ts";
import { type LastKnownGood, saveLastKnownGood } from "./last-known-good.ts";

export interface KeeperOptions {
	readonly path: string;
	readonly alarms: Alarms;
	/** Told of what is on disk now, or would be if it could be written. */
	readonly onKept: (kept: LastKnownGood) => void;
}

const retryMs = 2_000;

export class Keeper {
	readonly #options: KeeperOptions;
	#next: LastKnownGood | null = null;
	#isAtWork: boolean = false;
	readonly #ending = new AbortController();
	#idle: (() => void)[] = [];

	constructor(options: KeeperOptions) {
		this.#options = options;
	}

	keep(set: LastKnownGood): void {
		this.#next = set;
		if (this.#isAtWork) return;
		this.#isAtWork = true;
		void this.#work().finally(() => {
			this.#isAtWork = false;
			for (const resolve of this.#idle.splice(0)) resolve();
		});
	}

	/** Ends when what was to be kept is kept, or cannot be. */
	async end(): Promise<void> {
		this.#ending.abort();
		if (this.#isAtWork)
			await new Promise<void>((resolve) => this.#idle.push(resolve));
	}

	async #work(): Promise<void> {
		const { path, alarms, onKept } = this.#options;
		for (let set = this.#next; set !== null; set = this.#next) {
			this.#next = null;
			try {
				await saveLastKnownGood(path, set);
				alarms.clear("disk_failed");
				onKept(set);
			} catch (error) {
				alarms.raise(
					"disk_failed",
					`${path} cannot be written (${error instanceof Error ? error.message : error}): after a reboot this machine would begin with an older set`,
				);
				onKept(set);
				if (this.#ending.signal.aborted) return;
				this.#next ??= set;
				await pause(retryMs, undefined, { signal: this.#ending.signal }).catch(
					() => {},
				);
			}
		}
	}
}
