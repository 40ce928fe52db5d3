/**
 * The kernel of this machine, by `nft`. Small changes go through a session that stays open, whole sets through a program of
 * their own; either is one transaction, so the kernel holds a set that some revision had, or one that it is about to.
 */
import { mkdir, unlink } from "node:fs/promises";
import { join } from "node:path";
import type { Counters, Position } from "../../contract/edge-protocol.ts";
import type { Delta, ElementSet } from "../element-set.ts";
import { writePieces } from "../files.ts";
import type { Target } from "../plan.ts";
import {
	closedGateText,
	type RulesetOptions,
	rulesetText,
	tableName,
} from "../ruleset.ts";
import {
	changeText,
	loadPieces,
	setOf,
	withoutCovered,
} from "../ruleset-elements.ts";
import {
	listCommands,
	readCount,
	readRules,
	readStamp,
} from "../ruleset-listing.ts";
import {
	type Driver,
	DriverFailed,
	type Listing,
	type Standing,
	type Suspicion,
} from "./driver.ts";
import { type TableListing, TableReader } from "./nft-listing.ts";
import { firstLine, runNft } from "./nft-program.ts";
import { NftSession, SessionLost } from "./nft-session.ts";
import { TableWatch, type TableWatchOptions } from "./nft-watch.ts";
import { ReadBack } from "./read-back.ts";

export interface NftablesOptions {
	readonly ruleset: RulesetOptions;
	/** Path of nft, or its name. */
	readonly program: string;
	/** Where commands that are too long for a line are written; a folder of ours alone, best in memory. */
	readonly folder: string;
	readonly log: (line: string) => void;
	/** Other times than the usual ones, for tests that cannot wait so long. */
	readonly timeouts?: {
		readonly sessionMs: number;
		readonly programMs: number;
	};
	readonly watchTimes?: TableWatchOptions["times"];
}

/** A session reads a line at a time, and reading one takes time by the square of its length. */
const lineLengthMax = 8_000;
/** A change in a session waits for a replace that is under way in the kernel, some seconds where the set is large. */
const sessionTimeoutMs = 10_000;
const programTimeoutMs = 15_000;
/** Twenty times what an idle machine needs. */
const programTimeoutMsPerElement = 0.2;
/** The kernel takes much less time to rearrange a set than nft to list it. */
const listingsMax = 5;
/** Ids of own processes are remembered so long that their last report has come. */
const ownPidsMax = 1_000;

