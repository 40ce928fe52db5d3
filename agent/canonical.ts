/**
 * The one spelling of every element, and the same as numbers. IPv4 as a dotted quad, IPv6 as RFC 5952 writes it, networks
 * without host bits; an address has no prefix length, and nothing is a network of all addresses.
 */
import type { DesiredSet } from "../contract/edge-protocol.ts";

/** The lists of a desired set, each of which has its own kind of element. */
export type ListName = keyof DesiredSet;
export const listNames = ["v4", "v6", "v6_64", "nets"] as const;

/**
 * An element as 32-bit words: an address its bits, a 64-bit network its first two words, any other network its family and
 * length in one word before the four of its first address.
 */
export interface Key {
	readonly list: ListName;
	readonly words: readonly number[];
}

export const wordsIn: Readonly<Record<ListName, number>> = {
	v4: 1,
	v6: 4,
	v6_64: 2,
	nets: 5,
};

/** `ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255/128` is the longest text that is looked at. */
const textLengthMax = 49;

/**
 * Reads an address or a network in any spelling. Host bits are taken off, IPv4 that is mapped into IPv6 becomes IPv4, and a
 * network of one address becomes that address.
 *
 * @returns undefined for what is neither, and for `0.0.0.0/0` and `::/0`
 */
export function keyOf(text: string): Key | undefined {
	if (text.length > textLengthMax) return undefined;
	const slash = text.indexOf("/");
	if (slash === -1) return hostKey(readAddress(text));
	const address = readAddress(text.slice(0, slash));
	const lengthText = text.slice(slash + 1);
	if (address === undefined || !/^\d{1,3}$/.test(lengthText)) return undefined;
	return networkKey(address, Number(lengthText));
}

/** The canonical text of what `keyOf` reads, undefined for what it does not. */
export function canonical(text: string): string | undefined {
	const key = keyOf(text);
	return key === undefined ? undefined : textOf(key.list, key.words, 0);
}

/** The canonical text of the key whose words begin at `at`. */
export function textOf(
	list: ListName,
	words: ArrayLike<number>,
	at: number,
): string {
	const word = (i: number) => words[at + i] ?? 0;
	switch (list) {
		case "v4":
			return textOfV4(word(0));
		case "v6":
			return textOfV6([word(0), word(1), word(2), word(3)]);
		case "v6_64":
			return `${textOfV6([word(0), word(1), 0, 0])}/64`;
		case "nets": {
			const length = word(0) & 0xff;
			return word(0) >>> 8 === 4
				? `${textOfV4(word(1))}/${length}`
				: `${textOfV6([word(1), word(2), word(3), word(4)])}/${length}`;
		}
	}
}

/** Bits of `word`, the `i`th of an address, that a network of this length fixes. */
export function maskedWord(word: number, i: number, length: number): number {
	const fixed = Math.min(32, Math.max(0, length - 32 * i));
	return fixed === 0 ? 0 : (word & (0xffffffff << (32 - fixed))) >>> 0;
}

/** One word for IPv4, four for IPv6. */
type Address = readonly number[];

function hostKey(address: Address | undefined): Key | undefined {
	if (address === undefined) return undefined;
	if (address.length === 1) return { list: "v4", words: address };
	return isMapped(address)
		? { list: "v4", words: address.slice(3) }
		: { list: "v6", words: address };
}

function networkKey(address: Address, length: number): Key | undefined {
	const bits = 32 * address.length;
	if (length === 0 || length > bits) return undefined;
	// `::ffff:0:0/96` is all of IPv4, and shorter ones are more than that.
	if (isMapped(address))
		return length > 96 ? networkKey(address.slice(3), length - 96) : undefined;
	if (length === bits) return hostKey(address);
	const first = address.map((word, i) => maskedWord(word, i, length));
	if (address.length === 4 && length === 64)
		return { list: "v6_64", words: first.slice(0, 2) };
	const family = address.length === 1 ? 4 : 6;
	const [a = 0, b = 0, c = 0, d = 0] = first;
	return { list: "nets", words: [family * 256 + length, a, b, c, d] };
}

/** `::ffff:0:0/96`, RFC 4291, 2.5.5.2. */
function isMapped(address: Address): boolean {
	return (
		address.length === 4 &&
		address[0] === 0 &&
		address[1] === 0 &&
		address[2] === 0xffff
	);
}

function readAddress(text: string): Address | undefined {
	if (text.includes(":")) return readV6(text);
	const word = readV4(text);
	return word === undefined ? undefined : [word];
}

const dot = 46;
const zero = 48;

/** By hand, because half a million of them are read at a start. No leading zeros: some readers take them as octal. */
function readV4(text: string): number | undefined {
	let word = 0;
	let octet = -1;
	let dots = 0;
	for (let i = 0; i <= text.length; i++) {
		const code = i === text.length ? dot : text.charCodeAt(i);
		if (code === dot) {
			if (octet < 0) return undefined;
			word = word * 256 + octet;
			octet = -1;
			dots++;
			continue;
		}
		const digit = code - zero;
		if (digit < 0 || digit > 9 || octet === 0) return undefined;
		octet = octet < 0 ? digit : octet * 10 + digit;
		if (octet > 255) return undefined;
	}
	return dots === 4 ? word : undefined;
}

/** RFC 4291, 2.2: eight groups; `::` once, for one group or more; the last two may be a dotted IPv4. */
function readV6(text: string): Address | undefined {
	const [head = "", tail, ...more] = withoutDots(text).split("::");
	const left = readGroups(head);
	const right = readGroups(tail ?? "");
	if (left === undefined || right === undefined || more.length > 0)
		return undefined;
	const gap = 8 - left.length - right.length;
	if (tail === undefined ? gap !== 0 : gap < 1) return undefined;
	const groups = [...left, ...Array<number>(gap).fill(0), ...right];
	return [0, 2, 4, 6].map(
		(i) => (groups[i] ?? 0) * 0x10000 + (groups[i + 1] ?? 0),
	);
}

/** Writes a dotted end as two groups; a bad one stays, and is no group. */
function withoutDots(text: string): string {
	const end = text.lastIndexOf(":") + 1;
	const word = readV4(text.slice(end));
	return word === undefined
		? text
		: `${text.slice(0, end)}${(word >>> 16).toString(16)}:${(word & 0xffff).toString(16)}`;
}

function readGroups(half: string): number[] | undefined {
	if (half === "") return [];
	const groups = half.split(":");
	return groups.every((group) => /^[0-9a-f]{1,4}$/i.test(group))
		? groups.map((group) => Number.parseInt(group, 16))
		: undefined;
}

function textOfV4(word: number): string {
	return `${word >>> 24}.${(word >>> 16) & 0xff}.${(word >>> 8) & 0xff}.${word & 0xff}`;
}

/** RFC 5952, 4.2: of the longest runs of two or more zero groups, the first is shortened. */
function textOfV6(words: readonly number[]): string {
	const groups = words.flatMap((word) => [word >>> 16, word & 0xffff]);
	let longest = { start: 0, length: 1 };
	let length = 0;
	for (const [i, group] of groups.entries()) {
		length = group === 0 ? length + 1 : 0;
		if (length > longest.length) longest = { start: i + 1 - length, length };
	}
	const texts = groups.map((group) => group.toString(16));
	if (longest.length === 1) return texts.join(":");
	const after = longest.start + longest.length;
	return `${texts.slice(0, longest.start).join(":")}::${texts.slice(after).join(":")}`;
}
