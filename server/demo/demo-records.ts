/** The demo provider as its billing system would send it at a moment. */
import type { SaveClientInput } from "../domain/accounts/client-report.ts";
import type { SaveServiceInput } from "../domain/inventory/service-report.ts";
import {
	type DemoClient,
	type DemoName,
	type DemoService,
	type DemoVps,
	demoDays,
} from "./provider.ts";

const currencyCode = "SEK";

/** One result for each client of the demo, made one after the other. */
export async function perClient<Result>(
	make: (name: DemoName) => Promise<Result>,
): Promise<Record<DemoName, Result>> {
	return {
		trusted: await make("trusted"),
		prepaid: await make("prepaid"),
		unverified: await make("unverified"),
		other: await make("other"),
		suspended: await make("suspended"),
	};
}

export function clientRecord(client: DemoClient, now: Date): SaveClientInput {
	const { legacyId, name, email, status, totalSpend, proof } = client;
	const verifiedAt = daysFrom(now, -demoDays.provenAgo);
	return {
		...clientTimes(client, now),
		name,
		email,
		status,
		totalSpend,
		currencyCode,
		openAbuseCases: 0,
		languageCode: "en",
		identityProofs:
			proof === null
				? []
				: [{ method: proof, verifiedAt, reference: `demo-${legacyId}` }],
	};
}

/** What of a client must move along with the clock, so that the examples keep their answers. */
export function clientTimes(
	{ legacyId, ageDays }: DemoClient,
	now: Date,
): SaveClientInput {
	return { legacyId, createdAt: daysFrom(now, -ageDays), observedAt: now };
}

export function vpsRecord(
	client: DemoClient,
	vps: DemoVps,
	now: Date,
): SaveServiceInput {
	const { ip, ip6, isAnnual = false } = vps;
	return {
		...record(client, vps, now),
		kind: "vps",
		planName: "VPS S",
		billing: isAnnual
			? {
					amount: "1990.00",
					currencyCode,
					billingCycle: "annually",
					isPayg: false,
					periodYears: 1,
				}
			: {
					amount: "199.00",
					currencyCode,
					billingCycle: "monthly",
					isPayg: false,
					periodYears: null,
				},
		paidUntil: daysFrom(
			now,
			isAnnual ? demoDays.annualPaidAhead : demoDays.monthlyPaidAhead,
		),
		addresses: ip6 === undefined ? [ip] : [ip, ip6],
		primaryIp: ip,
		details: {
			powerState: "running",
			operatingSystem: {
				displayName: "Debian 13",
				family: "debian",
				version: "13",
				variant: null,
			},
			resources: { cpuCores: 2, memoryGb: 4, storageGb: 80 },
		},
	};
}

export function hostingRecord(
	client: DemoClient,
	hosting: DemoService,
	now: Date,
): SaveServiceInput {
	const domain = hosting.name.replace(/^www\./, "");
	return {
		...record(client, hosting, now),
		kind: "hosting",
		planName: "Web S",
		billing: { amount: "49.00", currencyCode, billingCycle: "monthly" },
		paidUntil: daysFrom(now, demoDays.monthlyPaidAhead),
		details: { primaryDomain: domain, domains: [domain, hosting.name] },
	};
}

export function domainRecord(
	client: DemoClient,
	domain: DemoService,
	now: Date,
): SaveServiceInput {
	return {
		...record(client, domain, now),
		kind: "domain",
		billing: {
			amount: "149.00",
			currencyCode,
			billingCycle: "annually",
			periodYears: 1,
		},
		paidUntil: daysFrom(now, demoDays.annualPaidAhead),
		details: {
			lifecycle: {
				type: "standard",
				autoRenewEnabled: true,
				registrarLockEnabled: true,
				transferInProgress: false,
			},
		},
	};
}

/** What of a service must move along with the clock. */
export function serviceTimes(all: SaveServiceInput): SaveServiceInput {
	const { kind, legacyId, paidUntil, observedAt } = all;
	return {
		kind,
		legacyId,
		...(paidUntil !== undefined && { paidUntil }),
		...(observedAt !== undefined && { observedAt }),
	};
}

function record(client: DemoClient, service: DemoService, now: Date) {
	const { id, legacyId, name } = service;
	return {
		...(id !== undefined && { id }),
		legacyId,
		clientLegacyId: client.legacyId,
		name,
		status: client.status === "active" ? "active" : "suspended",
		observedAt: now,
	} as const;
}

function daysFrom(now: Date, days: number): Date {
	return new Date(now.getTime() + days * 24 * 60 * 60 * 1000);
}
