/** A3: taking an address out ends the session it has, both families, while the server goes on talking. Rules alone. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RulesetOptions } from "../../agent/ruleset.ts";
import { changeText } from "../../agent/ruleset-elements.ts";
import {
	figure,
	isFull,
	isMeasured,
	sayWhenSkipped,
	spread,
} from "./figures.ts";
import { bridged, load, nft, routed, stamp } from "./gate.ts";
import { revokeUnder } from "./live-session.ts";
import { whyNoLab } from "./namespace.ts";
import { at, type Lab, openBridgedLab, openRoutedLab } from "./topology.ts";

const canLab = sayWhenSkipped("A3", whyNoLab());

const modes: readonly {
	readonly mode: string;
	open(): Promise<Lab>;
	readonly options: RulesetOptions;
	/** What a machine may have besides, and what lets a session of a lesser gate live on. */
	readonly besides?: string;
}[] = [
	{ mode: "routed, reject", open: openRoutedLab, options: routed },
	{
		mode: "routed, drop",
		open: openRoutedLab,
		options: { ...routed, refusal: "drop" },
	},
	{
		mode: "routed, beside a firewall that accepts established connections",
		open: openRoutedLab,
		options: routed,
		besides: `table inet firewall {
	chain forward {
		type filter hook forward priority filter - 100; policy accept;
		ct state established,related accept
	}
}
`,
	},
	{ mode: "bridged, drop", open: openBridgedLab, options: bridged },
];

/** Sessions of each family, one after the other. */
const rounds = isFull ? 20 : 2;

const approved = {
	v4: [at.one.v4, at.two.v4],
	v6: [at.one.v6, at.two.v6],
};

function revokeText({ family }: RulesetOptions, from: string): string {
	return changeText(family, { del: [from], add: [] }, stamp);
}

describe.runIf(canLab).each(modes)(
	"A3, $mode",
	({ mode, open, options, besides }) => {
		let lab: Lab;
		beforeAll(async () => {
			lab = await open();
			if (besides !== undefined) nft(lab.edge, besides);
		});
		afterAll(() => lab?.close());

		test.each([
			["IPv4", at.one.v4],
			["IPv6", at.one.v6],
		])(
			"%s: no packet of the client crosses any more, no byte is taken after 100 ms",
			async (family, from) => {
				const last: number[] = [];
				for (let round = 0; round < rounds; round++) {
					load(lab.edge, options, approved);
					const revoked = await revokeUnder(lab, from, () =>
						nft(lab.edge, revokeText(options, from)),
					);
					expect(revoked.packetsLater).toBe(0);
					if (isMeasured()) expect(revoked.bytesLater).toBe(0);
					expect(revoked.talkedBytes).toBeGreaterThan(0);
					expect(revoked.neighbourBytesLater).toBeGreaterThan(0);
					last.push(revoked.lastByteMs);
				}
				figure(
					"A3",
					`${mode}, ${family}: last byte taken after the revoke began`,
					spread(last),
				);
			},
		);
	},
);

describe.runIf(canLab)("A3, what it is measured against", () => {
	test("a gate that knows connections lets the session live on", async () => {
		const lab = await openRoutedLab();
		try {
			for (const from of [at.one.v4, at.one.v6]) {
				load(lab.edge, routed, approved);
				nft(
					lab.edge,
					"insert rule inet port25 customer ct state established,related accept\n",
				);
				const { bytesLater, packetsLater, ended } = await revokeUnder(
					lab,
					from,
					() => nft(lab.edge, revokeText(routed, from)),
				);
				expect(packetsLater).toBeGreaterThan(0);
				expect(bytesLater).toBeGreaterThan(0);
				expect(ended).toBeNull();
				figure(
					"A3",
					`a gate with "ct state established accept", ${from}: bytes taken later than 100 ms`,
					`${bytesLater}`,
				);
			}
		} finally {
			await lab.close();
		}
	});
});
