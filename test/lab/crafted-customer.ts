/** The customer that tries ways in, and the witness on the other side that counts what of it arrives. */
import { type Flow, ip4, ip6, protocol, syn } from "./crafted-frames.ts";
import { at, type Lab, mac } from "./topology.ts";
import { framesOf } from "./ways-in.ts";
import { setWitness } from "./witness.ts";

export interface Tried {
	/** Frames that arrived on the internet's side. */
	readonly arrived: number;
	/** Whether its SMTP server answered. */
	readonly isAnswered: boolean;
}

export interface CraftedCustomer {
	/** A flow to port 25 that no other attempt has used. */
	flow(from: string): Flow;
	/** Sends packets, or frames made of them by `wrap`, and says what became of them once all were judged. */
	try(
		flow: Flow,
		packets: readonly Buffer[],
		wrap?: (frame: Buffer) => Buffer,
	): Promise<Tried>;
}

/** `to` is the MAC address of the crafted customer's next hop: the router's, or across a bridge the internet's own. */
export function craftedCustomer(lab: Lab, to: string): CraftedCustomer {
	const { crafted, internet } = lab;
	let lastPort = 20_000;
	const flow = (from: string, toPort = 25): Flow => ({
		from,
		to: from.includes(":") ? at.internet.v6 : at.internet.v4,
		fromPort: ++lastPort,
		toPort,
	});
	const send = (frames: readonly Buffer[]) =>
		crafted.ask("send", {
			frames: frames.map((frame) => frame.toString("base64")),
		});
	async function allIsJudged(): Promise<void> {
		for (const from of [at.marker.v4, at.marker.v6]) {
			const one = flow(from, 2525);
			const packet = from.includes(":")
				? ip6(one, protocol.tcp, syn(one))
				: ip4(one, syn(one));
			await send(framesOf([packet], { from: mac.marker, to }));
			const port = one.fromPort;
			if (!(await crafted.ask("answered", { port, timeoutMs: 10_000 })))
				throw new Error("the marker got no answer: the line is dead");
		}
	}
	return {
		flow: (from) => flow(from),
		async try(one, packets, wrap = (frame) => frame) {
			// Across a bridge its MAC address is seen, behind whatever; across a router the source address.
			const family = one.from.includes(":") ? "ip6" : "ip";
			const witness = setWitness(internet, "crafted", [
				`ether saddr ${mac.crafted}`,
				`${family} saddr ${one.from}`,
			]);
			await send(framesOf(packets, { from: mac.crafted, to }).map(wrap));
			await allIsJudged();
			const isAnswered = await crafted.ask("answered", {
				port: one.fromPort,
				timeoutMs: 0,
			});
			return { arrived: witness.count(), isAnswered };
		},
	};
}
