/**
 * A lease: the period during which an address belongs to a service. An address has one live lease at most; ended ones are
 * kept, so that it can be said who had an address when.
 */
import { refuseField } from "../../kernel/errors.ts";
import { type Address, isPublic, parseAddress } from "../../kernel/ip.ts";

export interface Lease {
	readonly id: string;
	/** In canonical form, without a prefix length. */
	readonly address: string;
	readonly startedAt: Date;
}

/** A lease that lives, with whose it is. */
export interface LiveLease extends Lease {
	readonly serviceId: string;
	readonly clientId: string;
}

/** Why a lease ended. */
export type LeaseEndReason =
	| "address_removed"
	| "address_moved"
	| "service_ended";

/** Why what stood on a lease that ended was ended with it: for the record and the customer. */
export const leaseEndWords = {
	address_removed: "The address was taken away from the service.",
	address_moved: "The address moved to another service.",
	service_ended: "The service has ended.",
} as const satisfies Record<LeaseEndReason, string>;

export interface LeaseChanges<Held extends Lease> {
	readonly ending: readonly Held[];
	/** Addresses that have no lease of this service yet. */
	readonly starting: readonly string[];
}

/** What must end and what must start for a service to have exactly these addresses (canonical, each once). */
export function leaseChanges<Held extends Lease>(
	live: readonly Held[],
	addresses: readonly string[],
): LeaseChanges<Held> {
	const wanted = new Set(addresses);
	const held = new Set(live.map((lease) => lease.address));
	return {
		ending: live.filter((lease) => !wanted.has(lease.address)),
		starting: addresses.filter((address) => !held.has(address)),
	};
}

/**
 * Reads a list of addresses: canonical, in the order given.
 *
 * Refuses `request.invalid` at `/addresses/{place}`: what is no address (IPv4-mapped IPv6 included: the same host under a
 * second name), what can be no customer's own on the Internet, and what stands there twice.
 */
export function readAddresses(texts: readonly string[]): string[] {
	const addresses = new Set<string>();
	for (const [i, text] of texts.entries()) {
		const pointer = `/addresses/${i}`;
		const address = readAddress(text, pointer);
		if (!isPublic(address))
			refuseField(pointer, "This address can be no customer's own.");
		if (addresses.has(address.text))
			refuseField(pointer, "This address stands here twice.");
		addresses.add(address.text);
	}
	return [...addresses];
}

/** Reads one address into its canonical form. Refuses `request.invalid` at the pointer. */
export function readIp(text: string, pointer: string): string {
	return readAddress(text, pointer).text;
}

function readAddress(text: string, pointer: string): Address {
	return (
		parseAddress(text) ??
		refuseField(pointer, "An IPv4 or IPv6 address is required here.")
	);
}

/** The order of addresses that came in none: IPv4 before IPv6, then by their texts. */
export function inAddressOrder<Held extends Lease>(
	leases: readonly Held[],
): Held[] {
	const isSix = ({ address }: Held) => Number(address.includes(":"));
	return leases.toSorted(
		(a, b) => isSix(a) - isSix(b) || Number(a.address > b.address) || -1,
	);
}

/** The canonical form of an address that the database wrote: it spells some IPv6 addresses in its own way. */
export function canonicalIp(text: string): string {
	return parseAddress(text)?.text ?? text;
}
