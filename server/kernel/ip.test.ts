import { BlockList, isIP } from "node:net";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { seed } from "../../test/seed.ts";
import {
	contains,
	isPublic,
	isPublicNetwork,
	parseAddress,
	parseHostPrefix,
	parsePrefix,
	sourceBucket,
	toCidr,
} from "./ip.ts";

const mappedNetwork = new BlockList();
mappedNetwork.addSubnet("::ffff:0:0", 96, "ipv6");

/** The URL standard's host writer: another implementation of the same canonical form. */
function urlText(address: string): string {
	return new URL(`http://[${address}]/`).hostname.slice(1, -1);
}

function isMappedText(text: string): boolean {
	return (
		isIP(text) === 6 &&
		urlText(text).startsWith("::ffff:") &&
		urlText(text).split(":").length === 5
	);
}

/** Mostly zeros and ones, so that runs to shorten are frequent. */
const word = fc.oneof(
	fc.constant(0),
	fc.integer({ min: 0, max: 0xffff }),
	fc.constant(0xffff),
);
const wordText = fc
	.tuple(word, fc.boolean(), fc.boolean())
	.map(([value, isPadded, isUpper]) => {
		const digits = value.toString(16).padStart(isPadded ? 4 : 1, "0");
		return isUpper ? digits.toUpperCase() : digits;
	});
const v4Text = fc.ipV4();
const v6Text = fc.oneof(
	fc.ipV6(),
	fc
		.array(wordText, { minLength: 8, maxLength: 8 })
		.map((words) => words.join(":")),
	fc
		.tuple(
			fc.array(wordText, { maxLength: 4 }),
			fc.array(wordText, { maxLength: 3 }),
		)
		.map(([left, right]) => `${left.join(":")}::${right.join(":")}`),
	fc
		.tuple(fc.array(wordText, { minLength: 6, maxLength: 6 }), v4Text)
		.map(([words, tail]) => `${words.join(":")}:${tail}`),
);
const almostAddress = fc.oneof(
	fc.string({
		unit: fc.constantFrom(...":.0123456789abcfF%/[] "),
		maxLength: 48,
	}),
	fc
		.array(
			fc.oneof(wordText, v4Text, fc.constantFrom("", ":", "::", "00000", "g")),
			{ maxLength: 9 },
		)
		.map((parts) => parts.join(":")),
	fc
		.array(
			fc.oneof(
				fc.nat(300).map(String),
				fc.constantFrom("", "00", "01", "0x1", "+1", "1e1"),
			),
			{ maxLength: 5 },
		)
		.map((parts) => parts.join(".")),
	fc.string(),
);

