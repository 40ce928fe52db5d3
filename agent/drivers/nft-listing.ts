/** Reads what `nft -j list table` writes as it is written: half a million elements are never in memory as texts. */
import { type Key, keyOf, textOf } from "../canonical.ts";
import { type ElementSet, ElementSetBuilder } from "../element-set.ts";
import { JsonStream } from "../json-stream.ts";
import { readTableDocument } from "../ruleset-listing.ts";

export interface TableListing {
	readonly elements: ElementSet;
	/** What stands in the sets and is no element of a desired set: ranges, elements with a timeout or a comment. */
	readonly odd: readonly string[];
	/** Chains, rules and the declarations of the sets, to be compared with those of another listing. */
	readonly structure: string;
	/** How many elements came a second time. As many others may not have come: the kernel was rearranging a set. */
	readonly repeats: number;
}

/** Rules, networks and what somebody else put there, in characters: of networks there may be some hundred thousand. */
const keptMax = 64 * 1024 * 1024;

export class TableReader {
	readonly #builder = new ElementSetBuilder();
	readonly #decoder = new TextDecoder();
	readonly #stream = new JsonStream((path, text, { name }) => {
		if (path !== "nftables.*.set.elem.*") return false;
		const key = keyIn(String(name), text);
		if (key !== undefined) this.#builder.add(key);
		return key !== undefined;
	}, keptMax);

	/** Throws a SyntaxError on what is not JSON, and a RangeError when there is more in it than in any table of ours. */
	take(piece: Uint8Array): void {
		this.#stream.write(this.#decoder.decode(piece, { stream: true }));
	}

	/** Throws a SyntaxError when it is no listing of a table. */
	end(): TableListing {
		const { elements, structure } = readTableDocument(this.#stream.end());
		const odd = [...elements.v4, ...elements.v6, ...elements.v6_64];
		for (const net of elements.nets) {
			const key = exactKey(net);
			if (key?.list === "nets") this.#builder.add(key);
			else odd.push(net);
		}
		const added = this.#builder.size;
		const built = this.#builder.build();
		return { elements: built, odd, structure, repeats: added - built.size };
	}
}

const listOf: Readonly<Record<string, "v4" | "v6" | "v6_64">> = {
	a4: "v4",
	a6: "v6",
	a6_64: "v6_64",
};

/** The key of a plain element of a set of hosts; undefined for everything else. */
function keyIn(set: string, text: string): Key | undefined {
	const list = listOf[set];
	if (list === undefined) return undefined;
	const key = exactKey(list === "v6_64" ? `${text}/64` : text);
	return key?.list === list ? key : undefined;
}

function exactKey(text: string): Key | undefined {
	const key = keyOf(text);
	return key !== undefined && textOf(key.list, key.words, 0) === text
		? key
		: undefined;
}
