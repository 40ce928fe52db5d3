/**
 * Looks whether what was written still stands, in three ways of which none is enough: `nft monitor` tells at once what was
 * done and by whom, and misses things; the stamp is read five times a second, and tells of a table that is gone or was
 * replaced; the rules are read each second, and tell of a gate that was taken apart around its elements.
 */
import { setTimeout as pause } from "node:timers/promises";
import { isSamePosition } from "../plan.ts";
import type { Standing, Suspicion } from "./driver.ts";
import { startMonitor } from "./nft-monitor.ts";

export interface TableWatchOptions {
	readonly program: string;
	/** `inet port25` */
	readonly table: string;
	readonly log: (line: string) => void;
	readonly onSuspicion: (suspicion: Suspicion) => void;
	readonly standing: () => Promise<Standing>;
	/** The rules of the table as text: another one when they are others. */
	readonly rules: () => Promise<string>;
	/** Makes a change that changes nothing. */
	readonly nudge: () => Promise<void>;
	readonly isOwn: (pid: number) => boolean;
	/** Other times than the usual ones, for tests that cannot wait so long. */
	readonly times?: Partial<typeof usual>;
}

/**
 * What has to stand. `something`: a write failed, so nobody knows what stands, but it is not nothing. Null while something is
 * written or mended: what is seen then is old when it is told.
 */
type Expected = Standing | "something" | null;

const usual = {
	glanceMs: 200,
	/** The rules of all tables of the family are read, without elements: some milliseconds. */
	rulesMs: 1_000,
	/** Elements are compared so often while no monitor runs. */
	compareMs: 60_000,
	/** From so many elements on a monitor is only started while the table is smaller, which it is at boot. */
	monitorElementsMax: 150_000,
};
/** Where others have so many rules that reading them takes long, they are read less often. */
const rulesShare = 0.05;
/** What is seen at a glance may be told by the monitor, with a name, a moment later. */
const monitorDelayMs = 100;
/** How often it is tried to be heard by the monitor, and how long it may take each time. */
const nudgesMax = 20;
const nudgeMs = 250;
const monitorAgainMs = 5_000;

export class TableWatch {
	readonly #options: TableWatchOptions;
	readonly #times: typeof usual;
	readonly #ending = new AbortController();
	/** Another object each time that something was written, also when it is the same again. */
	#expected: { readonly standing: Expected } = { standing: null };
	/** Null when they are not known. */
	#rules: string | null = null;
	#monitor: { readonly stop: () => void } | null = null;
	#onOwn: () => void = () => {};
	#isLooking: boolean = false;

	constructor(options: TableWatchOptions) {
		this.#options = options;
		this.#times = { ...usual, ...options.times };
	}

	get expected(): Expected {
		return this.#expected.standing;
	}

	/** Says what has to stand from now on. */
	expect(standing: Expected): void {
		this.#expected = { standing };
	}

	/** Says which rules have to stand from now on; null when nobody knows. */
	expectRules(rules: string | null): void {
		this.#rules = rules;
	}

	/** To be called while a set is expected, or none. May be called again when it failed. */
	async start(): Promise<void> {
		this.#monitor?.stop();
		if (this.#isLarge)
			this.#options.log(
				`the table holds ${this.#size} elements: those that others change are found within a minute, and without a name`,
			);
		else await this.#listen();
		if (this.#isLooking) return;
		this.#isLooking = true;
		const { glanceMs, rulesMs, compareMs } = this.#times;
		void this.#repeat(glanceMs, () => this.#glance());
		void this.#repeat(rulesMs, () => this.#compareRules());
		void this.#repeat(compareMs, () => this.#compareElements());
	}

	stop(): void {
		this.#ending.abort();
		this.#monitor?.stop();
	}

	get #isEnded(): boolean {
		return this.#ending.signal.aborted;
	}

