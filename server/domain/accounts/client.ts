/**
 * A client: a customer account of the provider, as the billing system last described it.
 *
 * The v2 face knows it as `client_…`, v1 and the billing system by a number.
 */

export const clientStatuses = ["active", "suspended", "closed"] as const;

export type ClientStatus = (typeof clientStatuses)[number];

/** How the provider knows who stands behind an account. */
export const proofMethods = ["bankid", "eid", "document", "staff"] as const;

export type ProofMethod = (typeof proofMethods)[number];

export interface IdentityProof {
	readonly method: ProofMethod;
	readonly verifiedAt: Date;
	/** Where the provider finds its own record of it: a receipt number, never a personal number (invariant I10). */
	readonly reference: string | null;
}

export interface Client {
	readonly id: string;
	readonly legacyId: number;
	readonly name: string | null;
	readonly email: string | null;
	readonly status: ClientStatus;
	readonly firstName: string | null;
	readonly lastName: string | null;
	readonly companyName: string | null;
	/** Personal or company registration, as the provider shows it to its owner. */
	readonly registrationValue: string | null;
	readonly registrationCountry: string | null;
	/** ISO 3166-1, two letters. */
	readonly countryCode: string | null;
	/** E.164. */
	readonly phoneNumber: string | null;
	readonly languageCode: string | null;
	/** ISO 4217; the currency of `totalSpend` too. */
	readonly currencyCode: string | null;
	readonly accountType: "private" | "organisation";
	readonly vatNumber: string | null;
	readonly invoiceReference: string | null;
	/** Paid over the life of the account, decimal with two places; null when nobody said. */
	readonly totalSpend: string | null;
	/** Null when nobody said. */
	readonly openAbuseCases: number | null;
	/** When the billing system held all this to be true; null when it never said. */
	readonly observedAt: Date | null;
	/** When the account was opened with the provider. */
	readonly createdAt: Date;
}

/** Whether the account may do more than read and ask for help (contract 14.40). */
export function clientIsActive({ status }: Pick<Client, "status">): boolean {
	return status === "active";
}
