/**
 * Keeps the last known good set up to date on disk. Only the newest counts: what comes while a file is being written is
 * written when that is done. A disk that is full or read-only is an alarm, and tried again; enforcement goes on.
 *
 * A file that would open at a reboot what is closed now is worse than none. Where it cannot be replaced it is removed, which
 * a full disk allows; where that fails, too, the set is not said to be kept, and so is not acknowledged.
 */
import { setTimeout as pause } from "node:timers/promises";
import type { Alarms } from "./alarms.ts";
import { removeFile } from "./files.ts";
import {
	type LastKnownGood,
	loadLastKnownGood,
	saveLastKnownGood,
} from "./last-known-good.ts";

export interface KeeperOptions {
	readonly path: string;
	readonly alarms: Alarms;
	/** Told of a set of which nothing that is closed in it would be opened by what is on disk now. */
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
				const left = await leftOnDisk(path, set);
				alarms.raise(
					"disk_failed",
					`${path} cannot be written (${error instanceof Error ? error.message : error}): ${afterReboot[left]}`,
				);
				if (left !== "stale") onKept(set);
				if (this.#ending.signal.aborted) return;
				this.#next ??= set;
				await pause(retryMs, undefined, { signal: this.#ending.signal }).catch(
					() => {},
				);
			}
		}
	}
}

/**
 * What a machine would begin with after a reboot, when its file could not be written: `nothing`, a set that is `older` but
 * opens nothing that is closed now, or a `stale` one that does.
 */
type Left = "nothing" | "older" | "stale";

const afterReboot: Readonly<Record<Left, string>> = {
	nothing: "after a reboot this machine would begin with everything closed",
	older: "after a reboot this machine would begin with an older set",
	stale:
		"after a reboot this machine would open again what was revoked, so nothing more is acknowledged",
};

/** Looks at what is there, and removes it when it is stale or cannot be told. */
async function leftOnDisk(path: string, set: LastKnownGood): Promise<Left> {
	const kept = await loadLastKnownGood(path).catch(() => "unknown" as const);
	if (kept === null) return "nothing";
	const isOlder =
		kept !== "unknown" && kept.elements.distanceTo(set.elements).del === 0;
	if (isOlder) return "older";
	return (await removeFile(path)) ? "nothing" : "stale";
}
