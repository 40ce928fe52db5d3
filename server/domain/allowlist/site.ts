/**
 * A site: a part of the provider's network whose edge enforces port 25 for the addresses in its prefixes. No two prefixes
 * overlap, so an address has one site or none.
 */
import { refuse, refuseField } from "../../kernel/errors.ts";
import { isPublicNetwork, parsePrefix } from "../../kernel/ip.ts";

export interface Site {
	readonly id: string;
	/** In canonical form and in order. */
	readonly prefixes: readonly string[];
	/** Changes when revisions start over. */
	readonly epoch: string;
	/** Grows by one with every change of what is open there. */
	readonly revision: number;
	/** How many entries are active there. */
	readonly size: number;
	readonly createdAt: Date;
}

/** 1–63 lower-case letters, digits and hyphens. */
export const siteIdPattern = "^[a-z0-9][a-z0-9-]{0,62}$";

const siteId = new RegExp(siteIdPattern);

/** Refuses `request.invalid` at `/id`. */
export function requireSiteId(id: string): void {
	if (!siteId.test(id))
		refuseField(
			"/id",
			"`id` must have 1 to 63 lower-case letters, digits and hyphens.",
		);
}

/**
 * Reads a list of prefixes into their canonical form.
 *
 * Refuses `request.invalid` at `/prefixes/{place}` for a text that is none, for the whole Internet, and for networks in
 * which no customer's address can be (private, link-local, multicast …); `site.prefix_overlaps` for one that is given
 * twice.
 */
export function readPrefixes(texts: readonly string[]): string[] {
	const prefixes = texts.map((text, i) => readPrefix(text, `/prefixes/${i}`));
	if (new Set(prefixes).size < prefixes.length) refuse("site.prefix_overlaps");
	return prefixes;
}

function readPrefix(text: string, pointer: string): string {
	const prefix = parsePrefix(text);
	if (prefix === undefined)
		return refuseField(
			pointer,
			"A network like 192.0.2.0/24 or 2001:db8::/32 is required here.",
		);
	if (!isPublicNetwork(prefix))
		refuseField(
			pointer,
			"A public network is required here; private, shared, link-local and multicast ones have no port to open.",
		);
	return prefix.text;
}

/** The canonical form of a prefix that the database wrote: it spells some IPv6 networks in its own way. */
export function canonicalPrefix(text: string): string {
	return parsePrefix(text)?.text ?? text;
}
