/**
 * The one place from which a driver is driven. It knows what is wanted and what stands, and works until they are the same;
 * whatever comes to be wanted meanwhile is the next batch. A revoke waits for nothing but a small transaction before it.
 */
import { setTimeout as pause } from "node:timers/promises";
import type { Drift } from "../contract/edge-protocol.ts";
import type { Alarms } from "./alarms.ts";
import type { Driver } from "./drivers/driver.ts";
import type { Delta } from "./element-set.ts";
import { BackOff } from "./feed/back-off.ts";
import { isSamePosition, type Plan, plan, type Target } from "./plan.ts";

export interface GateOptions {
	readonly driver: Driver;
	/** Called after each batch that the driver has made true. */
	readonly onApplied: (applied: Target) => void;
	/** Called with what was found to differ: when it is found, once it is mended, and should it then be told who did it. */
	readonly onDrift: (drift: Drift) => void;
	readonly alarms: Alarms;
	readonly now: () => Date;
	readonly random: () => number;
}

/** What a check found, to be mended between two batches. */
interface Repair {
	readonly drift: Drift;
	/** Null when everything has to be written anew. */
	readonly delta: Delta | null;
}

/** Who emptied a table is told so long after the repair at most, also by a kernel that is busy with a large one. */
const lateMs = 30_000;

export class Gate {
	readonly #options: GateOptions;
	readonly #backOff: BackOff;
	#want: Target | null = null;
	/** Null when nobody knows what stands. */
	#have: Target | null = null;
	/** What a `replace` that is under way will bring. */
	#replacing: Target | null = null;
	/** What a small batch that is under way does. */
	#changing: Delta | null = null;
	#repairs: { drift: Drift; readonly delta: Delta | null }[] = [];
	/** The last that was mended. */
	#mended: Drift | null = null;
	/** Why everything may pass: there is nothing of ours, or its rules are others. Null when that is not so, or closed. */
	#open: "gone" | "broken" | null = null;
	/** Ends the wait after a failure. */
	#hurry = new AbortController();
	/** How often it was found so: what is told while it is being closed is not forgotten. */
	#openings = 0;
	#isAtWork: boolean = false;
	/** How often it was asked to work. */
	#asked = 0;
	#settled: (() => void)[] = [];
	readonly #ending = new AbortController();
	/** Told of each batch, for as long as somebody compares. */
	#onBatch: (batch: Plan) => void = () => {};

