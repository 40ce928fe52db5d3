/** The networks of a site: an agent opens nothing outside them, whatever the feed says. */
import { type Key, keyOf, maskedWord } from "./canonical.ts";

interface Network {
	/** Words of its first address: one for IPv4, four for IPv6. */
	readonly words: readonly number[];
	readonly length: number;
}

export class Prefixes {
	readonly texts: readonly string[];
	readonly #networks: readonly Network[];

	/** Networks, or single addresses. Throws a RangeError on anything else, the network of all addresses included. */
	constructor(texts: readonly string[]) {
		this.texts = texts;
		this.#networks = texts.map((text) => {
			const key = keyOf(text);
			if (key === undefined) throw new RangeError(`not a network: "${text}"`);
			return networkOf(key);
		});
	}

	/** Whether the whole element lies in one of the networks. */
	contain(key: Key): boolean {
		const { words, length } = networkOf(key);
		return this.#networks.some(
			(network) =>
				network.words.length === words.length &&
				network.length <= length &&
				network.words.every(
					(word, i) => maskedWord(words[i] ?? 0, i, network.length) === word,
				),
		);
	}
}

function networkOf({ list, words }: Key): Network {
	switch (list) {
		case "v4":
			return { words, length: 32 };
		case "v6":
			return { words, length: 128 };
		case "v6_64":
			return { words: [...words, 0, 0], length: 64 };
		case "nets": {
			const [head = 0, ...address] = words;
			const isV4 = head >>> 8 === 4;
			return {
				words: isV4 ? address.slice(0, 1) : address,
				length: head & 0xff,
			};
		}
	}
}
