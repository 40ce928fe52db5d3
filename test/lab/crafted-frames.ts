/**
 * Frames by hand: Ethernet, IPv4 (RFC 791), IPv6 (RFC 8200) with its extension headers, and the opening segment of TCP
 * (RFC 9293), in whatever pieces and wrappings somebody may try in order to get past a gate.
 */
import { isIPv6 } from "node:net";

export const protocol = { tcp: 6, udp: 17, fragment: 44, options: 60 } as const;
export const etherType = { ip: 0x0800, ip6: 0x86dd } as const;

export interface Flow {
	readonly from: string;
	readonly to: string;
	readonly fromPort: number;
	readonly toPort: number;
}

export function ethernet(
	{ from, to }: { from: string; to: string },
	type: number,
	payload: Buffer,
): Buffer {
	return Buffer.concat([macBytes(to), macBytes(from), u16(type), payload]);
}

/** A VLAN tag (802.1Q, or 802.1ad with its own type) as it stands between the addresses and the type. */
export function tagged(frame: Buffer, vlan: number, type = 0x8100): Buffer {
	return Buffer.concat([
		frame.subarray(0, 12),
		u16(type),
		u16(vlan),
		frame.subarray(12),
	]);
}

/** A PPPoE session frame (RFC 2516) around an IP packet. */
export function pppoe(frame: Buffer): Buffer {
	const isV6 = frame.readUInt16BE(12) === etherType.ip6;
	const inner = Buffer.concat([
		u16(isV6 ? 0x0057 : 0x0021),
		frame.subarray(14),
	]);
	return Buffer.concat([
		frame.subarray(0, 12),
		u16(0x8864),
		Buffer.from([0x11, 0, 0, 1]),
		u16(inner.length),
		inner,
	]);
}

/** TCP's first segment: a header of 24 bytes, with the usual option, and bytes of data, which are allowed and ignored. */
export function syn(flow: Flow, dataBytes = 0): Buffer {
	const headerBytes = 24;
	const segment = Buffer.alloc(headerBytes + dataBytes);
	segment.writeUInt16BE(flow.fromPort, 0);
	segment.writeUInt16BE(flow.toPort, 2);
	segment.writeUInt32BE(1, 4);
	segment.writeUInt8((headerBytes / 4) << 4, 12);
	segment.writeUInt8(0x02, 13);
	segment.writeUInt16BE(0xffff, 14);
	segment.set([2, 4, 0x05, 0xb4], 20);
	segment.writeUInt16BE(
		checksum(pseudoHeader(flow, protocol.tcp, segment.length), segment),
		16,
	);
	return segment;
}

export interface Ip4Piece {
	/** Where in the whole it stands, in bytes; a multiple of 8. */
	readonly offset?: number;
	readonly more?: boolean;
	readonly id?: number;
	/** Options, a multiple of 4 bytes. */
	readonly options?: Buffer;
}

export function ip4(flow: Flow, payload: Buffer, piece: Ip4Piece = {}): Buffer {
	const { offset = 0, more = false, id = 1, options = Buffer.alloc(0) } = piece;
	const header = Buffer.concat([Buffer.alloc(20), options]);
	header.writeUInt8(0x40 | (header.length / 4), 0);
	header.writeUInt16BE(header.length + payload.length, 2);
	header.writeUInt16BE(id, 4);
	header.writeUInt16BE((more ? 0x2000 : 0) | (offset / 8), 6);
	header.writeUInt8(64, 8);
	header.writeUInt8(protocol.tcp, 9);
	header.set(addressBytes(flow.from), 12);
	header.set(addressBytes(flow.to), 16);
	header.writeUInt16BE(checksum(header), 10);
	return Buffer.concat([header, payload]);
}

export function ip6(flow: Flow, next: number, payload: Buffer): Buffer {
	const header = Buffer.alloc(40);
	header.writeUInt8(0x60, 0);
	header.writeUInt16BE(payload.length, 4);
	header.writeUInt8(next, 6);
	header.writeUInt8(64, 7);
	header.set(addressBytes(flow.from), 8);
	header.set(addressBytes(flow.to), 24);
	return Buffer.concat([header, payload]);
}

/** IPv6 fragment header before a piece; offset in bytes. */
export function fragment(
	piece: { next: number; offset: number; more: boolean; id: number },
	payload: Buffer,
): Buffer {
	const header = Buffer.alloc(8);
	header.writeUInt8(piece.next, 0);
	header.writeUInt16BE(piece.offset | (piece.more ? 1 : 0), 2);
	header.writeUInt32BE(piece.id, 4);
	return Buffer.concat([header, payload]);
}

/** Hop-by-hop or destination options of 8 bytes each `units`, filled with padding, before a payload. */
export function options(next: number, payload: Buffer, units = 1): Buffer {
	const header = Buffer.alloc(8 * units);
	header.writeUInt8(next, 0);
	header.writeUInt8(units - 1, 1);
	header.writeUInt8(1, 2);
	header.writeUInt8(header.length - 4, 3);
	return Buffer.concat([header, payload]);
}

/** The port a SYN-ACK is sent to, when the frame is one of that flow's server. */
export function answeredPort(frame: Buffer): number | undefined {
	const type = frame.readUInt16BE(12);
	let at = 14;
	if (type === etherType.ip && frame.readUInt8(at + 9) === protocol.tcp)
		at += (frame.readUInt8(at) & 0x0f) * 4;
	else if (type === etherType.ip6 && frame.readUInt8(at + 6) === protocol.tcp)
		at += 40;
	else return undefined;
	return frame.readUInt8(at + 13) === 0x12
		? frame.readUInt16BE(at + 2)
		: undefined;
}

function pseudoHeader(flow: Flow, next: number, length: number): Buffer {
	const addresses = [addressBytes(flow.from), addressBytes(flow.to)];
	return Buffer.concat([...addresses, u16(0), u16(length), u16(0), u16(next)]);
}

/** RFC 1071. */
function checksum(...parts: readonly Buffer[]): number {
	let sum = 0;
	for (const part of parts)
		for (let i = 0; i < part.length; i += 2) sum += part.readUInt16BE(i);
	while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
	return ~sum & 0xffff;
}

function addressBytes(address: string): Buffer {
	if (!isIPv6(address)) return Buffer.from(address.split(".").map(Number));
	const [head = "", tail = ""] = address.split("::");
	const words = (text: string) =>
		text === "" ? [] : text.split(":").map((word) => Number.parseInt(word, 16));
	const [front, back] = [words(head), words(tail)];
	const gap = Array.from({ length: 8 - front.length - back.length }, () => 0);
	return Buffer.concat([...front, ...gap, ...back].map(u16));
}

function macBytes(mac: string): Buffer {
	return Buffer.from(mac.replaceAll(":", ""), "hex");
}

function u16(value: number): Buffer {
	const bytes = Buffer.alloc(2);
	bytes.writeUInt16BE(value);
	return bytes;
}
