/**
 * Many keys of the same number of 32-bit words, sorted and without repeats, packed into one array: half a million IPv4
 * addresses are two megabytes, where a set of strings would be sixty. Lists do not change; what changes them makes another.
 */
export class KeyList {
	/** Words of one key. */
	readonly width: number;
	readonly words: Uint32Array;

	private constructor(width: number, words: Uint32Array) {
		this.width = width;
		this.words = words;
	}

	static empty(width: number): KeyList {
		return new KeyList(width, new Uint32Array(0));
	}

	/** From the words of keys in any order, repeats allowed. The array is taken over. */
	static of(width: number, words: Uint32Array): KeyList {
		return new KeyList(
			width,
			isAscending(words, width)
				? words
				: withoutRepeats(sorted(words, width), width),
		);
	}

	get size(): number {
		return this.words.length / this.width;
	}

	/** Whether the key whose words begin at `at` of `words` is here. */
	has(words: ArrayLike<number>, at = 0): boolean {
		const i = this.#firstFrom(words, at);
		return (
			i < this.size &&
			compare(this.words, i * this.width, words, at, this.width) === 0
		);
	}

	/** Without those keys; the same list when it has none of them. */
	minus(other: KeyList): KeyList {
		const { words, width } = this;
		const hits: number[] = [];
		for (let i = 0; i < other.words.length; i += width)
			if (this.has(other.words, i))
				hits.push(this.#firstFrom(other.words, i) * width);
		if (hits.length === 0) return this;
		const kept = new Uint32Array(words.length - hits.length * width);
		let from = 0;
		let out = 0;
		for (const hit of hits) {
			kept.set(words.subarray(from, hit), out);
			out += hit - from;
			from = hit + width;
		}
		kept.set(words.subarray(from), out);
		return new KeyList(width, kept);
	}

	/** With those keys; the same list when it has all of them. */
	plus(other: KeyList): KeyList {
		const { words, width } = this;
		const fresh: number[] = [];
		for (let i = 0; i < other.words.length; i += width)
			if (!this.has(other.words, i)) fresh.push(i);
		if (fresh.length === 0) return this;
		const all = new Uint32Array(words.length + fresh.length * width);
		let from = 0;
		let out = 0;
		for (const at of fresh) {
			const before = this.#firstFrom(other.words, at) * width;
			all.set(words.subarray(from, before), out);
			out += before - from;
			from = before;
			all.set(other.words.subarray(at, at + width), out);
			out += width;
		}
		all.set(words.subarray(from), out);
		return new KeyList(width, all);
	}

	/** How many keys are smaller. */
	#firstFrom(key: ArrayLike<number>, at: number): number {
		let low = 0;
		let high = this.size;
		while (low < high) {
			const middle = (low + high) >>> 1;
			if (compare(this.words, middle * this.width, key, at, this.width) < 0)
				low = middle + 1;
			else high = middle;
		}
		return low;
	}
}

/** Walks along two lists and tells which keys stand in only one of them; the positions are those of their first words. */
export function walkDifference(
	left: KeyList,
	right: KeyList,
	visit: {
		readonly onlyLeft: (at: number) => void;
		readonly onlyRight: (at: number) => void;
	},
): void {
	const { width } = left;
	let i = 0;
	let j = 0;
	while (i < left.words.length || j < right.words.length) {
		const order =
			i === left.words.length
				? 1
				: j === right.words.length
					? -1
					: compare(left.words, i, right.words, j, width);
		if (order < 0) visit.onlyLeft(i);
		if (order > 0) visit.onlyRight(j);
		if (order <= 0) i += width;
		if (order >= 0) j += width;
	}
}

function compare(
	left: ArrayLike<number>,
	i: number,
	right: ArrayLike<number>,
	j: number,
	width: number,
): number {
	for (let k = 0; k < width; k++) {
		const difference = (left[i + k] ?? 0) - (right[j + k] ?? 0);
		if (difference !== 0) return difference;
	}
	return 0;
}

function isAscending(words: Uint32Array, width: number): boolean {
	for (let i = width; i < words.length; i += width)
		if (compare(words, i - width, words, i, width) >= 0) return false;
	return true;
}

/** Radix sort by bytes, the last one first: it needs no comparison, and the same few steps for any number of keys. */
function sorted(words: Uint32Array, width: number): Uint32Array {
	let from = words;
	let to: Uint32Array = new Uint32Array(words.length);
	for (let byte = 0; byte < width * 4; byte++) {
		const word = width - 1 - (byte >>> 2);
		const shift = 8 * (byte & 3);
		const starts = new Uint32Array(257);
		for (let i = word; i < from.length; i += width)
			count(starts, ((at(from, i) >>> shift) & 0xff) + 1, width);
		// Every key has the same byte here: nothing to move.
		if (starts.includes(from.length, 1)) continue;
		for (let digit = 1; digit < 257; digit++)
			count(starts, digit, at(starts, digit - 1));
		for (let i = 0; i < from.length; i += width) {
			const digit = (at(from, i + word) >>> shift) & 0xff;
			const out = at(starts, digit);
			for (let k = 0; k < width; k++) to[out + k] = at(from, i + k);
			count(starts, digit, width);
		}
		[from, to] = [to, from];
	}
	return from;
}

function withoutRepeats(words: Uint32Array, width: number): Uint32Array {
	let out = width;
	for (let i = width; i < words.length; i += width) {
		if (compare(words, out - width, words, i, width) === 0) continue;
		words.copyWithin(out, i, i + width);
		out += width;
	}
	return out >= words.length ? words : words.slice(0, out);
}

function at(words: Uint32Array, i: number): number {
	return words[i] ?? 0;
}

function count(counts: Uint32Array, i: number, by: number): void {
	counts[i] = at(counts, i) + by;
}
