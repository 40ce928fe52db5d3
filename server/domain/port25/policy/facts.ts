/**
 * What is known when a request is decided, frozen into it (contract 14.47). Everything is plain JSON: instants are ISO
 * 8601 UTC texts, amounts are decimal texts, nothing is a Date or a BigInt. Stored and read back, it is the same.
 */

/** Something known: the value, who says so (`billing`, `bankid`, `postern` …), and when it was last seen to be true. */
export type Fact<Value> = {
	readonly value: Value;
	readonly source: string;
	readonly observedAt: string | null;
};

/** Every fact may be missing. A missing fact never helps; neither does one without its source. */
export type Facts = {
	/** The clock of the deciding transaction: every age is counted up to here. */
	readonly decidedAt: string;
	/** The VPS that the request is for. */
	readonly vpsId: string;
	/** Proofs of identity, never stale: once proved stays proved. One that was withdrawn is left out. */
	readonly identityProofs: Fact<readonly IdentityProof[]> | null;
	/** All that the client ever paid. */
	readonly totalSpend: Fact<Money> | null;
	/** When the account was made; never stale. */
	readonly accountCreatedAt: Fact<string> | null;
	/** The account's state in billing: `active`, `suspended`, `closed` (contract 14.59). */
	readonly clientStatus: Fact<string> | null;
	/** How many abuse cases are open against the client. */
	readonly openAbuseCases: Fact<number> | null;
	/** Every VPS of the client, the target among them, each observed at its own time; null when unknown. */
	readonly vpsBilling: readonly Fact<VpsBilling>[] | null;
	/** The address to be opened. Evidence for the reviewer; the tiers do not look at it. */
	readonly address: Fact<AddressFact> | null;
	/** What went before. Evidence for the reviewer; the tiers do not look at it. */
	readonly history: Fact<History> | null;
};

export const identityMethods = ["bankid", "eid", "document", "staff"] as const;

/** How somebody proved who they are; `staff` is an override with a written reason (contract 14.55). */
export type IdentityMethod = (typeof identityMethods)[number];

export type IdentityProof = {
	readonly method: IdentityMethod;
	readonly verifiedAt: string;
};

/** `{ amount: "499.50", currencyCode: "SEK" }` */
export type Money = { readonly amount: string; readonly currencyCode: string };

/** One VPS as billing sees it; `status` and `billingCycle` are the words of contract 8.1. */
export type VpsBilling = {
	readonly vpsId: string;
	readonly status: string;
	readonly isPayg: boolean;
	readonly billingCycle: string | null;
	readonly paidUntil: string | null;
};

export type AddressFact = {
	readonly ip: string;
	readonly family: 4 | 6;
	readonly leasedSince: string | null;
};

export type History = {
	/** The client's earlier requests by how they ended. */
	readonly decidedBefore: {
		readonly approved: number;
		readonly rejected: number;
		readonly withdrawn: number;
		readonly expired: number;
	};
	/** The client's allow-list entries that were revoked. */
	readonly revokedEntries: number;
	/** Other clients that held this address before. */
	readonly otherClientsOnAddress: number;
};
