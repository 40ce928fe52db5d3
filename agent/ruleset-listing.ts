/**
 * Reads back what the kernel holds of the table `port25`, from what `nft -j list …` prints. Tolerant of what a foreign hand
 * may have put there (comments, timeouts, ranges, host bits): it comes out as an element that the desired set does not have.
 */
import type {
	Counters,
	DesiredSet,
	Position,
} from "../contract/edge-protocol.ts";
import { isJson, type Json } from "./json.ts";
import { countSets, stampSet, tableName } from "./ruleset.ts";

/** Commands whose output is read here; each lists one thing, as nft reads the whole table for anything less simple. */
export const listCommands = {
	/** `readTable`. 1 s at 200,000 elements: for the drift check. */
	table: (family: string) => `list table ${family} port25`,
	/**
	 * `readRules`, with `-t`: of all tables of the family, without an element; some milliseconds, whatever the sets hold.
	 * (Nothing else is: `-t list table` reads the elements, and then leaves them out.)
	 */
	rules: (family: string) => `list ruleset ${family}`,
	/** `readStamp`. Some milliseconds, whatever the size of the other sets. */
	stamp: (family: string) => `list set ${family} port25 ${stampSet}`,
	/** `readCount`, one command for each counter. Likewise. */
	count: (family: string, of: keyof Counters) =>
		`list set ${family} port25 ${countSets[of]}`,
} as const;

export interface TableState {
	/** Null for the closed gate, and when the stamp was tampered with. */
	readonly stamp: Position | null;
	/** Sorted by code unit. Networks that lie within another are not in the kernel (`withoutCovered`). */
	readonly elements: DesiredSet;
	readonly counters: Counters;
	/**
	 * Chains, rules and declarations of the sets in a stable form, without handles, counters and elements. Equal to that of
	 * a listing right after the load as long as nobody changed a rule.
	 */
	readonly structure: string;
}

/** Reads `nft -j list table`. Throws a SyntaxError on anything else. */
export function readTable(json: string): TableState {
	return readTableDocument(JSON.parse(json));
}

/** The same of what was parsed already, without the elements that were taken out on the way. */
export function readTableDocument(document: unknown): TableState {
	const sets = new Map<string, readonly unknown[]>();
	const structure: unknown[] = [];
	for (const item of itemsOf(document)) {
		const set = item["set"];
		if (isJson(set)) {
			const { elem, handle: _, ...declared } = set;
			const name = String(set["name"]);
			const elements = Array.isArray(elem) ? elem : [];
			sets.set(name, elements);
			structure.push({ ...declared, ...fixedElements(name, elements) });
		} else if (item["metainfo"] === undefined)
			structure.push(withoutHandles(item));
	}
	const textsOf = (name: string) => (sets.get(name) ?? []).map(elementText);
	return {
		stamp: stampIn(sets.get(stampSet) ?? []),
		elements: {
			v4: textsOf("a4").sort(),
			v6: textsOf("a6").sort(),
			v6_64: textsOf("a6_64")
				.map((address) => `${address}/64`)
				.sort(),
			nets: networksOf(textsOf("n4").concat(textsOf("n6"))),
		},
		counters: {
			allowed: packetsIn(sets.get(countSets.allowed) ?? []),
			refused: packetsIn(sets.get(countSets.refused) ?? []),
			spoofed: packetsIn(sets.get(countSets.spoofed) ?? []),
			fragments: packetsIn(sets.get(countSets.fragments) ?? []),
		},
		structure: JSON.stringify(structure),
	};
}

/** Reads `nft -j -t list ruleset`: chains, rules and declarations of the sets of our table, without handles; the same or not. */
export function readRules(json: string): string {
	const ours = itemsOf(JSON.parse(json)).filter((item) => {
		const [[kind, thing] = []] = Object.entries(item);
		if (!isJson(thing)) return false;
		return thing[kind === "table" ? "name" : "table"] === tableName;
	});
	return JSON.stringify(withoutHandles(ours));
}

/** Reads `nft -j list set … applied`: the position that the kernel's elements have, or null. */
export function readStamp(json: string): Position | null {
	return stampIn(onlySet(json));
}

/** Reads `nft -j list set … count_…`: packets of all EtherTypes together. */
export function readCount(json: string): number {
	return packetsIn(onlySet(json));
}

function onlySet(json: string): readonly unknown[] {
	for (const { set } of itemsOf(JSON.parse(json)))
		if (isJson(set)) return Array.isArray(set["elem"]) ? set["elem"] : [];
	return [];
}

function itemsOf(document: unknown): readonly Json[] {
	const items = isJson(document) ? document["nftables"] : undefined;
	if (!Array.isArray(items))
		throw new SyntaxError("not what nft lists: no member nftables");
	return items.filter(isJson);
}

function stampIn(elements: readonly unknown[]): Position | null {
	const [first] = elements;
	const inner = isJson(first) ? first["elem"] : undefined;
	const comment = isJson(inner) ? inner["comment"] : undefined;
	const parts =
		typeof comment === "string" && elements.length === 1
			? /^([A-Za-z0-9._-]+):(\d+):(\d+):([0-9a-f]{32})$/.exec(comment)
			: null;
	if (parts === null) return null;
	const [, epoch = "", rev, n, sum = ""] = parts;
	return { epoch, rev: Number(rev), n: Number(n), sum };
}

function packetsIn(elements: readonly unknown[]): number {
	let packets = 0;
	for (const element of elements) {
		const inner = isJson(element) ? element["elem"] : undefined;
		const counter = isJson(inner) ? inner["counter"] : undefined;
		if (isJson(counter)) packets += Number(counter["packets"] ?? 0);
	}
	return packets;
}

/** `"192.0.2.1"`, `{prefix: {addr, len}}`, `{range: [a, b]}`, `{concat: […]}`, or `{elem: {val: one of these, …}}`. */
function elementText(element: unknown): string {
	if (typeof element === "string") return element;
	if (!isJson(element)) return String(element);
	const { elem, prefix, range, concat } = element;
	if (isJson(elem)) return elementText(elem["val"]);
	if (isJson(prefix)) return `${prefix["addr"]}/${prefix["len"]}`;
	if (Array.isArray(range)) return range.map(elementText).join("-");
	if (Array.isArray(concat)) return concat.map(elementText).join(" . ");
	return JSON.stringify(element);
}

function networksOf(elements: readonly string[]): string[] {
	return elements.map(asNetwork).sort();
}

/** An interval set may hold a single address, which is then no element of the set of addresses. */
function asNetwork(element: string): string {
	if (/[/-]/.test(element)) return element;
	return `${element}/${element.includes(":") ? 128 : 32}`;
}

/** The elements that belong to the rules: what can be counted, and what is bound to a port. */
function fixedElements(name: string, elements: readonly unknown[]): object {
	return name.startsWith("count_") || name.startsWith("bound")
		? { elements: elements.map(elementText).sort() }
		: {};
}

function withoutHandles(value: unknown): unknown {
	if (Array.isArray(value)) return value.map(withoutHandles);
	if (!isJson(value)) return value;
	return Object.fromEntries(
		Object.entries(value)
			.filter(([key]) => key !== "handle")
			.map(([key, inner]) => [key, withoutHandles(inner)]),
	);
}