	constructor(options: GateOptions) {
		this.#options = options;
		this.#backOff = new BackOff({
			firstMs: 200,
			maxMs: 5_000,
			random: options.random,
		});
	}

	/** What stands as far as the gate knows, null when it does not. */
	get have(): Target | null {
		return this.#have;
	}

	/** Whether everything is being written anew. */
	get isReplacing(): boolean {
		return this.#replacing !== null;
	}

	/** Whether everything may pass: what stood was found to be gone or taken apart, and could not be closed yet. */
	get isOpen(): boolean {
		return this.#open !== null;
	}

	/** Asks for a set, and returns at once. */
	want(target: Target): void {
		this.#want = target;
		this.#cutAhead(target);
		this.#begin();
	}

	/** Has something mended. What is gone, or broken, and is so again while it is being written anew is one repair. */
	mend(repair: Repair): void {
		const { drift, delta } = repair;
		const last = this.#repairs.at(-1);
		if (last !== undefined && isSameWhole(last, repair))
			last.drift = { ...last.drift, by: last.drift.by ?? drift.by };
		else {
			this.#repairs.push({ ...repair });
			this.#options.onDrift(drift);
		}
		if (delta === null) {
			this.#open = drift.tableGone ? (this.#open ?? "gone") : "broken";
			this.#openings++;
			this.#hurry.abort();
			this.#hurry = new AbortController();
		}
		this.#begin();
	}

	/** Says who emptied the table that was mended a moment ago, without a name then: a busy kernel tells late. */
	name(by: string): void {
		const mended = this.#mended;
		if (mended?.tableGone !== true || mended.by !== null) return;
		const sinceMs =
			this.#options.now().getTime() - Date.parse(mended.repairedAt ?? "");
		if (sinceMs > lateMs) return;
		this.#mended = { ...mended, by };
		this.#options.onDrift(this.#mended);
	}

	/** Calls back for the change that is under way, and for every batch until the returned function is called. */
	onBatch(listener: (batch: Plan) => void): () => void {
		this.#onBatch = listener;
		if (this.#changing !== null)
			listener({ kind: "change", delta: this.#changing });
		return () => {
			this.#onBatch = () => {};
		};
	}

	/** Resolves when what is wanted stands, or the gate was ended. */
	async settled(): Promise<void> {
		if (this.#isAtWork)
			await new Promise<void>((resolve) => this.#settled.push(resolve));
	}

	/** Lets the transaction that is under way end, and begins no other. */
	async end(): Promise<void> {
		this.#ending.abort();
		await this.settled();
	}

	#begin(): void {
		this.#asked++;
		if (this.#isAtWork || this.#ending.signal.aborted) return;
		this.#isAtWork = true;
		void this.#work();
	}

	async #work(): Promise<void> {
		while (!this.#ending.signal.aborted) {
			const hurry = this.#hurry.signal;
			const asked = this.#asked;
			try {
				const isDone = !(await this.#step());
				this.#options.alarms.clear("driver_failed");
				this.#backOff.reset();
				if (isDone && this.#asked === asked) break;
			} catch (error) {
				this.#have = null;
				this.#options.alarms.raise("driver_failed", messageOf(error));
				await pause(this.#backOff.next(), undefined, {
					signal: AbortSignal.any([this.#ending.signal, hurry]),
				}).catch(() => {});
			}
		}
		this.#isAtWork = false;
		for (const resolve of this.#settled.splice(0)) resolve();
	}

	/** One batch; false when there is nothing to do. */
	async #step(): Promise<boolean> {
		const [repair] = this.#repairs;
		if (repair !== undefined) {
			await this.#mendNow(repair.delta);
			this.#repairs.shift();
			const repairedAt = this.#options.now().toISOString();
			this.#mended = { ...repair.drift, repairedAt };
			this.#options.onDrift(this.#mended);
			return true;
		}
		if (this.#open !== null) {
			// It was gone or broken once more when the repair was all but done.
			await this.#mendNow(null);
			return true;
		}
		const want = this.#want;
		if (want === null) return false;
		const batch = plan(this.#have, want);
		if (batch.kind === "nothing") return false;
		if (batch.kind === "change") await this.#change(batch.delta, want);
		else await this.#replace(want);
		this.#options.onApplied(want);
		return true;
	}

	async #change(delta: Delta, after: Target): Promise<void> {
		this.#changing = delta;
		this.#onBatch({ kind: "change", delta });
		try {
			await this.#options.driver.apply(delta, after);
			this.#have = after;
		} finally {
			this.#changing = null;
		}
	}

	async #replace(want: Target): Promise<void> {
		this.#replacing = want;
		this.#onBatch({ kind: "replace" });
		try {
			await this.#options.driver.replace(want);
			this.#have = want;
		} finally {
			this.#replacing = null;
		}
	}

	/**
	 * A revoke does not wait for a `replace`, which takes seconds where the set is large: it is done beside it, and once more
	 * after it, as the batch that the difference makes. Should it fail here, that batch does it.
	 */
	#cutAhead(target: Target): void {
		if (this.#replacing === null) return;
		const { del } = this.#replacing.elements.deltaTo(target.elements);
		if (del.length > 0) this.#options.driver.cut(del).catch(() => {});
	}

	async #mendNow(delta: Repair["delta"]): Promise<void> {
		while (this.#open !== null) await this.#close();
		const have = this.#have;
		if (have !== null) {
			// What was changed on purpose since the comparison is right as it is; of a table that is back only the stamp is written.
			const { elements } = have;
			const { del, add } = delta ?? { del: [], add: [] };
			const wrong = {
				del: del.filter((element) => !elements.has(element)),
				add: add.filter((element) => elements.has(element)),
			};
			await this.#change(wrong, have);
		}
		const want = this.#want;
		if (have !== null || want === null) return;
		await this.#replace(want);
		this.#options.onApplied(want);
	}

	/**
	 * First of all nothing passes: what is to follow may take long, or not be possible. A table that was gone may have been
	 * brought back already by a batch; one of the name alone, which somebody else has made, closes nothing.
	 */
	async #close(): Promise<void> {
		const { driver } = this.#options;
		const why = this.#open;
		const openings = this.#openings;
		const have = this.#have?.position;
		// Who cannot say what stands may still be able to close.
		const standing = await driver.standing().catch(() => "gone" as const);
		const isBack =
			why === "gone" &&
			typeof standing !== "string" &&
			have !== undefined &&
			isSamePosition(standing, have);
		if (!isBack) {
			this.#have = null;
			this.#onBatch({ kind: "replace" });
			await driver.shut();
		}
		// It may be gone once more already.
		if (this.#openings === openings) this.#open = null;
	}
}

/** Whether both have everything written anew for the same reason, and nothing else is told of them. */
function isSameWhole(a: Repair, b: Repair): boolean {
	const isBare = ({ delta, drift }: Repair) =>
		delta === null &&
		(drift.tableGone || drift.extraCount + drift.missingCount === 0);
	return isBare(a) && isBare(b) && a.drift.tableGone === b.drift.tableGone;
}

export function messageOf(error: unknown): string {
	return error instanceof Error ? error.message : String(error);
}
