/** Customers with as many servers as a test wants, made by the same verbs as everybody's, and what they ask for. */

import { createApiKey } from "../../server/domain/accounts/create-api-key.ts";
import { saveClient } from "../../server/domain/accounts/save-client.ts";
import { saveSite } from "../../server/domain/allowlist/save-site.ts";
import { saveService } from "../../server/domain/inventory/save-service.ts";
import { scopes, system } from "../../server/kernel/actor.ts";
import type { Verb } from "../../server/platform/perform.ts";
import type { Database } from "./open-database.ts";

export interface Customer {
	readonly id: string;
	/** Each with every customer scope. */
	readonly keys: readonly string[];
	/** Ids of its servers, each with an address of its own. */
	readonly vps: readonly string[];
}

interface Wish {
	/** 1 to 9, another for every customer of a database. */
	readonly number: number;
	/** `trusted` is approved at once, `prepaid` goes to review. */
	readonly standing: "trusted" | "prepaid";
	/** At most `vpsMax`. */
	readonly vps: number;
	readonly keys: number;
}

/** Nine customers fit into the network for benchmarks, 198.18.0.0/15 (RFC 2544). */
const vpsMax = 14_000;

function addressOf(i: number): string {
	return `198.${18 + (i >> 16)}.${(i >> 8) & 255}.${i & 255}`;
}

const dayMs = 24 * 60 * 60 * 1000;

/** The site that all these addresses belong to; once a database. */
export async function addTestSite({ performer }: Database): Promise<void> {
	const site = { id: "default", prefixes: ["198.18.0.0/15"] };
	await performer.perform(system("test"), saveSite, site);
}

/** Makes a customer, in one transaction. */
export function addCustomer(
	{ performer }: Database,
	wish: Wish,
): Promise<Customer> {
	return performer.perform(system("test"), add, wish);
}

const add: Verb<Wish, Customer> = {
	name: "add-customer",
	async run(tx, { number, standing, vps, keys }) {
		const ago = (days: number) => new Date(tx.now.getTime() - days * dayMs);
		const isTrusted = standing === "trusted";
		const legacyId = 40_000 + number;
		const { id } = await saveClient.run(tx, {
			legacyId,
			name: `Client ${legacyId}`,
			status: "active",
			createdAt: ago(800),
			totalSpend: isTrusted ? "9000.00" : "0.00",
			currencyCode: "SEK",
			openAbuseCases: 0,
			identityProofs: isTrusted
				? [{ method: "bankid", verifiedAt: ago(300), reference: null }]
				: [],
			observedAt: tx.now,
		});
		const made: string[] = [];
		for (let i = 0; i < vps; i += 1) {
			const saved = await saveService.run(tx, {
				kind: "vps",
				legacyId: number * 100_000 + i,
				clientLegacyId: legacyId,
				name: `app-${i}.example.com`,
				status: "active",
				planName: "VPS XS",
				billing: {
					amount: "199.00",
					currencyCode: "SEK",
					billingCycle: isTrusted ? "monthly" : "annually",
					isPayg: false,
				},
				paidUntil: ago(-200),
				addresses: [addressOf((number - 1) * vpsMax + i)],
				observedAt: tx.now,
			});
			made.push(saved.id);
		}
		const minted: string[] = [];
		for (let i = 0; i < keys; i += 1) {
			const { key } = await createApiKey.run(tx, {
				holder: { clientId: id },
				name: `key ${i}`,
				scopes: scopes.customer,
				expiresAt: null,
				isTest: false,
			});
			minted.push(key);
		}
		return { id, keys: minted, vps: made };
	},
};

export interface Answer {
	/** 0 when there was none. */
	readonly status: number;
	readonly headers: Headers;
	readonly body: unknown;
}

/** Posts JSON. Never rejects: a server that dies gives no answer. */
export async function post(
	url: string,
	key: string,
	content: object,
): Promise<Answer> {
	try {
		const answer = await fetch(url, {
			method: "POST",
			headers: {
				authorization: `Bearer ${key}`,
				"content-type": "application/json",
			},
			body: JSON.stringify(content),
		});
		const { status, headers } = answer;
		return { status, headers, body: await answer.json() };
	} catch {
		return { status: 0, headers: new Headers(), body: undefined };
	}
}

/** Asks for port 25 on a server. */
export function submit(
	url: string,
	key: string,
	vpsId: string,
): Promise<Answer> {
	return post(`${url}/api/v2/support/port25-requests`, key, {
		vpsId,
		reason: "To send receipts.",
	});
}

/** The id in a 201. */
export function idOf({ body }: Answer): string {
	return String(Object(body).id);
}
