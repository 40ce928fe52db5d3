/**
 * The texts that change the elements of the table `port25`. Each is one transaction of nft together with its stamp, so the
 * kernel never holds a set that no revision had. Elements are in canonical form (`contract/edge-protocol.ts`) and belong to
 * the site; that is for the caller to see to, here only what is no address at all is refused.
 */
import { BlockList } from "node:net";
import type { DesiredSet, Position } from "../contract/edge-protocol.ts";
import {
	addressText,
	type Family,
	hostSets,
	networkSets,
	type RulesetOptions,
	rulesetText,
	stampSet,
	tableName,
} from "./ruleset.ts";

type HostSet = (typeof hostSets)[number];

/** The lists of a desired set, each read once; a set of half a million elements is never in memory as texts. */
export type ElementLists = Readonly<Record<keyof DesiredSet, Iterable<string>>>;

/** What is taken out and put in, deletes first. */
export interface ElementChange {
	/** Single addresses and 64-bit networks. One that is not there is no error. */
	readonly del: readonly string[];
	/** Likewise. One that is there already is no error. */
	readonly add: readonly string[];
	/**
	 * All wider networks as they shall stand afterwards; left out when none of them changes. They are few, may lie within
	 * each other, and the kernel takes no overlapping intervals: so they are always written as a whole.
	 */
	readonly nets?: readonly string[];
}

/** Which set an element stands in. */
export function setOf(element: string): HostSet | "n4" | "n6" {
	const isV6 = element.includes(":");
	const slash = element.indexOf("/");
	if (slash === -1) return isV6 ? "a6" : "a4";
	if (!isV6) return "n4";
	return element.slice(slash) === "/64" ? "a6_64" : "n6";
}

/**
 * A delta, or a repair, with the stamp of what stands afterwards. Null leaves the stamp that is there: for a revoke that goes
 * ahead of the revision it belongs to.
 */
export function changeText(
	family: Family,
	change: ElementChange,
	stamp: Position | null,
): string {
	const out: string[] = [];
	for (const set of hostSets) {
		const gone = change.del.filter((element) => setOf(element) === set);
		// The kernel refuses a whole transaction over one delete of what is not there: put in first, it always is.
		out.push(elementsText("add", { family, set }, gone));
		out.push(elementsText("delete", { family, set }, gone));
	}
	for (const set of hostSets) {
		const added = change.add.filter((element) => setOf(element) === set);
		out.push(elementsText("add", { family, set }, added));
	}
	const wide = [...change.del, ...change.add].find(isWide);
	if (wide !== undefined)
		throw new RangeError(`wider networks are written as a whole: ${wide}`);
	if (change.nets !== undefined) out.push(networksText(family, change.nets));
	if (stamp !== null) out.push(stampText(family, stamp));
	return out.join("");
}

/** The whole set in place of what is there. */
export function replaceAllText(
	family: Family,
	set: DesiredSet,
	stamp: Position,
): string {
	const flushed = hostSets.map(
		(name) => `flush set ${family} ${tableName} ${name}\n`,
	);
	return [
		...flushed,
		...fillPieces(family, set),
		stampText(family, stamp),
	].join("");
}

/** The table with its elements, in place of whatever stands under its name, the closed gate for one. */
export function loadText(
	options: RulesetOptions,
	set: DesiredSet,
	stamp: Position,
): string {
	return [...loadPieces(options, set, stamp)].join("");
}

/** The same in pieces of some kilobytes, to be written one after the other. */
export function* loadPieces(
	options: RulesetOptions,
	set: ElementLists,
	stamp: Position,
): Generator<string> {
	const { family } = options;
	yield rulesetText(options);
	yield* fillPieces(family, set);
	yield stampText(family, stamp);
}

/** The wider networks as the kernel holds them: without those that lie within another. */
export function withoutCovered(nets: readonly string[]): string[] {
	const lengthOf = (net: string) => Number(net.slice(net.indexOf("/") + 1));
	const wider = new BlockList();
	return [...new Set(nets)]
		.sort((a, b) => lengthOf(a) - lengthOf(b))
		.filter((net) => {
			const address = net.slice(0, net.indexOf("/"));
			const type = net.includes(":") ? "ipv6" : "ipv4";
			if (wider.check(address, type)) return false;
			wider.addSubnet(address, lengthOf(net), type);
			return true;
		})
		.sort();
}

function* fillPieces(family: Family, set: ElementLists): Generator<string> {
	yield* elementPieces("add", { family, set: "a4" }, set.v4);
	yield* elementPieces("add", { family, set: "a6" }, set.v6);
	yield* elementPieces("add", { family, set: "a6_64" }, set.v6_64);
	yield networksText(family, [...set.nets]);
}

function networksText(family: Family, nets: readonly string[]): string {
	const wide = withoutCovered(nets.map(addressText));
	return networkSets
		.map((set) => {
			const own = wide.filter((net) => setOf(net) === set);
			return (
				`flush set ${family} ${tableName} ${set}\n` +
				elementsText("add", { family, set }, own)
			);
		})
		.join("");
}

/** The stamp is the comment of the one element of `applied`: nft keeps up to 128 characters of it. */
function stampText(family: Family, stamp: Position): string {
	const { epoch, rev, n, sum } = stamp;
	const text = `${epoch}:${rev}:${n}:${sum}`;
	if (
		!/^[A-Za-z0-9._-]{1,64}:\d{1,16}:\d{1,8}:[0-9a-f]{32}$/.test(text) ||
		!Number.isSafeInteger(rev)
	)
		throw new RangeError(`not a position that can be stamped: ${text}`);
	return `flush set ${family} ${tableName} ${stampSet}
add element ${family} ${tableName} ${stampSet} { 1 comment "${text}" }
`;
}

/** Elements a line: nft repeats the whole line, and a second one of marks below it, when it complains about an element. */
const elementsALine = 16;

/** Elements a piece, which is a command of its own; all commands of a file are one transaction. */
const elementsAPiece = 256 * elementsALine;

interface Where {
	readonly family: Family;
	readonly set: string;
}

function elementsText(
	verb: "add" | "delete",
	where: Where,
	elements: Iterable<string>,
): string {
	return [...elementPieces(verb, where, elements)].join("");
}

function* elementPieces(
	verb: "add" | "delete",
	{ family, set }: Where,
	elements: Iterable<string>,
): Generator<string> {
	const command = (texts: readonly string[]) =>
		`${verb} element ${family} ${tableName} ${set} {\n${inLines(texts)}\n}\n`;
	let texts: string[] = [];
	for (const element of elements) {
		texts.push(elementText(set, element));
		if (texts.length < elementsAPiece) continue;
		yield command(texts);
		texts = [];
	}
	if (texts.length > 0) yield command(texts);
}

function inLines(texts: readonly string[]): string {
	const lines: string[] = [];
	for (let i = 0; i < texts.length; i += elementsALine)
		lines.push(texts.slice(i, i + elementsALine).join(", "));
	return lines.join(",\n");
}

function elementText(set: string, element: string): string {
	const text = addressText(element);
	// That set is looked up by the first 64 bits of a source, which is an address with the rest zero.
	return set === "a6_64" ? text.slice(0, text.indexOf("/")) : text;
}

function isWide(element: string): boolean {
	const set = setOf(element);
	return set === "n4" || set === "n6";
}
