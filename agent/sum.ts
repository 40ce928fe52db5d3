/**
 * How two sets are told to be equal without comparing them (`contract/edge-protocol.ts`). The vectors of the test stand in
 * `docs/edge-protocol.md` too.
 */
import crypto from "node:crypto";
import { setImmediate as nextTurn } from "node:timers/promises";

/** The sum of the empty set. */
export const zeroSum = "0".repeat(32);

/**
 * SHA-256 as a string of 32 bytes, "binary" being one byte a character: twice as fast as a Buffer for each element. The
 * one-shot function came with Node 20.12.
 */
const sha256: (text: string) => string =
	typeof crypto.hash === "function"
		? (text) => crypto.hash("sha256", text, "binary")
		: (text) => crypto.createHash("sha256").update(text).digest("binary");

/**
 * The running sum: for each element the first 16 bytes of its SHA-256 as a number, modulo 2^128. Kept as four words that
 * may grow beyond 32 bits for two million steps before they are carried over, which is what reading `text` does.
 */
export class RunningSum {
	#words: [number, number, number, number] = [0, 0, 0, 0];

	static from(text: string): RunningSum {
		const sum = new RunningSum();
		sum.#words = wordsOf(BigInt(`0x${text}`));
		return sum;
	}

	/** The sum of all of them, each counted once for each time it comes. */
	static of(elements: Iterable<string>): RunningSum {
		const sum = new RunningSum();
		for (const element of elements) sum.add(element);
		return sum;
	}

	add(element: string): void {
		this.#step(element, 1);
	}

	subtract(element: string): void {
		this.#step(element, -1);
	}

	/** 32 lower-case hex digits. */
	get text(): string {
		const [a, b, c, d] = this.#words;
		const sum = BigInt.asUintN(
			128,
			(BigInt(a) << 96n) + (BigInt(b) << 64n) + (BigInt(c) << 32n) + BigInt(d),
		);
		this.#words = wordsOf(sum);
		return sum.toString(16).padStart(32, "0");
	}

	#step(element: string, sign: 1 | -1): void {
		const hash = sha256(element);
		const [a, b, c, d] = this.#words;
		this.#words[0] = a + sign * wordAt(hash, 0);
		this.#words[1] = b + sign * wordAt(hash, 4);
		this.#words[2] = c + sign * wordAt(hash, 8);
		this.#words[3] = d + sign * wordAt(hash, 12);
	}
}

/**
 * SHA-256 in hex over all elements of lists that are sorted by code unit, merged into one such list, each followed by a
 * line feed. Half a million elements take half a second, in which others have their turns.
 */
export async function digestOf(
	lists: readonly Iterable<string>[],
): Promise<string> {
	const hash = crypto.createHash("sha256");
	let lines = "";
	for (const element of merged(lists)) {
		lines += `${element}\n`;
		if (lines.length < 0x10000) continue;
		hash.update(lines);
		lines = "";
		await nextTurn();
	}
	return hash.update(lines).digest("hex");
}

/** Several ascending lists as one. */
function* merged(lists: readonly Iterable<string>[]): Generator<string> {
	const heads = lists.map((list) => {
		const rest = list[Symbol.iterator]();
		return { rest, next: rest.next() };
	});
	for (;;) {
		let first: { value: string; head: (typeof heads)[number] } | undefined;
		for (const head of heads) {
			if (head.next.done === true) continue;
			const { value } = head.next;
			if (first === undefined || value < first.value) first = { value, head };
		}
		if (first === undefined) return;
		yield first.value;
		first.head.next = first.head.rest.next();
	}
}

function wordsOf(sum: bigint): [number, number, number, number] {
	const word = (shift: bigint) => Number((sum >> shift) & 0xffffffffn);
	return [word(96n), word(64n), word(32n), word(0n)];
}

function wordAt(bytes: string, at: number): number {
	return (
		((bytes.charCodeAt(at) << 24) |
			(bytes.charCodeAt(at + 1) << 16) |
			(bytes.charCodeAt(at + 2) << 8) |
			bytes.charCodeAt(at + 3)) >>>
		0
	);
}
