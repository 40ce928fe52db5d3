/** How far an import is, on a terminal: one line that is written over every second. */
import type { Counts } from "./import-inventory.ts";

export interface Progress {
	show(counts: Counts): void;
	/** Writes a line of its own. */
	say(line: string): void;
	seconds(): number;
	/** Takes the line away; may be called again. */
	end(): void;
}

interface Output {
	readonly isTTY?: boolean;
	write(text: string): unknown;
}

const erased = "\r\u001b[K";
const everyMs = 1_000;

/** Shows nothing where nobody looks. */
export function showProgress(output: Output): Progress {
	const startedAt = performance.now();
	const isSeen = output.isTTY === true;
	let counts: Counts | undefined;
	let before = 0;
	const seconds = () => (performance.now() - startedAt) / 1_000;

	function draw(): void {
		if (counts === undefined) return;
		const { lines, refused } = counts;
		const count = (value: number) => value.toLocaleString("en");
		const rate = count(Math.max(0, lines - before));
		before = lines;
		output.write(
			`${erased}${count(lines)} lines, ${rate}/s${refused > 0 ? `, ${count(refused)} refused` : ""}`,
		);
	}

	const timer = isSeen ? setInterval(draw, everyMs) : undefined;
	timer?.unref();
	return {
		show(latest) {
			counts = latest;
		},
		say(line) {
			output.write(`${isSeen ? erased : ""}${line}\n`);
		},
		seconds,
		end() {
			clearInterval(timer);
			if (isSeen && counts !== undefined) output.write(erased);
			counts = undefined;
		},
	};
}
