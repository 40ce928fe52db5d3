import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import type { DesiredSet, Position } from "../contract/edge-protocol.ts";
import {
	closedGateText,
	type Family,
	type RulesetOptions,
	removeText,
	rulesetText,
} from "./ruleset.ts";
import {
	changeText,
	loadText,
	replaceAllText,
	setOf,
	withoutCovered,
} from "./ruleset-elements.ts";
import {
	listCommands,
	readCount,
	readStamp,
	readTable,
	type TableState,
} from "./ruleset-listing.ts";

/** Runs a script of nft commands in a network namespace that lives as long as they do. */
function inNewKernel(shell: string, env: Record<string, string> = {}) {
	return spawnSync("unshare", ["--net", "sh", "-ec", shell], {
		encoding: "utf8",
		env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", ...env },
		maxBuffer: 256 * 1024 * 1024,
	});
}

const canNft = inNewKernel("nft -f /dev/null").status === 0;
const canReject =
	canNft &&
	inNewKernel('echo "$T" | nft -c -f -', { T: text("bridge", "reject") })
		.status === 0;
if (!canNft)
	process.stdout.write(
		"agent/ruleset.test.ts: no nft, or no right to namespaces: what needs the kernel is skipped\n",
	);
else if (!canReject)
	process.stdout.write(
		"agent/ruleset.test.ts: this kernel has no reject in bridges: that text is not tried here\n",
	);

function optionsOf(
	family: Family,
	refusal: RulesetOptions["refusal"],
): RulesetOptions {
	return { family, refusal, customerInterfaces: ["cust0", "tap*"] };
}

function text(family: Family, refusal: RulesetOptions["refusal"]): string {
	return rulesetText(optionsOf(family, refusal));
}

const bound: RulesetOptions = {
	...optionsOf("bridge", "drop"),
	bindings: [
		{ interface: "tap1", addresses: ["192.0.2.0/28", "2001:db8:1::/64"] },
		{ interface: "tap2", addresses: ["192.0.2.16"] },
	],
};

const texts: readonly (readonly [string, string])[] = [
	["routed, reject", text("inet", "reject")],
	["routed, drop", text("inet", "drop")],
	["bridged, drop", text("bridge", "drop")],
	["bridged, bound", rulesetText(bound)],
	["routed, gate", closedGateText(optionsOf("inet", "drop"))],
	["bridged, gate", closedGateText(optionsOf("bridge", "drop"))],
	...(canReject
		? [["bridged, reject", text("bridge", "reject")] as const]
		: []),
];

const stamp: Position = {
	epoch: "0199c0de-1111-7111-8111-111111111111",
	rev: Number.MAX_SAFE_INTEGER,
	n: 7,
	sum: "f".repeat(32),
};
const some: DesiredSet = {
	v4: ["192.0.2.10", "192.0.2.9"],
	v6: ["2001:db8::10", "2001:db8:0:1:1::1"],
	v6_64: ["2001:db8:1:2::/64"],
	nets: ["198.51.100.0/24", "2001:db8:f00::/48"],
};
const routed = optionsOf("inet", "reject");
const list = `nft -j ${listCommands.table("inet")}`;

/** Applies texts one after the other, each its own transaction, and lists what the kernel holds. */
function heldAfter(...steps: readonly string[]): TableState {
	const env = Object.fromEntries(steps.map((step, i) => [`S${i}`, step]));
	const shell = steps.map((_, i) => `printf %s "$S${i}" | nft -f -`);
	const { stdout, stderr, status } = inNewKernel(
		[...shell, list].join("\n"),
		env,
	);
	expect(stderr).toBe("");
	expect(status).toBe(0);
	return readTable(stdout);
}

test("an element belongs to one set, by its form", () => {
	expect(
		[
			"192.0.2.1",
			"2001:db8::1",
			"2001:db8::/64",
			"192.0.2.0/24",
			"2001:db8::/48",
		].map(setOf),
	).toEqual(["a4", "a6", "a6_64", "n4", "n6"]);
});

test("of networks within each other the widest is kept, of neighbours both", () => {
	expect(
		withoutCovered([
			"10.0.0.0/25",
			"10.0.0.128/25",
			"10.1.2.0/24",
			"10.1.0.0/16",
			"2001:db8::/48",
			"2001:db8::/40",
			"10.1.0.0/16",
		]),
	).toEqual(["10.0.0.0/25", "10.0.0.128/25", "10.1.0.0/16", "2001:db8::/40"]);
});

