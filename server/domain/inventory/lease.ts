/**
 * A lease: the period during which an address belongs to a service. An address has one live lease at most; ended ones are
 * kept, so that it can be said who had an address when.
 */
import { refuseField } from "../../kernel/errors.ts";
import { parseAddress } from "../../kernel/ip.ts";

export interface Lease {
	readonly id: string;
	/** In canonical form, without a prefix length. */
	readonly address: string;
	readonly startedAt: Date;
}

/** Why a lease ended. */
export type LeaseEndReason = "address_removed";

export interface LeaseChanges {
	readonly ending: readonly Lease[];
	/** Addresses that have no lease of this service yet. */
	readonly starting: readonly string[];
}

/** What must end and what must start for a service to have exactly these addresses (canonical, each once). */
export function leaseChanges(
	live: readonly Lease[],
	addresses: readonly string[],
): LeaseChanges {
	const wanted = new Set(addresses);
	const held = new Set(live.map((lease) => lease.address));
	return {
		ending: live.filter((lease) => !wanted.has(lease.address)),
		starting: addresses.filter((address) => !held.has(address)),
	};
}

/**
 * Reads a list of addresses: canonical, each once, in the order given.
 *
 * Refuses `request.invalid` at `/addresses/{place}`, also for IPv4-mapped IPv6: the same host under a second name.
 */
export function readAddresses(texts: readonly string[]): string[] {
	const addresses = texts.map((text, i) => readIp(text, `/addresses/${i}`));
	return [...new Set(addresses)];
}

/** Reads one address into its canonical form. Refuses `request.invalid` at the pointer. */
export function readIp(text: string, pointer: string): string {
	return (
		parseAddress(text)?.text ??
		refuseField(pointer, "An IPv4 or IPv6 address is required here.")
	);
}

/** The canonical form of an address that the database wrote: it spells some IPv6 addresses in its own way. */
export function canonicalIp(text: string): string {
	return parseAddress(text)?.text ?? text;
}
