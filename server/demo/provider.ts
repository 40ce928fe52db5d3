/**
 * The demo provider: data only. Its ids, numbers and addresses stand in the documents' examples, so that these work as
 * pasted (contract 14.60); all other addresses are those set aside for documents (RFC 5737, RFC 3849).
 *
 * Times are relative to the start of the server: what is said about the clients is always fresh.
 */
import type { IdentityProof } from "../domain/accounts/client.ts";
import type { SaveClientInput } from "../domain/accounts/client-report.ts";

export const demoNames = [
	"trusted",
	"prepaid",
	"unverified",
	"other",
	"suspended",
] as const;

export type DemoName = (typeof demoNames)[number];

export interface DemoService {
	readonly legacyId: number;
	readonly name: string;
	/** Only where the documents name it; drawn otherwise. */
	readonly id?: string;
}

export interface DemoVps extends DemoService {
	readonly ip: string;
	readonly ip6?: string;
	/** A year paid ahead, eleven months of it left; monthly otherwise. */
	readonly isAnnual?: true;
}

export interface DemoClient
	extends Required<
		Pick<
			SaveClientInput,
			"legacyId" | "name" | "email" | "status" | "totalSpend"
		>
	> {
	readonly ageDays: number;
	/** How the identity was proven, if it was. */
	readonly proof: IdentityProof["method"] | null;
	readonly vps: readonly DemoVps[];
	readonly hosting: readonly DemoService[];
	readonly domains: readonly DemoService[];
}

/** The site that enforces, and the networks it covers: those of the demo's addresses. */
export const demoSite = {
	id: "default",
	prefixes: [
		"192.0.0.0/24",
		"192.0.2.0/24",
		"198.51.100.0/24",
		"203.0.113.0/24",
		"2001:db8::/32",
	],
} as const;

/** Of the site. */
export const demoAgent = { name: "Demo agent" } as const;

export const demoStaff = {
	name: "Demo Staff",
	email: "staff@demo.example",
	role: "admin",
} as const;

/** In days before or after the start of the server. */
export const demoDays = {
	provenAgo: 200,
	annualPaidAhead: 335,
	monthlyPaidAhead: 20,
} as const;

export const demoClients: Readonly<Record<DemoName, DemoClient>> = {
	/** Tier 3: approved at once. */
	trusted: {
		legacyId: 30_001,
		name: "Northern Mail AB",
		email: "trusted@demo.example",
		status: "active",
		ageDays: 930,
		totalSpend: "7420.00",
		proof: "bankid",
		vps: [
			{
				legacyId: 10_701,
				id: "vps_01hxa3b4c5d6e7f8g9h0j1k2m3",
				name: "mail.example.com",
				ip: "203.0.113.10",
			},
			{
				legacyId: 10_702,
				name: "mx1.example.com",
				ip: "203.0.113.11",
				ip6: "2001:db8:1::11",
			},
			{ legacyId: 10_703, name: "mx2.example.com", ip: "203.0.113.12" },
			{ legacyId: 10_704, name: "list.example.com", ip: "203.0.113.13" },
			{ legacyId: 10_705, name: "www.example.com", ip: "203.0.113.14" },
			{
				legacyId: 10_706,
				name: "app.example.com",
				ip: "203.0.113.15",
				ip6: "2001:db8:1::15",
			},
		],
		hosting: [{ legacyId: 2001, name: "www.example.com" }],
		domains: [
			{
				legacyId: 5001,
				id: "dom_01hxa3b4c5d6e7f8g9h0j1k2m3",
				name: "example.com",
			},
		],
	},
	/** Meets the requirement by prepaying, reaches no tier: a person decides. */
	prepaid: {
		legacyId: 30_002,
		name: "Bakery on the Corner",
		email: "prepaid@demo.example",
		status: "active",
		ageDays: 40,
		totalSpend: "1990.00",
		proof: null,
		vps: [
			{
				legacyId: 10_721,
				name: "shop.example.net",
				ip: "198.51.100.20",
				isAnnual: true,
			},
			{
				legacyId: 10_722,
				name: "mail.example.net",
				ip: "198.51.100.21",
				ip6: "2001:db8:2::21",
			},
			{ legacyId: 10_723, name: "test.example.net", ip: "198.51.100.22" },
			{ legacyId: 10_724, name: "news.example.net", ip: "198.51.100.23" },
			{ legacyId: 10_725, name: "till.example.net", ip: "198.51.100.24" },
			{
				legacyId: 10_726,
				name: "backup.example.net",
				ip: "198.51.100.25",
				ip6: "2001:db8:2::25",
			},
		],
		hosting: [{ legacyId: 2002, name: "www.example.net" }],
		domains: [{ legacyId: 5002, name: "example.net" }],
	},
	/** The account of the first generation's examples: v2 refuses it, v1 leaves it pending. */
	unverified: {
		legacyId: 30_000,
		name: "Star Up",
		email: "unverified@demo.example",
		status: "active",
		ageDays: 619,
		totalSpend: "0.00",
		proof: null,
		vps: [
			{ legacyId: 10_712, name: "starup", ip: "192.0.0.1" },
			{
				legacyId: 10_713,
				name: "starup-two",
				ip: "192.0.2.40",
				ip6: "2001:db8:3::40",
			},
		],
		hosting: [{ legacyId: 2003, name: "www.starup.example" }],
		domains: [{ legacyId: 5003, name: "starup.example" }],
	},
	/** Tier 1: accepted, and a person decides. */
	other: {
		legacyId: 30_003,
		name: "Other Client",
		email: "other@demo.example",
		status: "active",
		ageDays: 100,
		totalSpend: "240.00",
		proof: "bankid",
		vps: [
			{ legacyId: 10_731, name: "one.example.org", ip: "192.0.2.50" },
			{
				legacyId: 10_732,
				name: "two.example.org",
				ip: "192.0.2.51",
				ip6: "2001:db8:4::51",
			},
			{ legacyId: 10_733, name: "three.example.org", ip: "192.0.2.52" },
		],
		hosting: [{ legacyId: 2004, name: "www.example.org" }],
		domains: [{ legacyId: 5004, name: "example.org" }],
	},
	/** May read, and nothing else. */
	suspended: {
		legacyId: 30_004,
		name: "Suspended Client",
		email: "suspended@demo.example",
		status: "suspended",
		ageDays: 400,
		totalSpend: "900.00",
		proof: "bankid",
		vps: [
			{ legacyId: 10_741, name: "late.example", ip: "192.0.2.60" },
			{
				legacyId: 10_742,
				name: "later.example",
				ip: "192.0.2.61",
				ip6: "2001:db8:5::61",
			},
		],
		hosting: [{ legacyId: 2005, name: "www.late.example" }],
		domains: [{ legacyId: 5005, name: "late.example" }],
	},
};