test("nothing but an address becomes part of a command", () => {
	const bad = [
		"192.0.2.1 } ; flush ruleset ; add element inet port25 a4 { 192.0.2.2",
		"192.0.2.1\n",
		"a",
		"",
		"192.0.2.1/",
		"fe80::1%eth0",
	];
	for (const element of bad)
		expect(
			() => changeText("inet", { del: [], add: [element] }, stamp),
			element,
		).toThrow(RangeError);
	for (const name of ['x" accept', "", "sixteen-letters-", "a b", "*"])
		expect(
			() => rulesetText({ ...routed, customerInterfaces: [name] }),
			name,
		).toThrow(RangeError);
	for (const epoch of ['"', "", "a:b", "x".repeat(65)])
		expect(
			() => replaceAllText("inet", some, { ...stamp, epoch }),
			epoch,
		).toThrow(RangeError);
});

test("a ruleset without a customer-side interface is refused, as it would gate nothing", () => {
	expect(() => rulesetText({ ...routed, customerInterfaces: [] })).toThrow(
		/customer-side interface/,
	);
});

test("a wider network in a delta is refused: networks are written as a whole", () => {
	expect(() =>
		changeText("inet", { del: ["10.0.0.0/24"], add: [] }, stamp),
	).toThrow(/10\.0\.0\.0\/24/);
});

test.each(texts)(
	"%s: no interval flag on host sets, no word of connections, no owner, no other table",
	(_name, ruleset) => {
		for (const set of ["a4", "a6", "a6_64", "applied"])
			expect(ruleset).not.toMatch(new RegExp(`set ${set} \\{[^}]*interval`));
		expect(ruleset).not.toMatch(
			/\bct\b|established|owner|auto-merge|flush ruleset/,
		);
		const tables = [...ruleset.matchAll(/table (\w+) (\w+)/g)];
		expect(
			new Set(tables.map(([, family, name]) => `${family} ${name}`)).size,
		).toBe(1);
		expect(tables[0]?.[2]).toBe("port25");
	},
);

test.runIf(canNft).each(texts)(
	"%s: passes nft -c, and loads twice without doubling a rule",
	(_name, ruleset) => {
		const { stdout, stderr } = inNewKernel(
			`printf %s "$T" | nft -c -f -
		printf %s "$T" | nft -f -; nft list ruleset > "$D"/1
		printf %s "$T" | nft -f -; nft list ruleset > "$D"/2
		cmp "$D"/1 "$D"/2; rm "$D"/1 "$D"/2; rmdir "$D"; echo same`.replace(
				/^/,
				"D=$(mktemp -d)\n",
			),
			{ T: ruleset },
		);
		expect(stderr).toBe("");
		expect(stdout).toBe("same\n");
	},
);

test.runIf(canNft)(
	"what was loaded in one transaction is what is read back, with its stamp",
	() => {
		const held = heldAfter(loadText(routed, some, stamp));
		expect(held.stamp).toEqual(stamp);
		expect(held.elements).toEqual({ ...some, v6: [...some.v6].sort() });
		expect(held.counters).toEqual({
			allowed: 0,
			refused: 0,
			spoofed: 0,
			fragments: 0,
		});
	},
);

test.runIf(canNft)(
	"a delta deletes before it adds, and minds neither a missing nor a present element",
	() => {
		const next = { ...stamp, rev: 8 };
		const held = heldAfter(
			loadText(routed, some, { ...stamp, rev: 7 }),
			changeText(
				"inet",
				{
					del: ["192.0.2.9", "192.0.2.77", "192.0.2.10", "2001:db8:1:2::/64"],
					add: [
						"192.0.2.10",
						"192.0.2.10",
						"2001:db8::10",
						"2001:db8:9:9::/64",
					],
				},
				next,
			),
		);
		expect(held.stamp).toEqual(next);
		expect(held.elements).toEqual({
			v4: ["192.0.2.10"],
			v6: [...some.v6].sort(),
			v6_64: ["2001:db8:9:9::/64"],
			nets: some.nets,
		});
	},
);

