/**
 * An allow-list entry: an address that may open connections to port 25 (v1 says whitelist).
 *
 * active → suspended ↔ active → revoked. It lives on one lease and never outlives it (invariant I5).
 */

export type EntryState = "active" | "suspended" | "revoked";

/** Which states each action starts from, and where it leads. */
export const entryCan = {
	suspend: { from: ["active"], to: "suspended" },
	resume: { from: ["suspended"], to: "active" },
	revoke: { from: ["active", "suspended"], to: "revoked" },
} as const satisfies Record<
	string,
	{ readonly from: readonly EntryState[]; readonly to: EntryState }
>;

export type EntryAction = keyof typeof entryCan;

export interface Entry {
	readonly id: string;
	/** What v1 knows it by. */
	readonly number: number;
	/** One address, without a prefix length. */
	readonly address: string;
	readonly clientId: string;
	readonly clientLegacyId: number;
	readonly serviceId: string;
	readonly serviceLegacyId: number;
	readonly serviceName: string;
	/** Where it is enforced; null where no site covers the address. */
	readonly siteId: string | null;
	readonly requestId: string | null;
	readonly state: EntryState;
	readonly notes: string | null;
	readonly addedBy: "staff" | "system";
	readonly addedById: string;
	/** When every armed agent of the site had acknowledged it; null before. */
	readonly openedAt: Date | null;
	/** Of one that is not active: since when no agent can hold it open any more, of this site or a former one; null before. */
	readonly closedAt: Date | null;
	readonly createdAt: Date;
	readonly updatedAt: Date;
	/** Why it was suspended or revoked; null while it is active. */
	readonly endReason: string | null;
}

/** What the edge does about an address (contract 14.53). */
export type Enforcement =
	| "pending"
	| "open"
	| "closing"
	| "closed"
	| "unmanaged";

/**
 * What the edge does about an entry. A port is called open only once every armed agent of its site has acknowledged it, and
 * closed again only when no agent can still hold it open (edge truth E8).
 */
export function enforcementOf(
	entry: Pick<Entry, "state" | "siteId" | "openedAt" | "closedAt"> | null,
): Enforcement {
	if (entry === null) return "closed";
	// What a site held that it has left may be open there still.
	if (entry.siteId === null)
		return entry.state !== "active" && entry.closedAt === null
			? "closing"
			: "unmanaged";
	if (entry.state === "active")
		return entry.openedAt === null ? "pending" : "open";
	return entry.closedAt === null ? "closing" : "closed";
}
