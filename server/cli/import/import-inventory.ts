/** Brings a stream of reports into the database: line by line as far as the caller can tell, in large steps in fact. */
import type { Outcome } from "../../domain/accounts/observation.ts";
import { saveInventory } from "../../domain/inventory/save-inventory.ts";
import { system } from "../../kernel/actor.ts";
import { assert } from "../../kernel/assert.ts";
import { Refusal } from "../../kernel/errors.ts";
import type { Performer, Verb } from "../../platform/perform.ts";
import {
	type BadLine,
	type Batch,
	readAhead,
	readBatches,
} from "./read-batches.ts";

/** Bytes that can be read again from the beginning. */
export type Source = () => AsyncIterable<Buffer>;

export interface Counts {
	readonly lines: number;
	readonly applied: number;
	/** Something newer was stored already. */
	readonly outdated: number;
	readonly refused: number;
}

/** Told of progress as it is made. */
export interface Listener {
	onCounts(counts: Counts): void;
	/** May take its time; the import waits. */
	onBad(bad: readonly BadLine[]): Promise<void>;
	/** Asked between two batches; true ends the import. */
	isStopped(): boolean;
}

export interface ImportJob {
	readonly performer: Pick<Performer, "perform">;
	readonly source: Source;
	readonly listener: Listener;
}

const actor = system("import");
const none: Counts = { lines: 0, applied: 0, outdated: 0, refused: 0 };

/** A bad line stays out, everything else goes in, one batch after the other. */
export async function importGood(job: ImportJob): Promise<Counts> {
	const { performer, source, listener } = job;
	let counts = none;
	for await (const batch of readAhead(readBatches(source()))) {
		const reports = batch.reports.map(({ report }) => report);
		const outcomes =
			reports.length === 0
				? []
				: await performer.perform(actor, saveInventory, reports);
		counts = await settle(listener, { counts, batch, outcomes });
		if (listener.isStopped()) break;
	}
	return counts;
}

/**
 * One bad line, and nothing goes in. Every line is read before the first is stored; then all are stored in one transaction,
 * which holds everything it touches locked until it is done.
 */
export async function importAllOrNothing(job: ImportJob): Promise<Counts> {
	const { performer, source, listener } = job;
	let counts = none;
	for await (const batch of readBatches(source())) {
		counts = await settle(listener, { counts, batch, outcomes: [] });
		if (listener.isStopped()) break;
	}
	if (counts.refused > 0 || listener.isStopped())
		return { ...counts, applied: 0 };
	try {
		return await performer.perform(actor, importWhole, { source, listener });
	} catch (error) {
		if (error instanceof NothingImported) return error.counts;
		throw error;
	}
}

/** Ends the transaction without a trace. */
class NothingImported extends Error {
	override readonly name = "NothingImported";
	readonly counts: Counts;

	constructor(counts: Counts) {
		super("some lines were refused");
		this.counts = counts;
	}
}

const importWhole: Verb<Pick<ImportJob, "source" | "listener">, Counts> = {
	name: "save-inventory",
	async run(tx, { source, listener }) {
		let counts = none;
		for await (const batch of readAhead(readBatches(source()))) {
			const outcomes = await saveInventory.run(
				tx,
				batch.reports.map(({ report }) => report),
			);
			await tx.flush();
			counts = await settle(listener, { counts, batch, outcomes });
			if (listener.isStopped()) break;
		}
		if (counts.refused > 0 || listener.isStopped())
			throw new NothingImported({ ...counts, applied: 0, outdated: 0 });
		return counts;
	},
};

/** Counts a batch, and tells of it. Without outcomes it was only read. */
async function settle(
	listener: Listener,
	{
		counts,
		batch,
		outcomes,
	}: {
		readonly counts: Counts;
		readonly batch: Batch;
		readonly outcomes: readonly Outcome[];
	},
): Promise<Counts> {
	const bad = [...batch.bad];
	let outdated = 0;
	for (const [i, outcome] of outcomes.entries()) {
		const number = batch.reports[i]?.number;
		assert(number !== undefined, "each report has its outcome");
		if (outcome instanceof Refusal) bad.push({ number, refusal: outcome });
		else if (!outcome.applied) outdated += 1;
	}
	if (bad.length > 0)
		await listener.onBad(bad.toSorted((a, b) => a.number - b.number));
	const refused = counts.refused + bad.length;
	const lines = counts.lines + batch.reports.length + batch.bad.length;
	const next = {
		lines,
		refused,
		outdated: counts.outdated + outdated,
		applied: lines - refused - counts.outdated - outdated,
	};
	listener.onCounts(next);
	return next;
}
