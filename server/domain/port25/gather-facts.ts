/**
 * Turns what Postern knows into the facts a policy reads, each with its source and the time it was last seen to be true.
 * Pure: the verb has read everything before, in its transaction.
 */
import type { Standing } from "../accounts/read-standing.ts";
import type { VpsBillingRow } from "../inventory/read-holdings.ts";
import type { Fact, Facts } from "./policy/facts.ts";
import type { Precedents } from "./request-store.ts";

export interface Known {
	readonly at: Date;
	readonly vpsId: string;
	readonly address: string;
	readonly leasedSince: Date;
	readonly standing: Standing;
	readonly billing: readonly VpsBillingRow[];
	readonly precedents: Precedents;
	readonly revokedEntries: number;
}

/** Who says so: the provider's billing system, or Postern's own records. */
const sources = { billing: "billing", own: "postern" } as const;

export function gatherFacts(known: Known): Facts {
	const { standing, precedents, at } = known;
	const ownFact = <Value>(value: Value): Fact<Value> => ({
		value,
		source: sources.own,
		observedAt: at.toISOString(),
	});
	const billed = <Value>(
		value: Value | null,
		observedAt: Date | null,
	): Fact<Value> | null =>
		value === null
			? null
			: { value, source: sources.billing, observedAt: iso(observedAt) };

	return {
		decidedAt: at.toISOString(),
		vpsId: known.vpsId,
		identityProofs: ownFact(
			standing.identityProofs.map((proof) => ({
				method: proof.method,
				verifiedAt: proof.verifiedAt.toISOString(),
			})),
		),
		totalSpend: billed(spendOf(standing), standing.observedAt),
		accountCreatedAt: billed(
			standing.createdAt.toISOString(),
			standing.observedAt,
		),
		clientStatus: billed(standing.status, standing.observedAt),
		openAbuseCases: billed(standing.openAbuseCases, standing.observedAt),
		vpsBilling: known.billing.map((vps) => ({
			value: {
				vpsId: vps.vpsId,
				status: vps.status,
				isPayg: vps.isPayg,
				billingCycle: vps.billingCycle,
				paidUntil: iso(vps.paidUntil),
			},
			source: sources.billing,
			observedAt: iso(vps.observedAt),
		})),
		address: ownFact({
			ip: known.address,
			family: known.address.includes(":") ? 6 : 4,
			leasedSince: known.leasedSince.toISOString(),
		}),
		history: ownFact({
			decidedBefore: {
				approved: precedents.approvedBefore,
				rejected: precedents.rejectedBefore,
				withdrawn: precedents.withdrawnBefore,
				expired: precedents.expiredBefore,
			},
			revokedEntries: known.revokedEntries,
			otherClientsOnAddress: precedents.otherClientsOnAddress,
		}),
	};
}

function spendOf(
	standing: Standing,
): { readonly amount: string; readonly currencyCode: string } | null {
	const { totalSpend, currencyCode } = standing;
	return totalSpend === null || currencyCode === null
		? null
		: { amount: totalSpend, currencyCode };
}

function iso(at: Date | null): string | null {
	return at === null ? null : at.toISOString();
}
