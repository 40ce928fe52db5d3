/** One host address in the only spelling that is stored, compared and shown. */
export type Address = { readonly family: 4 | 6; readonly text: string };

/** A network: its first address and how many leading bits it fixes. `text` is `address/length`. */
export type Prefix = {
	readonly family: 4 | 6;
	readonly text: string;
	readonly length: number;
};

/** An address as 16-bit words: two for IPv4, eight for IPv6. */
type Words = readonly number[];

/** `ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255`; nothing longer is looked at. */
const addressLengthMax = 45;
const widths = { 4: 32, 6: 128 } as const;

const octet = "(?:25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
const dotted = new RegExp(`^${octet}(?:\\.${octet}){3}$`);
const group = /^[0-9a-f]{1,4}$/i;
const prefixLength = /^[1-9]\d{0,2}$/;

/**
 * Reads one host address and gives its canonical text: IPv4 as four decimal octets without leading zeros,
 * IPv6 as RFC 5952 writes it, always in hexadecimal groups.
 *
 * @returns undefined for anything else, and for IPv4-mapped IPv6 in every spelling: the same host under a
 * second name would slip past every comparison. No zone, bracket, prefix or white space is accepted.
 */
export function parseAddress(text: string): Address | undefined {
	const words = readWords(text);
	return words === undefined || isMapped(words) ? undefined : addressOf(words);
}

/**
 * Reads a host address that may carry its full prefix length, `192.0.2.1/32` or `2001:db8::1/128`: the
 * first generation of the API shows addresses in this form and takes them back (contract 9.1).
 *
 * @returns undefined for a shorter prefix, and for all that `parseAddress` refuses
 */
export function parseHostPrefix(text: string): Address | undefined {
	const slash = text.indexOf("/");
	if (slash === -1) return parseAddress(text);
	const address = parseAddress(text.slice(0, slash));
	return address !== undefined &&
		text.slice(slash + 1) === String(widths[address.family])
		? address
		: undefined;
}

/** The address as a prefix of full length, `192.0.0.1/32`, which is how v1 shows it (contract 9.1). */
export function toCidr(address: Address): string {
	return `${address.text}/${widths[address.family]}`;
}

/**
 * Reads a network, `192.0.2.0/24`. The host bits must be zero: a prefix with some set is more likely a typing
 * mistake than a wish.
 *
 * @returns undefined also for a missing length, a length with leading zeros, and the whole of the Internet
 * (`0.0.0.0/0`, `::/0`), which no list of exceptions may contain
 */
export function parsePrefix(text: string): Prefix | undefined {
	const slash = text.indexOf("/");
	const lengthText = text.slice(slash + 1);
	if (slash === -1 || !prefixLength.test(lengthText)) return undefined;
	const words = readWords(text.slice(0, slash));
	if (words === undefined || isMapped(words)) return undefined;
	const { family, text: first } = addressOf(words);
	const length = Number(lengthText);
	if (
		length > widths[family] ||
		!sharesBits(words, network(words, length), widths[family])
	)
		return undefined;
	return { family, text: `${first}/${length}`, length };
}

/** Whether an address lies in a network; never across the two families. */
export function contains(prefix: Prefix, address: Address): boolean {
	if (prefix.family !== address.family) return false;
	const first = readWords(prefix.text.slice(0, prefix.text.indexOf("/")));
	const words = readWords(address.text);
	return (
		first !== undefined &&
		words !== undefined &&
		sharesBits(first, words, prefix.length)
	);
}

/**
 * Networks in which no customer's own address can be (IANA's special-purpose registries, RFC 6890): not routed on the
 * Internet, or another host under a second name. What is set aside for documents and benchmarks is not among them: it is
 * nobody's, and demonstrations and tests live there.
 */
const neverPublic = [
	"0.0.0.0/8", // this network
	"10.0.0.0/8", // private (RFC 1918), like 172.16.0.0/12 and 192.168.0.0/16
	"100.64.0.0/10", // shared behind a carrier's NAT (RFC 6598)
	"127.0.0.0/8", // loopback
	"169.254.0.0/16", // link-local
	"172.16.0.0/12",
	"192.168.0.0/16",
	"224.0.0.0/4", // multicast
	"240.0.0.0/4", // reserved, and broadcast
	// Outside of 2000::/3: unspecified, loopback, translated, unique local, link-local, multicast, and not assigned yet.
	"::/3",
	"4000::/2",
	"8000::/1",
	"2001::/32", // Teredo: an IPv4 host under a second name, like 6to4
	"2002::/16",
].map((text) => ({
	first: readWords(text.slice(0, text.indexOf("/"))) ?? [],
	length: Number(text.slice(text.indexOf("/") + 1)),
}));

