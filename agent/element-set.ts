/** A set of elements that does not change, packed: what is wanted and what is there are both one of these. */
import type { DesiredSet } from "../contract/edge-protocol.ts";
import {
	type Key,
	keyOf,
	type ListName,
	listNames,
	textOf,
	wordsIn,
} from "./canonical.ts";
import { KeyList, walkDifference } from "./key-list.ts";

/** Elements to take out and to put in, in canonical form; one in both ends up in the set. */
export interface Delta {
	readonly del: readonly string[];
	readonly add: readonly string[];
}

type Lists = Readonly<Record<ListName, KeyList>>;

export class ElementSet {
	readonly #lists: Lists;
	readonly size: number;

	/** `ElementSet.empty`, `ElementSet.of` and `ElementSetBuilder` make them. */
	constructor(lists: Lists) {
		this.#lists = lists;
		this.size = listNames.reduce((n, list) => n + lists[list].size, 0);
	}

	static readonly empty = new ElementSet(
		eachList((list) => KeyList.empty(wordsIn[list])),
	);

	/** In any order. Throws a RangeError on what is neither an address nor a network. */
	static of(texts: Iterable<string>): ElementSet {
		const builder = new ElementSetBuilder();
		for (const text of texts) builder.add(keyOrThrow(text));
		return builder.build();
	}

	has(text: string): boolean {
		const key = keyOf(text);
		return key !== undefined && this.#lists[key.list].has(key.words);
	}

	/** Sorted within each list by value, not by spelling. */
	*texts(only: readonly ListName[] = listNames): Generator<string> {
		for (const list of only) {
			const { words, width } = this.#lists[list];
			for (let i = 0; i < words.length; i += width)
				yield textOf(list, words, i);
		}
	}

	/** Each list by itself, to be read once. */
	lists(): Record<ListName, Iterable<string>> {
		return eachList((list) => this.texts([list]));
	}

	/** Those that pass; the same set when all do. */
	filter(passes: (key: Key) => boolean): ElementSet {
		const builder = new ElementSetBuilder();
		for (const list of listNames) {
			const { words, width } = this.#lists[list];
			for (let i = 0; i < words.length; i += width) {
				const key = { list, words: [...words.subarray(i, i + width)] };
				if (passes(key)) builder.add(key);
			}
		}
		return builder.size === this.size ? this : builder.build();
	}

	with({ del, add }: Delta): ElementSet {
		const [gone, fresh] = [ElementSet.of(del), ElementSet.of(add)];
		return new ElementSet(
			eachList((list) =>
				this.#lists[list].minus(gone.#lists[list]).plus(fresh.#lists[list]),
			),
		);
	}

	/** Those that are in none of `lists`. */
	without(...lists: readonly ListName[]): ElementSet {
		return new ElementSet(
			eachList((list) =>
				lists.includes(list) ? KeyList.empty(wordsIn[list]) : this.#lists[list],
			),
		);
	}

	/** How many elements would have to go, and to come, to make this set the other. */
	distanceTo(other: ElementSet): {
		readonly del: number;
		readonly add: number;
	} {
		let del = 0;
		let add = 0;
		for (const list of listNames)
			walkDifference(this.#lists[list], other.#lists[list], {
				onlyLeft: () => del++,
				onlyRight: () => add++,
			});
		return { del, add };
	}

	/** What makes this set the other. */
	deltaTo(other: ElementSet): Delta {
		const del: string[] = [];
		const add: string[] = [];
		for (const list of listNames) {
			const [ours, theirs] = [this.#lists[list], other.#lists[list]];
			walkDifference(ours, theirs, {
				onlyLeft: (at) => del.push(textOf(list, ours.words, at)),
				onlyRight: (at) => add.push(textOf(list, theirs.words, at)),
			});
		}
		return { del, add };
	}

	equals(other: ElementSet): boolean {
		const { del, add } = this.distanceTo(other);
		return del + add === 0;
	}

	/** As lists of texts that are sorted by code unit, as the protocol has them. For a few elements. */
	toDesiredSet(): DesiredSet {
		return eachList((list) => [...this.texts([list])].sort());
	}
}

/** Grows by one element after the other, for what is read from a stream. */
export class ElementSetBuilder {
	readonly #words = eachList((list) => new WordBuffer(wordsIn[list]));

	/** How many were added, repeats included. */
	size = 0;

	add({ list, words }: Key): void {
		this.#words[list].push(words);
		this.size++;
	}

	/** The texts of one list in the order in which they were added. */
	*added(list: ListName): Generator<string> {
		const words = this.#words[list].words();
		for (let i = 0; i < words.length; i += wordsIn[list])
			yield textOf(list, words, i);
	}

	build(): ElementSet {
		return new ElementSet(
			eachList((list) => KeyList.of(wordsIn[list], this.#words[list].take())),
		);
	}
}

class WordBuffer {
	readonly #width: number;
	#words: Uint32Array;
	#length = 0;

	constructor(width: number) {
		this.#width = width;
		this.#words = new Uint32Array(width * 16);
	}

	push(words: readonly number[]): void {
		if (this.#length === this.#words.length) {
			const larger = new Uint32Array(this.#words.length * 2);
			larger.set(this.#words);
			this.#words = larger;
		}
		this.#words.set(words, this.#length);
		this.#length += this.#width;
	}

	words(): Uint32Array {
		return this.#words.subarray(0, this.#length);
	}

	take(): Uint32Array {
		return this.#words.slice(0, this.#length);
	}
}

function eachList<T>(make: (list: ListName) => T): Record<ListName, T> {
	return {
		v4: make("v4"),
		v6: make("v6"),
		v6_64: make("v6_64"),
		nets: make("nets"),
	};
}

function keyOrThrow(text: string): Key {
	const key = keyOf(text);
	if (key === undefined)
		throw new RangeError(
			`not an address and not a network: "${text.slice(0, 64)}"`,
		);
	return key;
}
