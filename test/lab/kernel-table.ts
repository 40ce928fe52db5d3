/** The table of the agent, as a kernel holds it. */
import { readTable, type TableState } from "../../agent/ruleset-listing.ts";
import type { Namespace } from "./namespace.ts";

const listingsMax = 20;

/** While the kernel rearranges a set that has just grown, a listing shows some elements twice and others not: not this one. */
export function tableIn(space: Pick<Namespace, "run">): TableState {
	for (let times = 0; times < listingsMax; times++) {
		const table = readTable(
			space.run(["nft", "-j", "list", "table", "inet", "port25"]),
		);
		const { v4, v6, v6_64 } = table.elements;
		if ([v4, v6, v6_64].every(areDistinct)) return table;
	}
	throw new Error(`some elements came twice in ${listingsMax} listings`);
}

function areDistinct(texts: readonly string[]): boolean {
	return new Set(texts).size === texts.length;
}