	/** Elements that are said to be there. */
	get #size(): number {
		const { expected } = this;
		return expected === null || typeof expected === "string" ? 0 : expected.n;
	}

	/** It begins by reading every element of the machine, 0.65 KB each, and keeps them. */
	get #isLarge(): boolean {
		return this.#size > this.#times.monitorElementsMax;
	}

	async #glance(): Promise<void> {
		const expected = this.#expected;
		if (expected.standing === null) return;
		const standing = await this.#options.standing();
		if (isAsExpected(standing, expected.standing)) return;
		if (this.#monitor !== null) await this.#pause(monitorDelayMs);
		// Unless something was written since, which makes what was seen old.
		if (this.#expected === expected)
			this.#suspect({ by: null, isGone: standing === "gone" });
	}

	async #compareRules(): Promise<void> {
		const expected = this.#expected;
		const beganMs = performance.now();
		const harm = await this.#harm();
		if (harm !== null) {
			// Somebody may have been named.
			if (this.#monitor !== null) await this.#pause(monitorDelayMs);
			if (this.#expected === expected) this.#suspect({ by: null, ...harm });
		}
		await this.#pause((performance.now() - beganMs) / rulesShare);
	}

	/** What is wrong when the rules are not those that were written. */
	async #harm(): Promise<Omit<Suspicion, "by"> | null> {
		const expected = this.#expected;
		const rules = this.#rules;
		if (expected.standing === null || rules === null) return null;
		const found = await this.#options.rules();
		if (found === rules || this.#expected !== expected) return null;
		// A table that is gone has no rules, either.
		const isGone = (await this.#options.standing()) === "gone";
		if (this.#expected !== expected) return null;
		return isGone ? { isGone } : { isGone, isBroken: true };
	}

	/** What the monitor says of our table may be about an element, or about a rule, which is the worse and soon known. */
	async #judge(suspicion: Suspicion): Promise<void> {
		if (suspicion.isGone && (await this.#isBack().catch(() => false)))
			return this.#suspect({ ...suspicion, isGone: false, wasGone: true });
		const harm = suspicion.isGone ? null : await this.#harm().catch(() => null);
		this.#suspect({ ...suspicion, ...harm });
	}

	/** A busy monitor tells of a table that is gone when that was seen at a glance, and closed or mended, before. */
	async #isBack(): Promise<boolean> {
		const { expected } = this;
		const standing = await this.#options.standing();
		return expected === null
			? standing !== "gone"
			: isAsExpected(standing, expected);
	}

	async #compareElements(): Promise<void> {
		if (this.#monitor !== null) return;
		if (!this.#isLarge) this.#startMonitor();
		this.#suspect({ by: null, isGone: false });
	}

	#suspect(suspicion: Suspicion): void {
		if (this.#isEnded) return;
		// It is being mended: it would only be seen again.
		if (suspicion.isGone || suspicion.isBroken === true) this.expect(null);
		this.#options.onSuspicion(suspicion);
	}

	/** Starts the monitor and makes changes that change nothing until it has heard of one: before that it would miss others. */
	async #listen(): Promise<void> {
		const heard = new AbortController();
		this.#onOwn = () => heard.abort();
		this.#startMonitor();
		for (let i = 0; i < nudgesMax && !heard.signal.aborted; i++) {
			if (this.#isEnded) return;
			await this.#options.nudge();
			await pause(nudgeMs, undefined, { signal: heard.signal }).catch(() => {});
		}
		if (!heard.signal.aborted) this.#options.log("nft monitor says nothing");
	}

	#startMonitor(): void {
		if (this.#isEnded) return;
		const { program, table, isOwn } = this.#options;
		const monitor = startMonitor({
			program,
			table,
			isOwn,
			onOwn: () => this.#onOwn(),
			onSuspicion: (suspicion) => void this.#judge(suspicion),
			onEnd: () => {
				if (this.#monitor === monitor) this.#monitorEnded();
			},
		});
		this.#monitor = monitor;
	}

	#monitorEnded(): void {
		this.#monitor = null;
		if (this.#isEnded) return;
		this.#options.log("nft monitor ended");
		this.#suspect({ by: null, isGone: false });
		setTimeout(() => {
			if (this.#monitor === null && !this.#isLarge) this.#startMonitor();
		}, monitorAgainMs).unref();
	}

	/** Until the end. What cannot be looked at now is looked at the next time. */
	async #repeat(ms: number, look: () => Promise<void>): Promise<void> {
		for (;;) {
			await this.#pause(ms);
			if (this.#isEnded) return;
			await look().catch(() => {});
		}
	}

	async #pause(ms: number): Promise<void> {
		const { signal } = this.#ending;
		await pause(ms, undefined, { signal, ref: false }).catch(() => {});
	}
}

function isAsExpected(found: Standing, expected: Standing | "something") {
	if (expected === "something") return found !== "gone";
	if (typeof found === "string" || typeof expected === "string")
		return found === expected;
	return isSamePosition(found, expected);
}
