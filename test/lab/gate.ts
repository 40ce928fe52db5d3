/** Loads the agent's texts by hand, for what is to be shown of the rules alone, without an agent. */

import type { RulesetOptions } from "../../agent/ruleset.ts";
import { loadText } from "../../agent/ruleset-elements.ts";
import type { DesiredSet, Position } from "../../contract/edge-protocol.ts";
import type { Namespace } from "./namespace.ts";

export const nothing: DesiredSet = { v4: [], v6: [], v6_64: [], nets: [] };

export const stamp: Position = {
	epoch: "lab",
	rev: 1,
	n: 0,
	sum: "0".repeat(32),
};

export const routed: RulesetOptions = {
	family: "inet",
	customerInterfaces: ["c1", "c2", "c3"],
	refusal: "reject",
};

/** A bridge says no in silence: an answer needs `nft_reject_bridge`, which not every kernel has. */
export const bridged: RulesetOptions = {
	family: "bridge",
	customerInterfaces: ["tap*"],
	refusal: "drop",
};

/** What each customer's port may use; without it a bridge cannot tell a borrowed address. */
export const bound: RulesetOptions = {
	...bridged,
	bindings: [
		{
			interface: "tap1",
			addresses: ["192.0.2.0/28", "2001:db8:1:1::/64"],
		},
		{ interface: "tap2", addresses: ["192.0.2.16/28", "2001:db8:1:2::/64"] },
		{ interface: "tap3", addresses: ["192.0.2.32/28", "2001:db8:1:3::/64"] },
	],
};

/** One transaction, as `nft -f` makes it. */
export function nft(space: Namespace, text: string): void {
	space.run(["nft", "-f", "-"], text);
}

export function load(
	space: Namespace,
	options: RulesetOptions,
	set: Partial<DesiredSet> = {},
): void {
	nft(space, loadText(options, { ...nothing, ...set }, stamp));
}
