/** Counts frames at the earliest hook of a namespace's line, eth0: what arrives there has passed the gate. */
import type { Namespace } from "./namespace.ts";

export interface Witness {
	/** Frames since it was set up. */
	count(): number;
}

/** Each match is one of nft's; a frame counts once, by the first that fits. Replaces an earlier witness of the name. */
export function setWitness(
	space: Namespace,
	name: string,
	matches: readonly string[],
): Witness {
	const rules = matches.map(
		(match) => `		${match} counter name arrived return\n`,
	);
	space.run(
		["nft", "-f", "-"],
		`add table netdev ${name}
delete table netdev ${name}
table netdev ${name} {
	counter arrived { }
	chain line {
		type filter hook ingress device "eth0" priority -500; policy accept;
${rules.join("")}	}
}
`,
	);
	return {
		count() {
			const listed = space.run([
				"nft",
				"list",
				"counter",
				"netdev",
				name,
				"arrived",
			]);
			const packets = /packets (\d+)/.exec(listed)?.[1];
			if (packets === undefined) throw new Error(`no witness: ${listed}`);
			return Number(packets);
		},
	};
}

/** TCP to port 25 from an address. */
export function toPort25(from: string): string {
	return `${from.includes(":") ? "ip6" : "ip"} saddr ${from} tcp dport 25`;
}
