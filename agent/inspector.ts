/** Compares what stands with what should: on a suspicion, and now and then. What differs is mended and told of. */
import { setTimeout as pause } from "node:timers/promises";
import { type Drift, edgeLimits } from "../contract/edge-protocol.ts";
import type { Driver, Listing, Suspicion } from "./drivers/driver.ts";
import { ElementSet } from "./element-set.ts";
import type { Gate } from "./gate.ts";
import type { Target } from "./plan.ts";

export interface InspectorOptions {
	readonly driver: Driver;
	readonly gate: Gate;
	readonly now: () => Date;
	/** Told when it was found that what stands is right. */
	readonly onRight: () => void;
	/** Told of a check that could not be made. */
	readonly onFailure: (error: unknown) => void;
}

/** Between two checks, so that somebody who changes the table all the time does not keep the machine busy listing it. */
const pauseMs = 1_000;

export class Inspector {
	readonly #options: InspectorOptions;
	#isAtWork: boolean = false;
	/** Why to look again as soon as the check under way is done. */
	#again: Suspicion | null = null;
	#listed: { readonly target: Target; readonly sum: string } | null = null;

	constructor(options: InspectorOptions) {
		this.#options = options;
	}

	/** Sum of what was listed, null when that was before the last change. */
	get listedSum(): string | null {
		return this.#listed !== null &&
			this.#listed.target === this.#options.gate.have
			? this.#listed.sum
			: null;
	}

	/** Looks at once. A suspicion that comes while it looks makes it look again. */
	async check(suspicion: Suspicion): Promise<void> {
		if (suspicion.isGone || suspicion.isBroken === true) {
			this.#restore(suspicion);
			return;
		}
		if (this.#isAtWork) {
			const before = this.#again;
			this.#again =
				before?.wasGone === true ? { ...suspicion, ...before } : suspicion;
			return;
		}
		this.#isAtWork = true;
		try {
			await this.#compare(suspicion);
			while (this.#again !== null) {
				await pause(pauseMs, undefined, { ref: false });
				const next = this.#again;
				this.#again = null;
				await this.#compare(next);
			}
		} catch (error) {
			this.#options.onFailure(error);
		} finally {
			this.#isAtWork = false;
		}
	}

	async #compare({ by, wasGone }: Suspicion): Promise<void> {
		const { driver, gate } = this.#options;
		// Nobody knows what stands while it is written anew.
		if (gate.have === null) await gate.settled();
		while (gate.isReplacing) await gate.settled();
		// Still null: nothing is wanted, and nothing may pass.
		const before = gate.have;
		const touched = new Set<string>();
		let isStale = false;
		const stop = gate.onBatch((batch) => {
			if (batch.kind === "replace") isStale = true;
			if (batch.kind !== "change") return;
			for (const element of batch.delta.del) touched.add(element);
			for (const element of batch.delta.add) touched.add(element);
		});
		const listing = await this.#list().finally(stop);
		if (listing === "gone") return this.#restore({ by: null, isGone: true });
		if (isStale) return;
		// Batches meanwhile make no difference: what they touched is not compared.
		const wanted = driver.asHeld(before?.elements ?? ElementSet.empty);
		const { del, add } = listing.elements.deltaTo(wanted);
		const extra = del
			.filter((element) => !touched.has(element))
			.concat(listing.odd);
		const missing = add.filter((element) => !touched.has(element));
		if (extra.length + missing.length === 0 && listing.isIntact) {
			if (before !== null && touched.size === 0)
				this.#listed = { target: before, sum: before.position.sum };
			if (wasGone && by !== null) gate.name(by);
			this.#options.onRight();
			return;
		}
		gate.mend({
			delta:
				before !== null && listing.isIntact
					? { del: extra, add: missing }
					: null,
			drift: this.#driftOf({ extra, missing, by }),
		});
	}

	async #list(): Promise<Listing | "gone"> {
		const { driver } = this.#options;
		return (await driver.standing()) === "gone" ? "gone" : await driver.list();
	}

	#restore({ by, isGone }: Suspicion): void {
		const { gate } = this.#options;
		const lost = isGone ? gate.have?.elements : undefined;
		const drift = this.#driftOf({ extra: [], missing: firstOf(lost), by });
		gate.mend({
			delta: null,
			drift: { ...drift, missingCount: lost?.size ?? 0, tableGone: isGone },
		});
	}

	#driftOf(found: {
		readonly extra: readonly string[];
		readonly missing: readonly string[];
		readonly by: string | null;
	}): Drift {
		const few = (elements: readonly string[]) =>
			elements.slice(0, edgeLimits.driftElementsMax);
		return {
			extra: few(found.extra),
			missing: few(found.missing),
			extraCount: found.extra.length,
			missingCount: found.missing.length,
			tableGone: false,
			by: found.by,
			foundAt: this.#options.now().toISOString(),
			repairedAt: null,
		};
	}
}

/** A few of them, to be named. */
function firstOf(elements: ElementSet | undefined): string[] {
	const few: string[] = [];
	for (const element of elements?.texts() ?? []) {
		if (few.length === edgeLimits.driftElementsMax) break;
		few.push(element);
	}
	return few;
}
