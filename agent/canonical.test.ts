import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonical, keyOf } from "./canonical.ts";

describe("the canonical form", () => {
	test.each([
		["192.0.2.10", "192.0.2.10"],
		["192.0.2.10/32", "192.0.2.10"],
		["192.0.2.77/24", "192.0.2.0/24"],
		["0.0.0.0", "0.0.0.0"],
		["255.255.255.255", "255.255.255.255"],
		["128.0.0.0/1", "128.0.0.0/1"],
		["2001:DB8:0:0:0:0:0:10", "2001:db8::10"],
		["2001:db8::10/128", "2001:db8::10"],
		["2001:db8:0:0:1:0:0:1", "2001:db8::1:0:0:1"],
		["2001:db8:0:1:1:1:1:1", "2001:db8:0:1:1:1:1:1"],
		["2001:db8:1:2:3:4:5:6/64", "2001:db8:1:2::/64"],
		["2001:db8:1:2:3:4:5:6/48", "2001:db8:1::/48"],
		["2001:db8:1:2:3:4:5:6/65", "2001:db8:1:2::/65"],
		["::", "::"],
		["1::", "1::"],
		["::ffff:192.0.2.10", "192.0.2.10"],
		["::ffff:c000:20a", "192.0.2.10"],
		["::ffff:192.0.2.10/128", "192.0.2.10"],
		["::ffff:192.0.2.77/120", "192.0.2.0/24"],
		["64:ff9b::192.0.2.10", "64:ff9b::c000:20a"],
	])("of %s is %s", (text, wanted) => {
		expect(canonical(text)).toBe(wanted);
	});

	test.each([
		"",
		"0.0.0.0/0",
		"203.0.113.7/0",
		"::/0",
		"::ffff:0:0/96",
		"::ffff:192.0.2.1/95",
		"192.0.2.1/33",
		"192.0.2.1/",
		"192.0.2.1/-1",
		"192.0.2.1/2 ",
		"192.0.2.1/0x8",
		"192.0.2.256",
		"192.0.2",
		"192.0.2.1.1",
		"192.0.02.1",
		" 192.0.2.1",
		"192.0.2.1\n",
		"3221225985",
		"2001:db8::1::2",
		"2001:db8:1:2:3:4:5",
		"1:2:3:4:5:6:7::8",
		":1:2:3:4:5:6:7",
		"2001:db8::g",
		"2001:db8::12345",
		"fe80::1%eth0",
		"[2001:db8::1]",
		"::ffff:192.0.2.256",
		"example.com",
		"192.0.2.1 } ; flush ruleset ; { ",
		"1".repeat(100_000),
	])("is refused to %j", (text) => {
		expect(canonical(text)).toBeUndefined();
	});

	test("is itself in canonical form, whatever comes in", () => {
		const octets = fc.tuple(fc.nat(255), fc.nat(255), fc.nat(255), fc.nat(255));
		const groups = fc.array(fc.oneof(fc.constant(0), fc.nat(0xffff)), {
			minLength: 8,
			maxLength: 8,
		});
		const address = fc.oneof(
			octets.map((four) => four.join(".")),
			groups.map((eight) => eight.map((one) => one.toString(16)).join(":")),
		);
		fc.assert(
			fc.property(address, fc.option(fc.nat(128)), (text, length) => {
				const once = canonical(length === null ? text : `${text}/${length}`);
				if (once !== undefined) expect(canonical(once)).toBe(once);
			}),
			{ seed: 25, numRuns: 2_000 },
		);
	});
});

test("an address and a network are told apart by the list they belong to", () => {
	const lists = [
		"192.0.2.1",
		"192.0.2.0/31",
		"2001:db8::1",
		"2001:db8::/64",
		"2001:db8::/63",
	].map((text) => keyOf(text)?.list);
	expect(lists).toEqual(["v4", "nets", "v6", "v6_64", "nets"]);
});
