/**
 * A service: something a client rents. A VPS `vps_…`, a shared-hosting account `acct_…`, a domain `dom_…`; v1 and the
 * billing system know each by a number of its kind.
 */

export const serviceKinds = ["vps", "hosting", "domain"] as const;

export type ServiceKind = (typeof serviceKinds)[number];

/** Contract 8.1. */
export const serviceStatuses = [
	"active",
	"suspended",
	"terminated",
	"pending",
	"cancelled",
	"expired",
	"fraud",
	"unknown",
] as const;

export type ServiceStatus = (typeof serviceStatuses)[number];

/** What ends what was granted, in words for the customer: what the provider suspects is not for this place to say. */
const endWords: ReadonlyMap<ServiceStatus, string> = new Map([
	["suspended", "The service was suspended."],
	["terminated", "The service was terminated."],
	["cancelled", "The service was cancelled."],
	["expired", "The service expired."],
	["fraud", "The service was closed."],
]);

/**
 * Whether what was granted on a service ends when it comes into this status. `pending` and `unknown` end nothing: that the
 * billing system is waiting, or has no word for it, is no reason to close a port for good. Nothing new is granted either:
 * that takes `active`.
 */
export function endsGrants(status: ServiceStatus): boolean {
	return endWords.has(status);
}

/** Why what was granted on a service has ended: for the record and the customer. */
export function grantsEndWords(status: ServiceStatus): string {
	return endWords.get(status) ?? "The service is no longer active.";
}

/** Contract 8.1. */
export const billingCycles = [
	"monthly",
	"quarterly",
	"semiannually",
	"annually",
	"biennially",
	"triennially",
	"free",
] as const;

export type BillingCycle = (typeof billingCycles)[number];

export interface Service {
	readonly id: string;
	readonly kind: ServiceKind;
	/** Unique within its kind. */
	readonly legacyId: number;
	readonly clientId: string;
	readonly name: string;
	readonly status: ServiceStatus;
	readonly planName: string | null;
	/** Price of a cycle, decimal. */
	readonly amount: string;
	/** ISO 4217. */
	readonly currencyCode: string;
	readonly billingCycle: BillingCycle | null;
	/** Pay as you go; false is a fixed cycle paid ahead. */
	readonly isPayg: boolean;
	readonly periodYears: number | null;
	readonly paidUntil: Date | null;
	/** One of its leased addresses, in canonical form. */
	readonly primaryIp: string | null;
	/** What only this kind of service has, as the billing system sent it; `service-details.ts` reads it. */
	readonly details: Details;
	/** When the billing system held all this to be true; null when it never said. */
	readonly observedAt: Date | null;
	/** When Postern first heard of it. */
	readonly createdAt: Date;
	/** When the billing system took it away: it has no addresses then. Null while it is there. */
	readonly endedAt: Date | null;
}

/** How one VPS is paid for. */
export interface VpsBilling
	extends Pick<
		Service,
		"status" | "isPayg" | "billingCycle" | "paidUntil" | "observedAt"
	> {
	readonly vpsId: string;
}

export type Details = Readonly<Record<string, unknown>>;

const prefixes = { vps: "vps", hosting: "acct", domain: "dom" } as const;

/** The prefix of the public ids of a kind (contract 10). */
export function idPrefixOf(kind: ServiceKind): "vps" | "acct" | "dom" {
	return prefixes[kind];
}

/** The cycle that customers are shown: pay as you go is `monthly` (contract 8.1). */
export function shownCycle({
	isPayg,
	billingCycle,
}: Pick<Service, "isPayg" | "billingCycle">): BillingCycle | null {
	return isPayg ? "monthly" : billingCycle;
}

/**
 * The primary address after the addresses may have changed: the one that is named, else the one it was while the service
 * still has it, else the first.
 *
 * @param named undefined when nobody names one; null for none
 * @returns undefined when the one that is named is not among the addresses
 */
export function primaryAmong(
	addresses: readonly string[],
	{
		named,
		before,
	}: {
		readonly named: string | null | undefined;
		readonly before: string | null;
	},
): string | null | undefined {
	if (named === null) return null;
	if (named !== undefined) return addresses.includes(named) ? named : undefined;
	if (before !== null && addresses.includes(before)) return before;
	return addresses[0] ?? null;
}
