/**
 * The kernel of this machine, by `nft`. Small changes go through a session that stays open, whole sets through a program of
 * their own; either is one transaction, so the kernel holds a set that some revision had, or one that it is about to.
 */
import { mkdir, unlink } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type { Counters, Position } from "../../contract/edge-protocol.ts";
import type { Delta, ElementSet } from "../element-set.ts";
import { writePieces } from "../files.ts";
import { isSamePosition, type Target } from "../plan.ts";
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
import { listCommands, readCount, readStamp } from "../ruleset-listing.ts";
import {
	type Driver,
	DriverFailed,
	type Listing,
	type Standing,
	type Suspicion,
} from "./driver.ts";
import { TableReader } from "./nft-listing.ts";
import { startMonitor } from "./nft-monitor.ts";
import { firstLine, runNft } from "./nft-program.ts";
import { NftSession, SessionLost } from "./nft-session.ts";

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
}

/** A session reads a line at a time, and reading one takes time by the square of its length. */
const lineLengthMax = 8_000;
/** A change in a session waits for a replace that is under way in the kernel, some seconds where the set is large. */
const sessionTimeoutMs = 10_000;
const programTimeoutMs = 15_000;
/** Twenty times what an idle machine needs. */
const programTimeoutMsPerElement = 0.2;
/** How often it is looked whether the stamp is still there. */
const glanceMs = 200;
/** What is seen at a glance may be told by the monitor, with a name, a moment later. */
const monitorDelayMs = 100;
/**
 * `nft monitor` begins by reading every element of the machine, 0.65 KB each, and keeps them. Beyond this it is only started
 * while the table is empty, which it is at boot.
 */
const monitorElementsMax = 150_000;
/** How often it is tried to be heard by the monitor, and how long it may take each time. */
const nudgesMax = 20;
const nudgeMs = 250;
/** Ids of own processes are remembered so long that their last report has come. */
const ownPidsMax = 1_000;

