/** A1: who gets to port 25 and who does not, both families, and that nothing else is touched. Rules alone, no agent. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { closedGateText, removeText } from "../../agent/ruleset.ts";
import type { DesiredSet } from "../../contract/edge-protocol.ts";
import { figure, sayWhenSkipped } from "./figures.ts";
import { bridged, load, nft, routed } from "./gate.ts";
import { customerAddresses, judge } from "./matrix.ts";
import { whyNoLab } from "./namespace.ts";
import { at, type Lab, openBridgedLab, openRoutedLab } from "./topology.ts";

const canLab = sayWhenSkipped("A1", whyNoLab());

interface State {
	readonly name: string;
	readonly set: Partial<DesiredSet>;
	readonly allowed: readonly string[];
}

const states: readonly State[] = [
	{ name: "nothing approved", set: {}, allowed: [] },
	{ name: "one IPv4 address", set: { v4: [at.one.v4] }, allowed: [at.one.v4] },
	{ name: "one IPv6 address", set: { v6: [at.one.v6] }, allowed: [at.one.v6] },
	{
		name: "a 64-bit network of IPv6",
		set: { v6_64: ["2001:db8:1:2::/64"] },
		allowed: [at.two.v6, at.two.v6Next],
	},
	{
		name: "wider networks, one within the other",
		set: { nets: ["192.0.2.16/28", "192.0.2.16/29", "2001:db8:1::/56"] },
		allowed: [
			at.two.v4,
			at.two.v4Next,
			...[at.one.v6, at.one.v6Next, at.two.v6, at.two.v6Next],
		],
	},
	{
		name: "an address of each customer",
		set: { v4: [at.one.v4Next, at.two.v4], v6: [at.one.v6, at.two.v6Next] },
		allowed: [at.one.v4Next, at.two.v4, at.one.v6, at.two.v6Next],
	},
];

const modes = [
	{
		mode: "routed, reject",
		open: openRoutedLab,
		options: routed,
		refusal: "refused",
	},
	{
		mode: "routed, drop",
		open: openRoutedLab,
		options: { ...routed, refusal: "drop" },
		refusal: "silent",
	},
	{
		mode: "bridged, drop",
		open: openBridgedLab,
		options: bridged,
		refusal: "silent",
	},
] as const;

describe.runIf(canLab).each(modes)("A1, $mode", (mode) => {
	let lab: Lab;
	let tried = 0;
	let wrong = 0;
	beforeAll(async () => {
		lab = await mode.open();
	});
	afterAll(async () => {
		await lab?.close();
		figure("A1", mode.mode, `${tried} attempts, ${wrong} went wrong`);
	});

	async function holds(
		allowed: readonly string[],
		refusal: "refused" | "silent",
	) {
		const judged = await judge(lab, allowed, refusal);
		tried += judged.tried;
		wrong += judged.wrong.length;
		expect(judged.wrong).toEqual([]);
	}

	test("without a gate everything is open, or the rest would show nothing", async () => {
		nft(lab.edge, removeText(mode.options.family));
		await holds(customerAddresses, mode.refusal);
	});

	test("the closed gate closes port 25 and nothing else", async () => {
		nft(lab.edge, closedGateText(mode.options));
		await holds([], "silent");
	});

	test.each(states)("$name", async ({ set, allowed }) => {
		load(lab.edge, mode.options, set);
		await holds(allowed, mode.refusal);
	});
});