test.runIf(canNft)(
	"networks within each other are taken, and one within a gone one comes back",
	() => {
		const nested = [
			"10.0.0.0/8",
			"10.1.0.0/16",
			"10.1.0.0/17",
			"2001:db8::/48",
			"2001:db8::/56",
		];
		const first = heldAfter(loadText(routed, { ...some, nets: nested }, stamp));
		expect(first.elements.nets).toEqual(["10.0.0.0/8", "2001:db8::/48"]);
		const second = heldAfter(
			loadText(routed, { ...some, nets: nested }, stamp),
			changeText("inet", { del: [], add: [], nets: nested.slice(1) }, stamp),
		);
		expect(second.elements.nets).toEqual(["10.1.0.0/16", "2001:db8::/48"]);
	},
);

test.runIf(canNft)("a replacement leaves nothing of what was there", () => {
	const nothing = { v4: [], v6: [], v6_64: [], nets: [] };
	const held = heldAfter(
		loadText(routed, some, stamp),
		replaceAllText("inet", nothing, { ...stamp, n: 0, sum: "0".repeat(32) }),
	);
	expect(held.elements).toEqual(nothing);
	expect(held.stamp?.n).toBe(0);
});

test.runIf(canNft)(
	"what the kernel refuses changes nothing of the set and not its stamp",
	() => {
		const { stdout, stderr } = inNewKernel(
			`printf %s "$A" | nft -f -; printf %s "$B" | nft -f - || true; ${list}`,
			{
				A: loadText(routed, some, stamp),
				B: `${changeText("inet", { del: ["192.0.2.9"], add: ["192.0.2.99"] }, { ...stamp, rev: 9 })}delete element inet port25 a4 { 203.0.113.1 }\n`,
			},
		);
		expect(stderr).toMatch(/No such file/);
		const held = readTable(stdout);
		expect(held.stamp).toEqual(stamp);
		expect(held.elements.v4).toEqual(some.v4);
	},
);

test.runIf(canNft)("stamp and counters are read from sets of their own", () => {
	const { stdout } = inNewKernel(
		`printf %s "$A" | nft -f -
		nft -j ${listCommands.stamp("inet")}; nft -j ${listCommands.count("inet", "refused")}`,
		{ A: loadText(routed, some, stamp) },
	);
	const [first = "", second = ""] = stdout.split(
		/\n(?=\{)|(?<=\})\n?(?=\{"nftables)/,
	);
	expect(readStamp(first)).toEqual(stamp);
	expect(readCount(second)).toBe(0);
});

test.runIf(canNft)(
	"the structure is the same for every set of elements, and another for a changed rule",
	() => {
		const plain = heldAfter(loadText(routed, some, stamp)).structure;
		const other = heldAfter(
			text("inet", "reject"),
			replaceAllText("inet", { ...some, v4: [] }, stamp),
		).structure;
		expect(other).toBe(plain);
		const tampered = [
			"insert rule inet port25 decide accept\n",
			"flush chain inet port25 entry\n",
			"flush set inet port25 count_refused\n",
			"add chain inet port25 entry { policy drop; }\n",
		];
		for (const hand of tampered)
			expect(
				heldAfter(loadText(routed, some, stamp), hand).structure,
				hand,
			).not.toBe(plain);
		const unbound = heldAfter(
			loadText(routed, some, stamp),
			removeText("bridge"),
		);
		expect(unbound.structure).toBe(plain);
	},
);

test.runIf(canNft)(
	"elements that a foreign hand put in are named, whatever they look like",
	() => {
		const held = heldAfter(
			loadText(routed, some, stamp),
			`add element inet port25 a4 { 203.0.113.5 comment "mine" }
		add element inet port25 a6_64 { 2001:db8:5:5::77 }
		add element inet port25 n4 { 203.0.113.8-203.0.113.10, 203.0.113.77 }
		add element inet port25 applied { 2 comment "x" }\n`,
		);
		expect(held.elements.v4).toContain("203.0.113.5");
		expect(held.elements.v6_64).toContain("2001:db8:5:5::77/64");
		expect(held.elements.nets).toEqual(
			expect.arrayContaining(["203.0.113.77/32", "203.0.113.8-203.0.113.10"]),
		);
		expect(held.stamp).toBeNull();
	},
);

test.runIf(canNft)(
	"the closed gate reads as a table without stamp and elements",
	() => {
		const held = heldAfter(
			loadText(routed, some, stamp),
			closedGateText(routed),
		);
		expect(held.stamp).toBeNull();
		expect(held.elements).toEqual({ v4: [], v6: [], v6_64: [], nets: [] });
	},
);
