/**
 * A file for whatever else enforces: one address a line, and beside it the same as a table for nft. Both are replaced as a
 * whole; who reads them sees the old one or the new one. What reads them is told by a program of the operator's choice.
 */

import { execFile } from "node:child_process";
import { type FSWatcher, watch } from "node:fs";
import { mkdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Position } from "../../contract/edge-protocol.ts";
import { canonical } from "../canonical.ts";
import { type Delta, ElementSet } from "../element-set.ts";
import { linesInPieces, replaceFile } from "../files.ts";
import type { Target } from "../plan.ts";
import type { RulesetOptions } from "../ruleset.ts";
import { loadPieces } from "../ruleset-elements.ts";
import {
	type Driver,
	DriverFailed,
	type Listing,
	type Standing,
	type Suspicion,
} from "./driver.ts";

export interface FileOptions {
	readonly folder: string;
	/** For the table beside the list; null leaves it out. */
	readonly ruleset: RulesetOptions | null;
	/** Run after each write; the set counts as applied once it has ended with 0. Null for nothing to run. */
	readonly reload: string | null;
}

export const listName = "port25-allowed.txt";
export const tableName = "port25.nft";

const reloadTimeoutMs = 30_000;
/** Several writes of somebody are looked at once. */
const settleMs = 100;

export class FileDriver implements Driver {
	readonly name = "file";
	readonly #options: FileOptions;
	readonly #path: string;
	/** What tells the file that this driver wrote from any other. */
	#written = "";
	#watcher: FSWatcher | null = null;
	#timer: NodeJS.Timeout | undefined;

	constructor(options: FileOptions) {
		this.#options = options;
		this.#path = join(options.folder, listName);
	}

	async open(): Promise<Standing> {
		await mkdir(this.#options.folder, { recursive: true });
		const standing = await this.standing();
		if (standing === "gone") await this.shut();
		return standing === "gone" ? "closed" : standing;
	}

	async shut(): Promise<void> {
		await this.#write(ElementSet.empty, null);
	}

	async apply(_: Delta, { elements, position }: Target): Promise<void> {
		await this.#write(elements, position);
	}

	async replace({ elements, position }: Target): Promise<void> {
		await this.#write(elements, position);
	}

	/** A file is written whole: the write that is under way is followed by the one without these elements. */
	async cut(): Promise<void> {}

	async list(): Promise<Listing> {
		const lines = (await this.#read()).split("\n").slice(1, -1);
		const isElement = (line: string) => canonical(line) === line;
		return {
			elements: ElementSet.of(lines.filter(isElement)),
			odd: lines.filter((line) => !isElement(line)),
			isIntact: true,
		};
	}

	asHeld(elements: ElementSet): ElementSet {
		return elements;
	}

	async standing(): Promise<Standing> {
		const text = await this.#read().catch(() => null);
		if (text === null) return "gone";
		const [, epoch, rev, n, sum] =
			/^# ([A-Za-z0-9._-]+):(\d+):(\d+):([0-9a-f]{32})\n/.exec(text) ?? [];
		return epoch === undefined || sum === undefined
			? "closed"
			: { epoch, rev: Number(rev), n: Number(n), sum };
	}

	async counters(): Promise<null> {
		return null;
	}

	async watch(onSuspicion: (suspicion: Suspicion) => void): Promise<void> {
		const look = async () => {
			const found = await this.#stat();
			if (found !== this.#written)
				onSuspicion({ by: null, isGone: found === "" });
		};
		this.#watcher = watch(this.#options.folder, (_, name) => {
			if (name !== listName) return;
			clearTimeout(this.#timer);
			this.#timer = setTimeout(() => void look(), settleMs);
		});
		this.#watcher.on("error", () => {});
	}

	close(): void {
		clearTimeout(this.#timer);
		this.#watcher?.close();
	}

	async #write(elements: ElementSet, position: Position | null): Promise<void> {
		const { folder, ruleset, reload } = this.#options;
		try {
			await replaceFile(
				this.#path,
				linesInPieces([headOf(position)], elements.texts()),
				0o644,
			);
			this.#written = await this.#stat();
			if (ruleset !== null)
				await replaceFile(
					join(folder, tableName),
					tablePieces(ruleset, elements, position),
					0o644,
				);
		} catch (error) {
			throw new DriverFailed(
				`${folder} cannot be written: ${error instanceof Error ? error.message : error}`,
			);
		}
		if (reload !== null) await run(reload, folder);
	}

	async #read(): Promise<string> {
		try {
			return await readFile(this.#path, "utf8");
		} catch (error) {
			throw new DriverFailed(
				`${this.#path} cannot be read: ${error instanceof Error ? error.message : error}`,
			);
		}
	}

	/** Empty when there is no file. */
	async #stat(): Promise<string> {
		const found = await stat(this.#path).catch(() => null);
		return found === null
			? ""
			: `${found.ino} ${found.size} ${found.mtimeMs} ${found.ctimeMs}`;
	}
}

function headOf(position: Position | null): string {
	if (position === null) return "# closed";
	const { epoch, rev, n, sum } = position;
	return `# ${epoch}:${rev}:${n}:${sum}`;
}

function tablePieces(
	ruleset: RulesetOptions,
	elements: ElementSet,
	position: Position | null,
): Iterable<string> {
	const closed = { epoch: "closed", rev: 0, n: 0, sum: "0".repeat(32) };
	return loadPieces(ruleset, elements.lists(), position ?? closed);
}

function run(program: string, folder: string): Promise<void> {
	return new Promise((resolve, reject) => {
		execFile(
			program,
			[folder],
			{ timeout: reloadTimeoutMs, killSignal: "SIGKILL" },
			(error, _, stderr) => {
				if (error === null) resolve();
				else
					reject(
						new DriverFailed(
							`${program} failed: ${(stderr || error.message).slice(0, 200)}`,
						),
					);
			},
		);
	});
}
