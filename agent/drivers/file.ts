/**
 * A file for whatever else enforces: one address a line, and beside it the same as a table for nft. Both are replaced as a
 * whole; who reads them sees the old one or the new one. What reads them is told by a program of the operator's choice.
 */

import { execFile } from "node:child_process";
import { createHash, type Hash } from "node:crypto";
import { createReadStream, type FSWatcher, watch } from "node:fs";
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
	/** What tells the files that this driver wrote, the list and the table, from any others. */
	readonly #written = { list: "", table: "" };
	#isWriting: boolean = false;
	/** Digest of the table beside the list, null before it was written. */
	#tableDigest: string | null = null;
	#onSuspicion: ((suspicion: Suspicion) => void) | null = null;
	/** The folder that is watched: another one under its name is another one. */
	#watched: { readonly watcher: FSWatcher; readonly mark: string } | null =
		null;
	#timer: NodeJS.Timeout | undefined;

	constructor(options: FileOptions) {
		this.#options = options;
		this.#path = join(options.folder, listName);
	}

	async open(): Promise<Standing> {
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
		// The first line is the stamp. Of the last one nobody has to have written the end.
		const [, ...lines] = (await this.#read()).split("\n");
		if (lines.at(-1) === "") lines.pop();
		const isElement = (line: string) => canonical(line) === line;
		return {
			elements: ElementSet.of(lines.filter(isElement)),
			odd: lines.filter((line) => !isElement(line)),
			isIntact: await this.#isTableIntact(),
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
		this.#onSuspicion = onSuspicion;
		await this.#watchFolder();
	}

	close(): void {
		this.#onSuspicion = null;
		clearTimeout(this.#timer);
		this.#watched?.watcher.close();
	}

	/** Watches the folder of now: one that was taken away and made anew is another one. */
	async #watchFolder(): Promise<void> {
		const { folder } = this.#options;
		// The number alone may be given to the next folder.
		const { ino, birthtimeMs } = await stat(folder);
		const mark = `${ino} ${birthtimeMs}`;
		if (this.#onSuspicion === null || this.#watched?.mark === mark) return;
		this.#watched?.watcher.close();
		const watcher = watch(folder, (_, name) => {
			if (name?.endsWith(".new") === true) return;
			this.#lookSoon();
		});
		watcher.on("error", () => {});
		this.#watched = { watcher, mark };
	}

	#lookSoon(): void {
		clearTimeout(this.#timer);
		if (this.#onSuspicion === null) return;
		this.#timer = setTimeout(() => void this.#look(), settleMs);
	}

	async #look(): Promise<void> {
		// A folder that is gone has no list, either.
		await this.#watchFolder().catch(() => {});
		if (this.#isWriting) return this.#lookSoon();
		const { list, table } = this.#written;
		const found = {
			list: await markOf(this.#path),
			table: await markOf(this.#tablePath),
		};
		// Something was written since, which makes what was seen old.
		if (list !== this.#written.list || this.#isWriting) return this.#lookSoon();
		const isTableOther = this.#tableDigest !== null && found.table !== table;
		if (found.list !== list || isTableOther)
			this.#onSuspicion?.({ by: null, isGone: found.list === "" });
	}

	async #write(elements: ElementSet, position: Position | null): Promise<void> {
		const { folder, ruleset, reload } = this.#options;
		this.#isWriting = true;
		try {
			await mkdir(folder, { recursive: true });
			await this.#watchFolder();
			await replaceFile(
				this.#path,
				linesInPieces([headOf(position)], elements.texts()),
				0o644,
			);
			this.#written.list = await markOf(this.#path);
			if (ruleset !== null) {
				const hash = createHash("sha256");
				await replaceFile(
					this.#tablePath,
					hashed(hash, tablePieces(ruleset, elements, position)),
					0o644,
				);
				this.#tableDigest = hash.digest("hex");
				this.#written.table = await markOf(this.#tablePath);
			}
		} catch (error) {
			throw new DriverFailed(
				`${folder} cannot be written: ${error instanceof Error ? error.message : error}`,
			);
		} finally {
			this.#isWriting = false;
		}
		if (reload !== null) await run(reload, folder);
	}

	async #isTableIntact(): Promise<boolean> {
		if (this.#tableDigest === null) return true;
		const hash = createHash("sha256");
		try {
			for await (const piece of createReadStream(this.#tablePath))
				hash.update(piece);
		} catch {
			return false;
		}
		return hash.digest("hex") === this.#tableDigest;
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

	get #tablePath(): string {
		return join(this.#options.folder, tableName);
	}
}

/** Another one for every file that was ever there; empty when there is none. */
async function markOf(path: string): Promise<string> {
	const found = await stat(path).catch(() => null);
	return found === null
		? ""
		: `${found.ino} ${found.size} ${found.mtimeMs} ${found.ctimeMs}`;
}

function headOf(position: Position | null): string {
	if (position === null) return "# closed";
	const { epoch, rev, n, sum } = position;
	return `# ${epoch}:${rev}:${n}:${sum}`;
}

function* hashed(hash: Hash, pieces: Iterable<string>): Generator<string> {
	for (const piece of pieces) {
		hash.update(piece);
		yield piece;
	}
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
