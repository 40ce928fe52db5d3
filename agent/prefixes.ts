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

	/** How much of each family they are together, as a part of all its addresses; none is taken to lie in another. */
	get shares(): { readonly v4: number; readonly v6: number } {
		const share = (words: number) =>
			this.#networks
				.filter((network) => network.words.length === words)
				.reduce((sum, { length }) => sum + 2 ** -length, 0);
		return { v4: share(1), v6: share(4) };
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

/**
 * Networks that a feed says a site has, and that it vouches for itself. No provider's site has more than four /8 of IPv4 or
 * four /16 of IPv6; whoever says more would have everything opened. What a machine's own configuration says is not asked.
 *
 * @throws RangeError on more, and on what is no network
 */
export function networksOfSite(texts: readonly string[]): Prefixes {
	const networks = new Prefixes(texts);
	const { v4, v6 } = networks.shares;
	if (v4 > 4 * 2 ** -8 || v6 > 4 * 2 ** -16)
		throw new RangeError(
			`networks of a site that are larger than four /8, or four /16 of IPv6: ${texts.slice(0, 8).join(", ")}`,
		);
	return networks;
}
