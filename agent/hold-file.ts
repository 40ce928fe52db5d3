/**
 * Since when a snapshot is held back, on disk, so that a restart does not prolong it. A mark that was left behind would end
 * the next hold at once, so what is written and removed is so in the order in which it was said.
 */
import { readFile } from "node:fs/promises";
import { removeFile, replaceFile } from "./files.ts";

export class HoldFile {
	readonly #path: string;
	#last: Promise<unknown> = Promise.resolve();

	constructor(path: string) {
		this.#path = path;
	}

	/**
	 * A hold began then; with null, it ended. Resolves when that is on disk. Where it cannot be written a restart begins the
	 * hold anew, which closes later, and the alarm about the disk is the keeper's.
	 */
	remember(since: Date | null): Promise<void> {
		const path = this.#path;
		const done = this.#last.then(async () => {
			if (since !== null)
				await replaceFile(path, [since.toISOString()]).catch(() => {});
			else await removeFile(path);
		});
		this.#last = done;
		return done;
	}

	/** Since when, as it was remembered last; null when nothing is held back. */
	async recall(): Promise<Date | null> {
		const text = await readFile(this.#path, "utf8").catch(() => "");
		const since = new Date(text.trim());
		return Number.isNaN(since.getTime()) ? null : since;
	}
}
