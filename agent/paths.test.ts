import { describe, expect, test } from "vitest";
import { parseLinks } from "./links.ts";
import { pathFindings } from "./paths.ts";
import type { RulesetOptions } from "./ruleset.ts";

interface Given {
	readonly ifname: string;
	readonly kind?: string;
	readonly master?: string;
	readonly partOf?: string;
}

/** As `ip -details -json link show` writes them. */
function linksOf(given: readonly Given[]) {
	return parseLinks(
		JSON.stringify(
			given.map(({ ifname, kind, master, partOf }) => ({
				ifname,
				link_type: "ether",
				...(master === undefined ? {} : { master }),
				linkinfo: {
					...(kind === undefined ? {} : { info_kind: kind }),
					...(partOf === undefined ? {} : { info_slave_kind: partOf }),
				},
			})),
		),
	);
}

async function unclearOf(
	given: readonly Given[],
	{
		interfaces,
		family = "inet",
		mayBeAbsent = [],
		seen = new Set<string>(),
	}: {
		interfaces: string[];
		family?: RulesetOptions["family"];
		mayBeAbsent?: string[];
		seen?: Set<string>;
	},
): Promise<string[]> {
	const findings = await pathFindings(linksOf(given), {
		ruleset: { family, customerInterfaces: interfaces, refusal: "drop" },
		mayBeAbsent,
		seen,
	});
	return findings
		.filter(({ verdict }) => verdict === "unclear")
		.map(({ what }) => what);
}

describe("an interface that is not there", () => {
	test("is unclear by its name, also when others are there", async () => {
		const found = await unclearOf([{ ifname: "c1", kind: "veth" }], {
			interfaces: ["c1", "c11"],
		});
		expect(found).toEqual([
			expect.stringMatching(/^there is no interface c11:/),
		]);
	});

	test("is unclear by a pattern until one was seen", async () => {
		const seen = new Set<string>();
		const asked = { interfaces: ["tap*"], seen };
		expect(await unclearOf([], asked)).toEqual([
			expect.stringMatching(/^there is no interface tap\* yet/),
		]);
		expect(await unclearOf([{ ifname: "tap1", kind: "tun" }], asked)).toEqual(
			[],
		);
		expect(await unclearOf([], asked)).toEqual([]);
	});

	test("is clear where the operator says so by its name", async () => {
		const asked = { interfaces: ["tap*", "c1"], mayBeAbsent: ["tap*"] };
		expect(await unclearOf([], asked)).toEqual([
			expect.stringMatching(/^there is no interface c1/),
		]);
	});
});

describe("in the family inet", () => {
	test.each<[string, Given, RegExp]>([
		[
			"a port of Open vSwitch",
			{
				ifname: "c1",
				kind: "tun",
				master: "ovs-system",
				partOf: "openvswitch",
			},
			/c1 is a part of ovs-system \(openvswitch\)/,
		],
		[
			"a port of a bridge",
			{ ifname: "c1", kind: "tun", master: "br0", partOf: "bridge" },
			/c1 is a port of the bridge br0/,
		],
		[
			"a part of a bond",
			{ ifname: "c1", master: "bond0", partOf: "bond" },
			/c1 is a part of bond0/,
		],
		[
			"a part of something that ip cannot name",
			{ ifname: "c1", master: "new0" },
			/c1 is a part of new0/,
		],
		["a macvtap", { ifname: "c1", kind: "macvtap" }, /c1 is a macvtap/],
		[
			"a switch of Open vSwitch",
			{ ifname: "c1", kind: "openvswitch" },
			/c1 is a switch of Open vSwitch/,
		],
	])("%s is unclear", async (_, link, complaint) => {
		const found = await unclearOf([link], { interfaces: ["c1"] });
		expect(found).toEqual([expect.stringMatching(complaint)]);
	});

	test("a part of a VRF is routed", async () => {
		const link = { ifname: "c1", kind: "veth", master: "red", partOf: "vrf" };
		expect(await unclearOf([link], { interfaces: ["c1"] })).toEqual([]);
	});

	test.each([
		["a network card", {}],
		["a VLAN", { kind: "vlan" }],
		["a tunnel", { kind: "vxlan" }],
	])("a bridge that has %s as a port is unclear", async (_, uplink) => {
		const links = [
			{ ifname: "br0", kind: "bridge" },
			{ ifname: "tap1", kind: "tun", master: "br0", partOf: "bridge" },
			{ ifname: "up", master: "br0", partOf: "bridge", ...uplink },
		];
		const asked = { interfaces: ["br0"] };
		expect(await unclearOf(links, asked)).toEqual([
			expect.stringMatching(/^up is a port of the bridge br0/),
		]);
		expect(await unclearOf(links.slice(0, 2), asked)).toEqual([]);
	});
});

describe("in the family bridge", () => {
	const asked = { interfaces: ["c1"], family: "bridge" as const };

	test("only a port of a bridge is clear", async () => {
		const link = { ifname: "c1", kind: "tun", master: "br0", partOf: "bridge" };
		expect(await unclearOf([link], asked)).toEqual([]);
		expect(await unclearOf([{ ifname: "c1", kind: "tun" }], asked)).toEqual([
			expect.stringMatching(/c1 is no port of a bridge/),
		]);
	});

	test("a port of Open vSwitch is not to be seen here either", async () => {
		const link = {
			ifname: "c1",
			kind: "tun",
			master: "ovs-system",
			partOf: "openvswitch",
		};
		expect(await unclearOf([link], asked)).toEqual([
			"c1 is a port of Open vSwitch, whose packets pass no table",
		]);
	});
});