describe("parseAddress", () => {
	test("accepts what the platform calls an address, except zones and IPv4-mapped IPv6", () => {
		fc.assert(
			fc.property(fc.oneof(v4Text, v6Text, almostAddress), (text) => {
				const family = isIP(text);
				const isOurs =
					family !== 0 && !text.includes("%") && !isMappedText(text);
				expect(parseAddress(text)?.family).toBe(isOurs ? family : undefined);
			}),
			{ seed, numRuns: 2_000 },
		);
	});

	test("writes every IPv6 address as the URL standard does, and its own text again the same", () => {
		fc.assert(
			fc.property(v6Text, (text) => {
				const address = parseAddress(text);
				fc.pre(address !== undefined);
				expect(address.text).toBe(urlText(text));
				expect(parseAddress(address.text)).toEqual(address);
			}),
			{ seed, numRuns: 1_000 },
		);
	});

	test.each([
		["192.0.2.1", "192.0.2.1"],
		["0.0.0.0", "0.0.0.0"],
		["255.255.255.255", "255.255.255.255"],
		["2001:DB8:0:0:0:0:0:1", "2001:db8::1"],
		["2001:0db8::0001", "2001:db8::1"],
		["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
		["2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
		["2001:0:0:1:0:0:0:1", "2001:0:0:1::1"],
		["0:0:0:0:0:0:0:0", "::"],
		["::1", "::1"],
		["1::", "1::"],
		["0:1:2:3:4:5:6:7", "0:1:2:3:4:5:6:7"],
		["64:ff9b::192.0.2.33", "64:ff9b::c000:221"],
		["::ffff:0:1.2.3.4", "::ffff:0:102:304"],
	])("writes %s as %s", (text, canonical) => {
		expect(parseAddress(text)?.text).toBe(canonical);
	});

	test.each([
		"::ffff:1.2.3.4",
		"::FFFF:1.2.3.4",
		"::ffff:102:304",
		"0:0:0:0:0:ffff:1.2.3.4",
		"0000:0000:0000:0000:0000:ffff:0102:0304",
		"::0:ffff:1.2.3.4",
		"0::ffff:0:0",
	])("refuses the IPv4-mapped %s", (text) => {
		expect(parseAddress(text)).toBeUndefined();
	});

	test.each([
		"",
		" ",
		"1.2.3",
		"1.2.3.4.5",
		"1.2.3.256",
		"01.2.3.4",
		"1.2.3.04",
		"0x1.2.3.4",
		"1.2.3.4 ",
		" 1.2.3.4",
		"1.2.3.4\n",
		"1.2.3.4/32",
		"١.2.3.4",
		"16909060",
		"[::1]",
		"fe80::1%eth0",
		"::1/128",
		":::",
		"::1::",
		"1:2:3:4:5:6:7",
		"1:2:3:4:5:6:7:8:9",
		"1:2:3:4::5:6:7:8",
		":1:2:3:4:5:6:7",
		"1:2:3:4:5:6:7:",
		"12345::",
		"g::",
		"::1.2.3",
		"::1.2.3.04",
		"1.2.3.4::",
		"1:1.2.3.4:2::",
		"localhost",
		"0".repeat(1_000_000),
		":".repeat(1_000_000),
	])("refuses %.40j", (text) => {
		expect(parseAddress(text)).toBeUndefined();
	});
});

describe("parseHostPrefix and toCidr", () => {
	test("undo one another", () => {
		fc.assert(
			fc.property(fc.oneof(v4Text, v6Text), (text) => {
				const address = parseAddress(text);
				fc.pre(address !== undefined);
				expect(parseHostPrefix(toCidr(address))).toEqual(address);
				expect(parseHostPrefix(text)).toEqual(address);
			}),
			{ seed },
		);
	});

	test("write the full length of the family", () => {
		expect(toCidr({ family: 4, text: "192.0.0.1" })).toBe("192.0.0.1/32");
		expect(toCidr({ family: 6, text: "2001:db8::10" })).toBe(
			"2001:db8::10/128",
		);
	});

	test.each([
		"192.0.2.1/31",
		"192.0.2.1/128",
		"192.0.2.1/",
		"192.0.2.1/032",
		"192.0.2.1/+32",
		"192.0.2.1/32/32",
		"192.0.2.1 /32",
		"/32",
		"2001:db8::1/64",
		"2001:db8::1/32",
		"::ffff:192.0.2.1/128",
	])("refuse %s", (text) => {
		expect(parseHostPrefix(text)).toBeUndefined();
	});
});

describe("parsePrefix", () => {
	test.each([
		["192.0.2.0/24", "192.0.2.0/24", 24],
		["192.0.2.1/32", "192.0.2.1/32", 32],
		["128.0.0.0/1", "128.0.0.0/1", 1],
		["0.0.0.0/8", "0.0.0.0/8", 8],
		["2001:DB8:0::/48", "2001:db8::/48", 48],
		["2001:db8::1/128", "2001:db8::1/128", 128],
		["8000::/1", "8000::/1", 1],
	])("reads %s", (text, canonical, length) => {
		const family = text.includes(":") ? 6 : 4;
		expect(parsePrefix(text)).toEqual({ family, text: canonical, length });
	});

	test.each([
		"0.0.0.0/0",
		"::/0",
		"192.0.2.1/24",
		"192.0.2.0/33",
		"192.0.2.0/024",
		"192.0.2.0",
		"192.0.2.0/",
		"/24",
		"192.0.2.0/24/24",
		"192.0.2.0/-1",
		"192.0.2.0/1e1",
		"2001:db8::1/64",
		"2001:db8::/129",
		"::ffff:0:0/96",
		"::ffff:192.0.2.0/120",
		"2001:db8::/64 ",
	])("refuses %s", (text) => {
		expect(parsePrefix(text)).toBeUndefined();
	});
});

describe("contains", () => {
	test.each([
		["ipv4", v4Text, 32],
		["ipv6", v6Text, 128],
	] as const)(
		"agrees with the platform's block list on %s",
		(type, addressText, width) => {
			fc.assert(
				fc.property(
					addressText,
					addressText,
					fc.integer({ min: 1, max: width }),
					fc.boolean(),
					(base, text, length, isNear) => {
						const first = parseAddress(base);
						const address = parseAddress(isNear ? base : text);
						fc.pre(first !== undefined && address !== undefined);
						const list = new BlockList();
						list.addSubnet(first.text, length, type);
						const prefix = parsePrefix(`${first.text}/${length}`);
						const isNetwork = prefix !== undefined;
						if (isNetwork)
							expect(contains(prefix, address)).toBe(
								list.check(address.text, type),
							);
					},
				),
				{ seed, numRuns: 500 },
			);
		},
	);

	test.each([
		["192.0.2.0/24", "192.0.2.255", true],
		["192.0.2.0/24", "192.0.3.0", false],
		["10.0.0.0/15", "10.1.255.255", true],
		["10.0.0.0/15", "10.2.0.0", false],
		["192.0.2.1/32", "192.0.2.1", true],
		["192.0.2.1/32", "192.0.2.0", false],
		["2001:db8::/33", "2001:db8:7fff::1", true],
		["2001:db8::/33", "2001:db8:8000::1", false],
		["::/8", "0.0.0.1", false],
		["0.0.0.0/8", "::1", false],
	])("%s and %s: %s", (prefixText, addressText, isInside) => {
		const prefix = parsePrefix(prefixText);
		const address = parseAddress(addressText);
		expect(
			prefix !== undefined &&
				address !== undefined &&
				contains(prefix, address),
		).toBe(isInside);
	});
});

describe("isPublic", () => {
	const verdict = (text: string) => {
		const address = parseAddress(text);
		return address === undefined ? "no address" : isPublic(address);
	};

	test.each([
		"1.1.1.1",
		"9.255.255.255",
		"100.63.255.255",
		"100.128.0.0",
		"172.15.0.1",
		"172.32.0.1",
		"192.0.0.1",
		"192.0.2.1",
		"198.18.0.1",
		"203.0.113.10",
		"223.255.255.255",
		"2001:db8::1",
		"2001:1::1",
		"2a01:4f8::1",
		"3fff::1",
	])("takes %s", (text) => {
		expect(verdict(text)).toBe(true);
	});

	test.each([
		"0.0.0.0",
		"10.0.0.1",
		"100.64.0.1",
		"127.0.0.1",
		"169.254.1.1",
		"172.16.0.1",
		"172.31.255.255",
		"192.168.1.1",
		"224.0.0.1",
		"255.255.255.255",
		"::",
		"::1",
		"64:ff9b::c000:201",
		"fc00::1",
		"fd12::1",
		"fe80::1",
		"ff02::1",
		"2001::1",
		"2002:c000:201::1",
		"4000::1",
	])("refuses %s", (text) => {
		expect(verdict(text)).toBe(false);
	});
});

describe("isPublicNetwork", () => {
	const verdict = (text: string) => {
		const prefix = parsePrefix(text);
		return prefix === undefined ? "no network" : isPublicNetwork(prefix);
	};

	test.each([
		"9.0.0.0/8",
		"11.0.0.0/8",
		"198.18.0.0/15",
		"203.0.113.10/32",
		"2001:db8::/32",
		"2a00::/12",
	])("takes %s", (text) => {
		expect(verdict(text)).toBe(true);
	});

	test.each([
		["one that is private", "10.0.0.0/8"],
		["a part of one", "10.1.2.0/24"],
		["one around it", "8.0.0.0/6"],
		["half of the Internet", "128.0.0.0/1"],
		["unique local addresses", "fd00::/8"],
		["one around 6to4", "2000::/3"],
	])("refuses %s: %s", (_, text) => {
		expect(verdict(text)).toBe(false);
	});
});

describe("sourceBucket", () => {
	test.each([
		["192.0.2.1", "192.0.2.1"],
		["::ffff:192.0.2.1", "192.0.2.1"],
		["::ffff:c000:201", "192.0.2.1"],
		["2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"],
		["2001:db8:1:2::", "2001:db8:1:2::/64"],
		["::1", "::/64"],
		["fe80::1%eth0", "unknown"],
		["192.0.2.1:443", "unknown"],
		["", "unknown"],
		["/run/postern.sock", "unknown"],
	])("puts %j into %s", (text, bucket) => {
		expect(sourceBucket(text)).toBe(bucket);
	});

	test("puts all hosts of a /64 into one bucket, and neighbours into another", () => {
		fc.assert(
			fc.property(v6Text, v6Text, (one, other) => {
				const [left, right] = [parseAddress(one), parseAddress(other)];
				fc.pre(left !== undefined && right !== undefined);
				const bucket = sourceBucket(one);
				const network = parsePrefix(bucket);
				const isSame = network !== undefined && contains(network, right);
				expect(sourceBucket(other) === bucket).toBe(isSame);
			}),
			{ seed },
		);
	});

	test("is total", () => {
		fc.assert(
			fc.property(almostAddress, (text) => {
				expect(sourceBucket(text)).toMatch(
					/^(unknown|[0-9.]+|[0-9a-f:]+\/64)$/,
				);
			}),
			{ seed },
		);
	});
});