export class Nftables implements Driver {
	readonly name = "nftables";
	readonly #options: NftablesOptions;
	readonly #session: NftSession;
	readonly #watch: TableWatch;
	readonly #own = new Set<number>();
	#onSuspicion: (suspicion: Suspicion) => void = () => {};
	readonly #readBack: Readonly<Record<Loaded, Look>> = {
		gate: { rules: new ReadBack(), structure: new ReadBack() },
		table: { rules: new ReadBack(), structure: new ReadBack() },
	};
	/** Null while there stands what was found. */
	#loaded: Loaded | null = null;
	/** Whether it was listed since it was loaded. */
	#isListed: boolean = false;
	#files = 0;
	/** Elements of the largest set so far. */
	#largest = 0;
	#isEnded: boolean = false;

	constructor(options: NftablesOptions) {
		this.#options = options;
		this.#session = new NftSession({
			program: options.program,
			timeoutMs: options.timeouts?.sessionMs ?? sessionTimeoutMs,
			onStart: (pid) => this.#remember(pid),
		});
		this.#watch = new TableWatch({
			program: options.program,
			table: `${options.ruleset.family} ${tableName}`,
			log: options.log,
			onSuspicion: (suspicion) => this.#suspect(suspicion),
			standing: () => this.standing(),
			rules: () => this.#readRules(),
			nudge: () => this.#nudge(),
			isOwn: (pid) => this.#own.has(pid),
			...(options.watchTimes === undefined
				? {}
				: { times: options.watchTimes }),
		});
	}

	async open(): Promise<Standing> {
		await mkdir(this.#options.folder, { recursive: true, mode: 0o700 });
		const standing = await this.standing();
		this.#grow(standing);
		if (standing === "gone") await this.shut();
		else this.#watch.expect(standing);
		return standing === "gone" ? "closed" : standing;
	}

	/** In the session: it needs no room on a disk, and no program that has to be started. */
	async shut(): Promise<void> {
		await this.#write("closed", async () => {
			await this.#transact(closedGateText(this.#options.ruleset));
			await this.#learn("gate");
		});
	}

	async apply(delta: Delta, { elements, position }: Target): Promise<void> {
		const isNet = (element: string) => setOf(element).startsWith("n");
		const nets = [...delta.del, ...delta.add].some(isNet)
			? { nets: [...elements.texts(["nets"])] }
			: {};
		const change = {
			del: delta.del.filter((element) => !isNet(element)),
			add: delta.add.filter((element) => !isNet(element)),
			...nets,
		};
		await this.#write(position, () =>
			this.#transact(changeText(this.#family, change, position)),
		).catch(async (error: unknown) => {
			// There may have been nothing to change, which is to be closed first.
			if ((await this.standing().catch(() => null)) === "gone")
				this.#suspect({ by: null, isGone: true });
			throw error;
		});
	}

	async replace({ elements, position }: Target): Promise<void> {
		await this.#write(position, async () => {
			const { ruleset } = this.#options;
			await this.#load(loadPieces(ruleset, elements.lists(), position));
			await this.#learn("table");
		});
	}

	async cut(elements: readonly string[]): Promise<void> {
		const del = elements.filter((element) => !setOf(element).startsWith("n"));
		await this.#transact(changeText(this.#family, { del, add: [] }, null));
	}

	async list(): Promise<Listing> {
		const { elements, odd, structure } = await this.#listWhole();
		return {
			elements,
			odd,
			isIntact: odd.length === 0 && this.#isAsLoaded(structure),
		};
	}

	/** The kernel takes no overlapping intervals: a network within another is not there, and need not be. */
	asHeld(elements: ElementSet): ElementSet {
		const nets = [...elements.texts(["nets"])];
		const kept = new Set(withoutCovered(nets));
		const covered = nets.filter((net) => !kept.has(net));
		return elements.with({ del: covered, add: [] });
	}

	async standing(): Promise<Standing> {
		const output = await this.#session.run(listCommands.stamp(this.#family));
		if (output.startsWith("{")) return readStamp(output) ?? "closed";
		if (!output.includes("No such file or directory"))
			throw new DriverFailed(`nft said no: ${firstLine(output)}`);
		const tables = await this.#session.run(`list tables ${this.#family}`);
		return tables.includes(`"name": "${tableName}"`) ? "closed" : "gone";
	}

	async counters(): Promise<Counters | null> {
		const count = async (of: keyof Counters) => {
			const command = listCommands.count(this.#family, of);
			const output = await this.#session.run(command);
			return output.startsWith("{") ? readCount(output) : null;
		};
		const [allowed, refused, spoofed, fragments] = [
			await count("allowed"),
			await count("refused"),
			await count("spoofed"),
			await count("fragments"),
		];
		if (
			allowed === null ||
			refused === null ||
			spoofed === null ||
			fragments === null
		)
			return null;
		return { allowed, refused, spoofed, fragments };
	}

	/** To be called before the first set is written. */
	async watch(onSuspicion: (suspicion: Suspicion) => void): Promise<void> {
		this.#onSuspicion = onSuspicion;
		if (!isPosition(this.#watch.expected)) await this.#loadEmpty();
		await this.#watch.start();
	}

	close(): void {
		this.#isEnded = true;
		this.#watch.stop();
		this.#session.end();
	}

	#suspect(suspicion: Suspicion): void {
		if (suspicion.isGone || suspicion.isBroken === true) this.#doubt();
		this.#onSuspicion(suspicion);
	}

	#doubt(): void {
		for (const { rules } of Object.values(this.#readBack)) rules.doubt();
	}

	/** A set that has just grown is rearranged by the kernel, and is not whole in a listing meanwhile. */
	async #listWhole(): Promise<TableListing> {
		for (let times = 0; times < listingsMax; times++) {
			const reader = new TableReader();
			await this.#runProgram(
				["-j", ...listCommands.table(this.#family).split(" ")],
				(piece) => reader.take(piece),
			);
			const listing = reader.end();
			if (listing.repeats === 0) return listing;
		}
		throw new DriverFailed("nft lists elements twice, each time");
	}

	#isAsLoaded(found: string): boolean {
		if (this.#loaded === null) return true;
		const { structure } = this.#readBack[this.#loaded];
		if (!this.#isListed) structure.learn(found);
		this.#isListed = true;
		if (structure.known !== found) this.#doubt();
		return structure.known === found;
	}

	get #family() {
		return this.#options.ruleset.family;
	}

	/** Small transactions by the session, others by a program; by a program, too, when the session was lost over it. */
	async #transact(text: string): Promise<void> {
		const line = inOneLine(text);
		if (line.length > lineLengthMax) return await this.#load([text]);
		try {
			const complaint = await this.#session.run(line);
			if (complaint !== "")
				throw new DriverFailed(`nft said no: ${firstLine(complaint)}`);
		} catch (error) {
			if (!(error instanceof SessionLost) || this.#isEnded) throw error;
			// It was done or not; each text leads to the same when it is done twice.
			this.#options.log(`${error.message}; once more with a program`);
			await this.#load([text]);
		}
	}

	async #load(pieces: Iterable<string>): Promise<void> {
		const path = join(this.#options.folder, `load-${++this.#files}.nft`);
		try {
			await writePieces(path, pieces).catch((error: NodeJS.ErrnoException) => {
				throw new DriverFailed(
					`${this.#options.folder} cannot be written (${error.code ?? error.message})`,
				);
			});
			await this.#runProgram(["-f", path]);
		} finally {
			await unlink(path).catch(() => {});
		}
	}

	#runProgram(
		args: readonly string[],
		onOutput?: (piece: Buffer) => void,
	): Promise<void> {
		return runNft({
			program: this.#options.program,
			args,
			timeoutMs:
				this.#options.timeouts?.programMs ??
				programTimeoutMs + this.#largest * programTimeoutMsPerElement,
			onStart: (pid) => this.#remember(pid),
			...(onOutput === undefined ? {} : { onOutput }),
		});
	}

	/** The table without elements, as closed as the gate. What it looks like is learnt while listing it is cheap. */
	async #loadEmpty(): Promise<void> {
		await this.#write("closed", async () => {
			await this.#transact(rulesetText(this.#options.ruleset));
			await this.#learn("table");
		});
		await this.list();
	}

	async #write(after: Standing, work: () => Promise<void>): Promise<void> {
		this.#grow(after);
		this.#watch.expect(null);
		try {
			await work();
		} catch (error) {
			this.#watch.expect("something");
			throw error;
		}
		this.#watch.expect(after);
	}

	/** What was loaded is what it is to stay. That it cannot be read now is no reason to take the load for failed. */
	async #learn(loaded: Loaded): Promise<void> {
		this.#loaded = loaded;
		this.#isListed = false;
		const { rules } = this.#readBack[loaded];
		const found = rules.isWanted
			? await this.#readRules().catch(() => null)
			: null;
		if (found !== null) rules.learn(found);
		this.#watch.expectRules(rules.known);
	}

	async #readRules(): Promise<string> {
		const pieces: Buffer[] = [];
		await this.#runProgram(
			["-j", "-t", ...listCommands.rules(this.#family).split(" ")],
			(piece) => pieces.push(piece),
		);
		return readRules(Buffer.concat(pieces).toString());
	}

	#grow(standing: Standing): void {
		if (typeof standing !== "string")
			this.#largest = Math.max(this.#largest, standing.n);
	}

	async #nudge(): Promise<void> {
		const { expected } = this.#watch;
		if (isPosition(expected)) await this.#stamp(expected);
		else await this.#loadEmpty();
	}

	#stamp(position: Position): Promise<void> {
		return this.#transact(
			changeText(this.#family, { del: [], add: [] }, position),
		);
	}

	#remember(pid: number): void {
		this.#own.add(pid);
		const [oldest] = this.#own;
		if (this.#own.size > ownPidsMax && oldest !== undefined)
			this.#own.delete(oldest);
	}
}

/** The closed gate, or the whole table with or without elements. */
type Loaded = "gate" | "table";

/** How one of them looks: its rules, and all that is around the elements. */
interface Look {
	readonly rules: ReadBack;
	readonly structure: ReadBack;
}

function isPosition(expected: TableWatch["expected"]): expected is Position {
	return expected !== null && typeof expected !== "string";
}

/** The lines of a text as one: a session takes the end of a line for the end of a transaction. */
function inOneLine(text: string): string {
	return text
		.replace(/([{,])\n\s*/g, "$1 ")
		.replace(/(\belements? [^{}]*\{[^{}]*?)\n\s*\}/g, "$1 }")
		.trim()
		.replace(/\n\s*/g, "; ");
}
