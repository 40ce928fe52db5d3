/** Ways to bring the first segment of a connection past a gate that looks for the port: each a list of frames in order. */
import {
	ethernet,
	etherType,
	type Flow,
	fragment,
	ip4,
	ip6,
	options,
	pppoe,
	protocol,
	syn,
	tagged,
} from "./crafted-frames.ts";

export interface WayIn {
	readonly name: string;
	/**
	 * Of these frames a gate without state has to let some through, because they could be a part of something else; they
	 * are worth nothing without the others.
	 */
	readonly harmless?: number;
	/** Whether Linux puts the pieces together and answers; some are for other systems, which do. */
	readonly isAnsweredByLinux: boolean;
	frames(flow: Flow): Buffer[];
}

const { tcp, udp, fragment: inPieces, options: destination } = protocol;
const hopByHop = 0;

/** In pieces of IPv6. */
export const ip6Ways: readonly WayIn[] = [
	way("a whole segment", true, (flow) => [ip6(flow, tcp, syn(flow))]),
	way("behind destination options", true, (flow) => [
		ip6(flow, destination, options(tcp, syn(flow))),
	]),
	way("a fragment that is the whole", true, (flow) => [
		piece(flow, { next: tcp, offset: 0, more: false }, syn(flow)),
	]),
	way("two fragments, the header in the first", true, (flow) =>
		cut(flow, tcp, syn(flow, 16), 24),
	),
	way("two fragments, the second one first", true, (flow) =>
		cut(flow, tcp, syn(flow, 16), 24).reverse(),
	),
	way("two fragments, the ports in the first", false, (flow) =>
		cut(flow, tcp, syn(flow), 8),
	),
	way("hop-by-hop options, then fragments", true, (flow) =>
		cut(flow, tcp, syn(flow, 16), 24, hopByHop),
	),
	way("options in the first fragment, TCP in the second", false, (flow) =>
		cut(flow, destination, options(tcp, syn(flow)), 8),
	),
	way("options longer than the first fragment", false, (flow) =>
		cut(flow, destination, options(tcp, syn(flow), 4), 8),
	),
	way("options, more options in the second, then TCP", false, (flow) =>
		cut(flow, destination, options(destination, options(tcp, syn(flow), 2)), 8),
	),
	way("fragments within a fragment", false, (flow) => {
		const [first, second] = pieces(tcp, syn(flow), 8);
		return [first, second].map((inner) =>
			piece(
				flow,
				{ next: inPieces, offset: 0, more: false },
				inner ?? Buffer.alloc(0),
			),
		);
	}),
	{
		...way("a second fragment that says it is UDP", true, (flow) => {
			const [first, second] = [
				syn(flow, 16).subarray(0, 24),
				syn(flow, 16).subarray(24),
			];
			return [
				piece(flow, { next: tcp, offset: 0, more: true }, first),
				piece(flow, { next: udp, offset: 24, more: false }, second),
			];
		}),
		harmless: 1,
	},
];

/** IPv4's first fragment always has the ports: at least 8 bytes. What follows it is worth nothing alone. */
export const ip4Ways: readonly WayIn[] = [
	way("a whole segment", true, (flow) => [ip4(flow, syn(flow))]),
	way("behind IP options", true, (flow) => [
		ip4(flow, syn(flow), { options: Buffer.alloc(8, 1) }),
	]),
	...["in order", "the second one first"].map((name, i) => ({
		...way(`two fragments, ${name}`, true, (flow) => {
			const whole = syn(flow);
			const id = flow.fromPort;
			const both = [
				ip4(flow, whole.subarray(0, 8), { more: true, id }),
				ip4(flow, whole.subarray(8), { offset: 8, id }),
			];
			return i === 0 ? both : both.reverse();
		}),
		harmless: 1,
	})),
];

/** What hides the packet from a bridge: wrappings around a whole segment. */
export const wrappings: readonly {
	readonly name: string;
	wrap(frame: Buffer): Buffer;
}[] = [
	{ name: "one VLAN tag", wrap: (frame) => tagged(frame, 7) },
	{ name: "two VLAN tags", wrap: (frame) => tagged(tagged(frame, 8), 7) },
	{
		name: "two tags, the outer 802.1ad",
		wrap: (frame) => tagged(tagged(frame, 8), 7, 0x88a8),
	},
	{
		name: "three tags",
		wrap: (frame) => tagged(tagged(tagged(frame, 9), 8), 7),
	},
	{ name: "a priority tag", wrap: (frame) => tagged(frame, 0) },
	{ name: "PPPoE", wrap: pppoe },
	{ name: "PPPoE behind a tag", wrap: (frame) => tagged(pppoe(frame), 7) },
];

/** Packets as frames. */
export function framesOf(
	packets: readonly Buffer[],
	line: { from: string; to: string },
): Buffer[] {
	return packets.map((packet) =>
		ethernet(
			line,
			packet.readUInt8(0) >> 4 === 6 ? etherType.ip6 : etherType.ip,
			packet,
		),
	);
}

function way(
	name: string,
	isAnsweredByLinux: boolean,
	frames: WayIn["frames"],
): WayIn {
	return { name, isAnsweredByLinux, frames };
}

function piece(
	flow: Flow,
	of: { next: number; offset: number; more: boolean },
	payload: Buffer,
): Buffer {
	return ip6(flow, inPieces, fragment({ ...of, id: flow.fromPort }, payload));
}

function pieces(next: number, whole: Buffer, at: number, id = 1): Buffer[] {
	return [
		fragment({ next, offset: 0, more: true, id }, whole.subarray(0, at)),
		fragment({ next, offset: at, more: false, id }, whole.subarray(at)),
	];
}

/** Two packets, cut at a multiple of 8 bytes; with hop-by-hop options before the fragment header when asked. */
function cut(
	flow: Flow,
	next: number,
	whole: Buffer,
	at: number,
	before?: typeof hopByHop,
): Buffer[] {
	return pieces(next, whole, at, flow.fromPort).map((one) =>
		before === undefined
			? ip6(flow, inPieces, one)
			: ip6(flow, before, options(inPieces, one)),
	);
}
