/** Tells of lines that were refused: the first few to whoever looks, all of them to a file, never what stood in them. */
import { type FileHandle, open } from "node:fs/promises";
import { errorCode, StartFailure } from "../../platform/start-failure.ts";
import type { BadLine } from "./read-batches.ts";

/** More than these on a terminal help nobody. */
const shownMax = 20;

export interface BadLines {
	/** Lines in growing order; those that were told of before are left out. */
	tell(bad: readonly BadLine[]): Promise<void>;
	/** Says how many there were beyond those shown. */
	close(): Promise<void>;
}

/** Throws a StartFailure when the file cannot be written. */
export async function tellBadLines({
	show,
	file,
}: {
	readonly show: (line: string) => void;
	readonly file: string | undefined;
}): Promise<BadLines> {
	const handle = file === undefined ? undefined : await create(file);
	let told = 0;
	let last = 0;
	return {
		async tell(bad) {
			// A transaction that is tried again comes by the same lines again.
			const fresh = bad.filter(({ number }) => number > last);
			for (const line of fresh.slice(0, Math.max(0, shownMax - told)))
				show(sentence(line));
			told += fresh.length;
			last = fresh.at(-1)?.number ?? last;
			await handle?.write(fresh.map((line) => `${json(line)}\n`).join(""));
		},
		async close() {
			const more = told - shownMax;
			if (more > 0)
				show(
					`… and ${more.toLocaleString("en")} more${file === undefined ? "; --errors FILE keeps them all" : `, all in ${file}`}.`,
				);
			await handle?.close();
		},
	};
}

async function create(path: string): Promise<FileHandle> {
	try {
		// Never over something else: it could be what is imported.
		return await open(path, "wx", 0o600);
	} catch (error) {
		const code = errorCode(error);
		throw new StartFailure(
			code === "EEXIST"
				? `--errors: ${path} is there already. Name a file that is not.`
				: `--errors: ${path} cannot be written (${code}).`,
			{ cause: error },
		);
	}
}

function sentence({ number, refusal }: BadLine): string {
	const { faults, detail } = refusal;
	const what =
		faults.length === 0
			? [detail]
			: faults.map((fault) => `${fault.pointer} ${fault.detail}`.trimStart());
	return `line ${number}: ${what.slice(0, 3).join(" ")}`;
}

function json({ number, refusal }: BadLine): string {
	const { detail, faults } = refusal;
	return JSON.stringify({ line: number, detail, errors: faults });
}