/** Whether an address can be a host's own on the Internet. */
export function isPublic(address: Address): boolean {
	const words = readWords(address.text) ?? [];
	return neverPublic.every(
		({ first, length }) =>
			first.length !== words.length || !sharesBits(first, words, length),
	);
}

/** Whether every address of a network is one that can be a host's own on the Internet. */
export function isPublicNetwork({ text, length: ours }: Prefix): boolean {
	const words = readWords(text.slice(0, text.indexOf("/"))) ?? [];
	return neverPublic.every(
		({ first, length }) =>
			first.length !== words.length ||
			!sharesBits(first, words, Math.min(length, ours)),
	);
}

/**
 * The rate-limit bucket of a peer (contract 14.9). One IPv4 address is one bucket, also when the socket
 * reports it IPv4-mapped; an IPv6 host usually holds a whole /64, so the /64 is its bucket.
 *
 * @returns `192.0.2.1`, `2001:db8::/64`, or `unknown`, one bucket for everything unreadable
 */
export function sourceBucket(text: string): string {
	const words = readWords(text);
	if (words === undefined) return "unknown";
	if (words.length === 2) return addressText(words);
	return isMapped(words)
		? addressText(words.slice(6))
		: `${addressText(network(words, 64))}/64`;
}

function readWords(text: string): Words | undefined {
	if (text.length > addressLengthMax) return undefined;
	return text.includes(":") ? readV6(text) : readV4(text);
}

function readV4(text: string): Words | undefined {
	if (!dotted.test(text)) return undefined;
	const [a = 0, b = 0, c = 0, d = 0] = text.split(".").map(Number);
	return [a * 256 + b, c * 256 + d];
}

/** RFC 4291, 2.2: eight groups; `::` once, for one group or more; the last two may be a dotted IPv4. */
function readV6(text: string): Words | undefined {
	const [head = "", tail, ...more] = undot(text).split("::");
	const left = readGroups(head);
	const right = readGroups(tail ?? "");
	if (left === undefined || right === undefined || more.length > 0)
		return undefined;
	const gap = 8 - left.length - right.length;
	if (tail === undefined ? gap !== 0 : gap < 1) return undefined;
	return [...left, ...zeros(gap), ...right];
}

/** Rewrites a dotted end as two groups; a bad one stays as it is, and fails as a group. */
function undot(text: string): string {
	const end = text.lastIndexOf(":") + 1;
	const words = readV4(text.slice(end));
	return words === undefined
		? text
		: text.slice(0, end) + words.map(hex).join(":");
}

function readGroups(half: string): Words | undefined {
	if (half === "") return [];
	const groups = half.split(":");
	return groups.every((text) => group.test(text))
		? groups.map((text) => Number.parseInt(text, 16))
		: undefined;
}

/** `::ffff:0:0/96`, RFC 4291, 2.5.5.2. */
function isMapped(words: Words): boolean {
	return (
		words.length === 8 &&
		words[5] === 0xffff &&
		words.slice(0, 5).every((word) => word === 0)
	);
}

function addressOf(words: Words): Address {
	return { family: words.length === 2 ? 4 : 6, text: addressText(words) };
}

function addressText(words: Words): string {
	if (words.length === 2)
		return words.flatMap((word) => [word >> 8, word & 0xff]).join(".");
	const gap = longestZeros(words);
	if (gap.length < 2) return words.map(hex).join(":");
	const left = words.slice(0, gap.start).map(hex).join(":");
	const right = words
		.slice(gap.start + gap.length)
		.map(hex)
		.join(":");
	return `${left}::${right}`;
}

/** RFC 5952, 4.2: the longest run of zero groups is shortened, the first one among equals. */
function longestZeros(words: Words): { start: number; length: number } {
	let longest = { start: 0, length: 0 };
	let length = 0;
	for (const [i, word] of words.entries()) {
		length = word === 0 ? length + 1 : 0;
		if (length > longest.length) longest = { start: i + 1 - length, length };
	}
	return longest;
}

/** The first address of the network of this length around an address: all later bits zero. */
function network(words: Words, length: number): Words {
	return words.map((word, i) => word & mask(length - i * 16));
}

function sharesBits(left: Words, right: Words, length: number): boolean {
	const ours = network(left, length);
	return network(right, length).every((word, i) => word === ours[i]);
}

/** A 16-bit mask whose leading bits are set; below 0 and above 16 count as none and all. */
function mask(bits: number): number {
	return (0xffff << (16 - Math.min(16, Math.max(0, bits)))) & 0xffff;
}

function hex(word: number): string {
	return word.toString(16);
}

function zeros(count: number): Words {
	return Array.from({ length: count }, () => 0);
}
