import type { Facts, VpsBilling } from "./facts.ts";

/**
 * Facts to start from in tests and documents: a client with a BankID proof, 5,000 SEK paid, an account of 619 days and one
 * monthly VPS, everything observed an hour before the decision. Tier 3, approved.
 *
 * @param changes facts that replace the sample's
 */
export function sampleFacts(changes: Partial<Facts> = {}): Facts {
	return {
		decidedAt: "2026-06-03T03:25:00.000Z",
		vpsId: "vps_01hxa3b4c5d6e7f8g9h0j1k2m3",
		identityProofs: {
			value: [{ method: "bankid", verifiedAt: "2026-01-15T09:30:00.000Z" }],
			source: "bankid",
			observedAt: null,
		},
		totalSpend: {
			value: { amount: "5000.00", currencyCode: "SEK" },
			source: "billing",
			observedAt,
		},
		accountCreatedAt: {
			value: "2024-09-22T00:00:00.000Z",
			source: "billing",
			observedAt,
		},
		clientStatus: { value: "active", source: "billing", observedAt },
		openAbuseCases: { value: 0, source: "abuse-desk", observedAt },
		vpsBilling: [sampleVps()],
		address: {
			value: {
				ip: "203.0.113.10",
				family: 4,
				leasedSince: "2025-03-01T00:00:00.000Z",
			},
			source: "postern",
			observedAt: "2026-06-03T03:25:00.000Z",
		},
		history: {
			value: {
				decidedBefore: { approved: 1, rejected: 0, withdrawn: 0, expired: 0 },
				revokedEntries: 0,
				otherClientsOnAddress: 2,
			},
			source: "postern",
			observedAt: "2026-06-03T03:25:00.000Z",
		},
		...changes,
	};
}

/** The sample's monthly VPS, which is the target, or another one; observed with the rest unless told otherwise. */
export function sampleVps(
	changes: Partial<VpsBilling> = {},
	seenAt: string | null = observedAt,
) {
	const value: VpsBilling = {
		vpsId: "vps_01hxa3b4c5d6e7f8g9h0j1k2m3",
		status: "active",
		isPayg: false,
		billingCycle: "monthly",
		paidUntil: "2026-06-30T00:00:00.000Z",
		...changes,
	};
	return { value, source: "billing", observedAt: seenAt };
}

const observedAt = "2026-06-03T02:25:00.000Z";