export class Nftables implements Driver {
	readonly name = "nftables";
	readonly #options: NftablesOptions;
	readonly #session: NftSession;
	readonly #own = new Set<number>();
	#monitor: { readonly stop: () => void } | null = null;
	#glance: NodeJS.Timeout | undefined;
	#onSuspicion: (suspicion: Suspicion) => void = () => {};
	#onOwn: () => void = () => {};
	/** What has to stand, null when nobody knows. */
	#expected: Standing | null = null;
	/** How the table looks around its elements: from the first listing after this driver had loaded it. */
	#structure: string | null = null;
	#isLoaded: boolean = false;
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
	}

	async open(): Promise<Standing> {
		await mkdir(this.#options.folder, { recursive: true, mode: 0o700 });
		const standing = await this.standing();
		this.#grow(standing);
		if (standing === "gone") await this.shut();
		else this.#expected = standing;
		return standing === "gone" ? "closed" : standing;
	}

	async shut(): Promise<void> {
		await this.#write("closed", () =>
			this.#load([closedGateText(this.#options.ruleset)]),
		);
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
		);
	}

	async replace({ elements, position }: Target): Promise<void> {
		await this.#write(position, () =>
			this.#load(loadPieces(this.#options.ruleset, elements.lists(), position)),
		);
		this.#isLoaded = true;
	}

	async cut(elements: readonly string[]): Promise<void> {
		const del = elements.filter((element) => !setOf(element).startsWith("n"));
		await this.#transact(changeText(this.#family, { del, add: [] }, null));
	}

	async list(): Promise<Listing> {
		const reader = new TableReader();
		await this.#runProgram(
			["-j", ...listCommands.table(this.#family).split(" ")],
			(piece) => reader.take(piece),
		);
		const { elements, odd, structure } = reader.end();
		if (this.#isLoaded) this.#structure ??= structure;
		const isIntact =
			odd.length === 0 && structure === (this.#structure ?? structure);
		return { elements, odd, isIntact };
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
		if (typeof this.#expected === "string") await this.#loadEmpty();
		if (this.#size > monitorElementsMax)
			this.#options.log(
				`the table holds ${this.#size} elements: changes by others are found by the regular check, and without a name`,
			);
		else await this.#listen();
		if (this.#isEnded) return;
		this.#glance = setInterval(() => void this.#look(), glanceMs);
		this.#glance.unref();
	}

	close(): void {
		this.#isEnded = true;
		clearInterval(this.#glance);
		this.#monitor?.stop();
		this.#session.end();
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
			await writePieces(path, pieces);
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

	/** The table without elements, as closed as the gate. What it looks like is remembered while listing it is cheap. */
	async #loadEmpty(): Promise<void> {
		await this.#write("closed", () =>
			this.#load([rulesetText(this.#options.ruleset)]),
		);
		this.#isLoaded = true;
		await this.list();
	}

	async #write(after: Standing, work: () => Promise<void>): Promise<void> {
		this.#grow(after);
		this.#expected = null;
		await work();
		this.#expected = after;
	}

	#grow(standing: Standing): void {
		if (typeof standing !== "string")
			this.#largest = Math.max(this.#largest, standing.n);
	}

	/** Elements that are said to be there. */
	get #size(): number {
		const expected = this.#expected;
		return expected === null || typeof expected === "string" ? 0 : expected.n;
	}

	/** Whether what was written last is still there: the net below the monitor, which may die, or not run at all. */
	async #look(): Promise<void> {
		const expected = this.#expected;
		if (expected === null) return;
		const standing = await this.standing().catch(() => null);
		if (standing === null || isSameStanding(standing, expected)) return;
		setTimeout(
			() => {
				// Unless something was written since, which makes what was seen old.
				if (this.#expected === expected)
					this.#suspect({ by: null, isGone: standing === "gone" });
			},
			this.#monitor === null ? 0 : monitorDelayMs,
		);
	}

	#suspect(suspicion: Suspicion): void {
		if (this.#isEnded) return;
		// It is being mended: a glance would only see it again.
		if (suspicion.isGone) this.#expected = null;
		this.#onSuspicion(suspicion);
	}

	/** Starts the monitor and makes changes that change nothing until it has heard of one: before that it would miss others. */
	async #listen(): Promise<void> {
		const heard = new AbortController();
		this.#onOwn = () => heard.abort();
		this.#startMonitor();
		for (let i = 0; i < nudgesMax && !heard.signal.aborted; i++) {
			if (this.#isEnded) return;
			await this.#nudge();
			await pause(nudgeMs, undefined, { signal: heard.signal }).catch(() => {});
		}
		if (!heard.signal.aborted) this.#options.log("nft monitor says nothing");
	}

	async #nudge(): Promise<void> {
		const expected = this.#expected;
		if (expected === null || typeof expected === "string")
			await this.#loadEmpty();
		else await this.#stamp(expected);
	}

	#stamp(position: Position): Promise<void> {
		return this.#transact(
			changeText(this.#family, { del: [], add: [] }, position),
		);
	}

	#startMonitor(): void {
		if (this.#isEnded) return;
		const monitor = startMonitor({
			program: this.#options.program,
			table: `${this.#family} ${tableName}`,
			isOwn: (pid) => this.#own.has(pid),
			onOwn: () => this.#onOwn(),
			onSuspicion: (suspicion) => this.#suspect(suspicion),
			onEnd: () => this.#monitorEnded(),
		});
		this.#monitor = monitor;
	}

	#monitorEnded(): void {
		this.#monitor = null;
		if (this.#isEnded) return;
		this.#options.log("nft monitor ended");
		this.#suspect({ by: null, isGone: false });
		if (this.#size > monitorElementsMax) return;
		setTimeout(() => this.#startMonitor(), 5_000).unref();
	}

	#remember(pid: number): void {
		this.#own.add(pid);
		const [oldest] = this.#own;
		if (this.#own.size > ownPidsMax && oldest !== undefined)
			this.#own.delete(oldest);
	}
}

function isSameStanding(left: Standing, right: Standing): boolean {
	if (typeof left === "string" || typeof right === "string")
		return left === right;
	return isSamePosition(left, right);
}

/** The lines of a text as one: a session takes the end of a line for the end of a transaction. */
function inOneLine(text: string): string {
	return text
		.replace(/([{,])\n\s*/g, "$1 ")
		.replace(/\n\s*\}/g, " }")
		.trim()
		.replace(/\n\s*/g, "; ");
}
