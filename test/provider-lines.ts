/** A provider as its billing system would send it: lines of an import, the same for the same number of clients. */

export interface ProviderLine {
	readonly kind: "client" | "vps" | "hosting" | "domain";
	readonly legacyId: number;
	readonly [field: string]: unknown;
}

const observedAt = "2026-11-20T09:00:00.000Z";

/** Each client with two servers, and a shared-hosting account or a domain: four lines. Addresses are all different. */
export function* providerLines(clients: number): Generator<ProviderLine> {
	for (let n = 1; n <= clients; n += 1) {
		yield clientLine(n);
		yield vpsLine(n, 2 * n);
		yield vpsLine(n, 2 * n + 1);
		yield n % 2 === 0 ? hostingLine(n) : domainLine(n);
	}
}

function clientLine(n: number): ProviderLine {
	return {
		kind: "client",
		legacyId: n,
		name: `Client ${n} Åberg`,
		email: `client${n}@example.com`,
		status: n % 17 === 0 ? "suspended" : n % 23 === 0 ? "closed" : "active",
		createdAt: new Date(1_577_836_800_000 + n * 60_000).toISOString(),
		totalSpend: `${n % 9000}.${String(n % 100).padStart(2, "0")}`,
		currencyCode: "SEK",
		identityProofs:
			n % 3 === 0
				? [
						{
							method: "bankid",
							verifiedAt: "2026-02-03T04:05:06.789Z",
							reference: `proof-${n}`,
						},
					]
				: [],
		openAbuseCases: n % 50 === 0 ? 1 : 0,
		languageCode: n % 2 === 0 ? "sv" : "en",
		observedAt,
	};
}

/** The nth server; client c has 2c and 2c + 1. */
export function vpsLine(client: number, n: number): ProviderLine {
	const ip = `${20 + (n >> 24)}.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`;
	return {
		kind: "vps",
		legacyId: n,
		clientLegacyId: client,
		name: `app-${n}.example.com`,
		status: n % 29 === 0 ? "terminated" : "active",
		planName: "VPS S",
		billing: {
			amount: "199.00",
			currencyCode: "SEK",
			billingCycle: n % 4 === 0 ? "annually" : "monthly",
			isPayg: false,
			periodYears: n % 4 === 0 ? 1 : null,
		},
		paidUntil: "2027-03-01T00:00:00.000Z",
		addresses: [
			ip,
			`2001:db8:${(n >> 16).toString(16)}:${(n & 0xffff).toString(16)}::1`,
		],
		primaryIp: ip,
		details: {
			powerState: "running",
			operatingSystem: { displayName: "Debian 13", family: "debian" },
			resources: { cpuCores: 2, memoryGb: 4, storageGb: 80 },
		},
		observedAt,
	};
}

function hostingLine(n: number): ProviderLine {
	const name = `www-${n}.example.org`;
	return {
		kind: "hosting",
		legacyId: n,
		clientLegacyId: n,
		name,
		status: "active",
		planName: "Web S",
		billing: { amount: "49.50", billingCycle: "monthly" },
		details: { primaryDomain: name, domains: [name] },
		observedAt,
	};
}

function domainLine(n: number): ProviderLine {
	return {
		kind: "domain",
		legacyId: n,
		clientLegacyId: n,
		name: `client-${n}.example`,
		status: "active",
		planName: null,
		billing: { amount: "149", billingCycle: "annually", periodYears: 1 },
		paidUntil: null,
		details: { lifecycle: { type: "standard", autoRenewEnabled: true } },
		observedAt,
	};
}
