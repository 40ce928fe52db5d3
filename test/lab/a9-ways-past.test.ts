/** A9: fragments, borrowed addresses, wrapped frames; on a router, and on a bridge that netfilter's IP hooks do not see. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
	closedGateText,
	type RulesetOptions,
	removeText,
	rulesetText,
} from "../../agent/ruleset.ts";
import { type CraftedCustomer, craftedCustomer } from "./crafted-customer.ts";
import { ip4, ip6, protocol, syn } from "./crafted-frames.ts";
import { figure, sayWhenSkipped } from "./figures.ts";
import { bound, bridged, load, nft, routed } from "./gate.ts";
import { whyNoLab } from "./namespace.ts";
import {
	at,
	type Lab,
	mac,
	openBridgedLab,
	openRoutedLab,
} from "./topology.ts";
import { ip4Ways, ip6Ways, type WayIn, wrappings } from "./ways-in.ts";

const canLab = sayWhenSkipped("A9", whyNoLab());

const modes = [
	{ mode: "routed", open: openRoutedLab, options: routed, nextHop: mac.edge },
	{
		mode: "bridged",
		open: openBridgedLab,
		options: bound,
		nextHop: mac.internet,
	},
] as const;

/** The rule that comes to mind first. */
function naive({ family }: RulesetOptions): string {
	const hook = family === "inet" ? "forward" : "prerouting";
	return `${removeText(family)}table ${family} port25 {
	chain entry {
		type filter hook ${hook} priority filter; policy accept;
		iifname { "c3", "tap3" } tcp dport 25 drop
	}
}
`;
}

/** The ruleset without asking where a source belongs. */
function unchecked(options: RulesetOptions): string {
	const text = rulesetText(options).replace(/^.*(fib saddr|@bound).*$/gm, "");
	return `${text}add element ${options.family} port25 a4 { ${at.one.v4} }
add element ${options.family} port25 a6 { ${at.one.v6} }
`;
}

const ways = [
	...ip6Ways.map((way) => ({ ...way, from: at.crafted.v6, family: "IPv6" })),
	...ip4Ways.map((way) => ({ ...way, from: at.crafted.v4, family: "IPv4" })),
];

function whole(flow: ReturnType<CraftedCustomer["flow"]>): Buffer[] {
	return [
		flow.from.includes(":")
			? ip6(flow, protocol.tcp, syn(flow))
			: ip4(flow, syn(flow)),
	];
}

describe.runIf(canLab).each(modes)(
	"A9, $mode",
	({ mode, open, options, nextHop }) => {
		let lab: Lab;
		let customer: CraftedCustomer;
		beforeAll(async () => {
			lab = await open();
			customer = craftedCustomer(lab, nextHop);
		});
		afterAll(() => lab?.close());

		async function tryWay(way: WayIn & { from: string }) {
			const flow = customer.flow(way.from);
			return customer.try(flow, way.frames(flow));
		}

		test("without a gate every way arrives, or the rest would show nothing", async () => {
			for (const way of ways) {
				const tried = await tryWay(way);
				expect(tried.arrived, way.name).toBeGreaterThan(0);
				expect(tried.isAnswered, way.name).toBe(way.isAnsweredByLinux);
			}
		});

		test("of an address that is not approved nothing gets an answer, and no piece that is worth anything arrives", async () => {
			const past = new Map<string, string[]>();
			for (const [name, text] of [
				["naive", naive(options)],
				["closed gate", closedGateText(options)],
				["ruleset", rulesetText(options)],
			] as const) {
				nft(lab.edge, text);
				const through: string[] = [];
				for (const way of ways) {
					const { arrived, isAnswered } = await tryWay(way);
					if (isAnswered || arrived > (way.harmless ?? 0))
						through.push(way.name);
				}
				past.set(name, through);
			}
			figure(
				"A9",
				`${mode}: ways past a gate that only asks for port 25`,
				`${past.get("naive")?.length} of ${ways.length}`,
			);
			figure(
				"A9",
				`${mode}: ways past the closed gate, past the ruleset`,
				`${past.get("closed gate")?.length}, ${past.get("ruleset")?.length} of ${ways.length}`,
			);
			expect(past.get("naive")?.length).toBeGreaterThan(0);
			expect(past.get("closed gate")).toEqual([]);
			expect(past.get("ruleset")).toEqual([]);
		});

		test("an approved address gets through in every way, in pieces or whole", async () => {
			load(lab.edge, options, { v4: [at.crafted.v4], v6: [at.crafted.v6] });
			for (const way of ways) {
				const { arrived, isAnswered } = await tryWay(way);
				expect(isAnswered, way.name).toBe(way.isAnsweredByLinux);
				expect(arrived, way.name).toBeGreaterThan(0);
			}
		});

		test("an approved address is of no use to its neighbour, whole or in pieces", async () => {
			const borrowed = [
				...ip6Ways.map((way) => ({ ...way, from: at.one.v6 })),
				...ip4Ways.map((way) => ({ ...way, from: at.one.v4 })),
			];
			const arrivals = async () => {
				let sum = 0;
				for (const way of borrowed)
					sum += Math.max(0, (await tryWay(way)).arrived - (way.harmless ?? 0));
				return sum;
			};
			nft(lab.edge, unchecked(options));
			const without = await arrivals();
			load(lab.edge, options, { v4: [at.one.v4], v6: [at.one.v6] });
			const withCheck = await arrivals();
			figure(
				"A9",
				`${mode}: packets with a neighbour's approved address, without and with the source check`,
				`${without}, ${withCheck}`,
			);
			expect(without).toBeGreaterThan(borrowed.length - 1);
			expect(withCheck).toBe(0);
		});
	},
);

describe.runIf(canLab)("A9, across a bridge", () => {
	let lab: Lab;
	let customer: CraftedCustomer;
	beforeAll(async () => {
		lab = await openBridgedLab();
		customer = craftedCustomer(lab, mac.internet);
	});
	afterAll(() => lab?.close());

	test("the routed table does not see what is bridged: there it has to be the table of the bridge", async () => {
		const packet = async () => {
			const flow = customer.flow(at.crafted.v4);
			return await customer.try(flow, whole(flow));
		};
		nft(
			lab.edge,
			rulesetText({ ...routed, customerInterfaces: ["tap*", "br0"] }),
		);
		expect(await packet()).toMatchObject({ isAnswered: true });
		nft(lab.edge, removeText("inet") + rulesetText(bound));
		expect(await packet()).toEqual({ arrived: 0, isAnswered: false });
	});

	test.each(["closed gate", "ruleset"] as const)(
		"no wrapping gets port 25 past the %s, both families",
		async (gate) => {
			nft(lab.edge, naive(bridged));
			const past = async () => {
				const through: string[] = [];
				for (const { name, wrap } of wrappings)
					for (const from of [at.crafted.v4, at.crafted.v6]) {
						const flow = customer.flow(from);
						const { arrived } = await customer.try(flow, whole(flow), wrap);
						if (arrived > 0) through.push(`${name}, ${from}`);
					}
				return through;
			};
			const pastNaive = await past();
			nft(
				lab.edge,
				gate === "ruleset" ? rulesetText(bound) : closedGateText(bridged),
			);
			const pastGate = await past();
			figure(
				"A9",
				`bridged: wrapped frames past a gate that only asks for port 25, past the ${gate}`,
				`${pastNaive.length}, ${pastGate.length} of ${2 * wrappings.length}`,
			);
			expect(pastNaive).not.toEqual([]);
			expect(pastGate).toEqual([]);
		},
	);
});
