/** Reads lines into batches of reports, each as large as one transaction shall be. */
import type { InventoryReport } from "../../domain/inventory/save-inventory.ts";
import {
	inventoryLineReader,
	lineBytesMax,
} from "../../http/desk/inventory-line.ts";
import { Refusal } from "../../kernel/errors.ts";
import { type Line, readLines } from "./read-lines.ts";

export interface BadLine {
	readonly number: number;
	readonly refusal: Refusal;
}

export interface Batch {
	readonly reports: readonly {
		readonly number: number;
		readonly report: InventoryReport;
	}[];
	/** Lines that say nothing that could be reported. */
	readonly bad: readonly BadLine[];
}

/** What is held of a file at a time. Larger batches are no faster, and hold their clients locked for longer. */
const linesMax = 500;
const bytesMax = 4 * lineBytesMax;

export async function* readBatches(
	source: AsyncIterable<Buffer>,
): AsyncGenerator<Batch> {
	const read = inventoryLineReader();
	let batch = emptyBatch();
	for await (const lines of readLines(source, lineBytesMax))
		for (const line of lines) {
			addLine(batch, line, read);
			if (batch.lines < linesMax && batch.bytes < bytesMax) continue;
			yield batch;
			batch = emptyBatch();
		}
	if (batch.lines > 0) yield batch;
}

function emptyBatch() {
	const reports: Batch["reports"][number][] = [];
	const bad: BadLine[] = [];
	return { lines: 0, bytes: 0, reports, bad };
}

function addLine(
	batch: ReturnType<typeof emptyBatch>,
	{ number, bytes }: Line,
	read: (line: Buffer) => InventoryReport,
): void {
	batch.lines += 1;
	batch.bytes += bytes?.length ?? 0;
	try {
		if (bytes === undefined) throw new Refusal("request.invalid", tooLong);
		batch.reports.push({ number, report: read(bytes) });
	} catch (error) {
		if (!(error instanceof Refusal)) throw error;
		batch.bad.push({ number, refusal: error });
	}
}

const tooLong = {
	detail: `A line may have at most ${lineBytesMax.toLocaleString("en")} bytes.`,
};

/** The same, with the next one being read while one is worked on. */
export async function* readAhead<Item>(
	source: AsyncIterable<Item>,
): AsyncGenerator<Item> {
	const items = source[Symbol.asyncIterator]();
	const pull = () => {
		const next = items.next();
		// Thrown where it is awaited; until then nobody is listening.
		next.catch(() => {});
		return next;
	};
	try {
		let next = pull();
		for (;;) {
			const { done, value } = await next;
			if (done === true) return;
			next = pull();
			yield value;
		}
	} finally {
		await items.return?.();
	}
}
