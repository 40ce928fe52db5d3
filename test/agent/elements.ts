/** Elements, positions and snapshots for the agent's tests, made by the words of the contract and none of its code. */
import { createHash } from "node:crypto";
import type {
	Change,
	DesiredSet,
	Position,
	Snapshot,
} from "../../contract/edge-protocol.ts";

export const site = "home";
/** All that `address` makes lies in these. */
export const prefixes = ["10.0.0.0/8", "192.0.2.0/24", "2001:db8::/32"];

/** The `i`th IPv4 address of the tests. */
export function address(i: number): string {
	return `10.${(i >>> 16) & 255}.${(i >>> 8) & 255}.${i & 255}`;
}

export function addresses(count: number, from = 0): string[] {
	return Array.from({ length: count }, (_, i) => address(from + i));
}

export function sumOf(elements: Iterable<string>): string {
	let sum = 0n;
	for (const element of elements) sum += summandOf(element);
	return sumText(sum);
}

/** What one element adds to a sum. */
export function summandOf(element: string): bigint {
	const hash = createHash("sha256").update(element).digest("hex");
	return BigInt(`0x${hash.slice(0, 32)}`);
}

export function sumText(sum: bigint): string {
	return BigInt.asUintN(128, sum).toString(16).padStart(32, "0");
}

export function listsOf(elements: Iterable<string>): DesiredSet {
	const lists = { v4: [], v6: [], v6_64: [], nets: [] } as Record<
		keyof DesiredSet,
		string[]
	>;
	for (const element of elements) {
		const [text = "", length] = element.split("/");
		const isV6 = text.includes(":");
		if (length === undefined) lists[isV6 ? "v6" : "v4"].push(element);
		else lists[isV6 && length === "64" ? "v6_64" : "nets"].push(element);
	}
	for (const list of Object.values(lists)) list.sort();
	return lists;
}

export function positionOf(
	elements: readonly string[],
	rev: number,
	epoch = "e1",
): Position {
	return { epoch, rev, n: elements.length, sum: sumOf(elements) };
}

export function snapshotOf(
	elements: readonly string[],
	rev: number,
	epoch = "e1",
): Snapshot {
	const lines = elements.toSorted().map((element) => `${element}\n`);
	return {
		site,
		prefixes,
		...positionOf(elements, rev, epoch),
		...listsOf(elements),
		digest: createHash("sha256").update(lines.join("")).digest("hex"),
	};
}

/** The change that leads from one set to another at the revision. */
export function changeOf(
	before: readonly string[],
	after: readonly string[],
	rev: number,
	epoch = "e1",
): Change {
	const [had, has] = [new Set(before), new Set(after)];
	return {
		...positionOf(after, rev, epoch),
		prev: rev - 1,
		del: before.filter((element) => !has.has(element)),
		add: after.filter((element) => !had.has(element)),
		at: "2026-11-20T10:00:00.000Z",
	};
}
