/** Builds what tests need through the same verbs as everybody: clients of a kind, servers with addresses, reviewers. */
import { addStaff } from "../server/domain/accounts/add-staff.ts";
import { saveClient } from "../server/domain/accounts/save-client.ts";
import { saveSite } from "../server/domain/allowlist/save-site.ts";
import { saveService } from "../server/domain/inventory/save-service.ts";
import { adoptPolicy } from "../server/domain/port25/adopt-policy.ts";
import { defaultPolicy } from "../server/domain/port25/policy/policy.ts";
import {
	type CustomerActor,
	type StaffActor,
	scopes,
	system,
} from "../server/kernel/actor.ts";
import type { Performer } from "../server/platform/perform.ts";
import { testNow } from "./db.ts";

/** `trusted` is approved by itself, `prepaid` goes to review, `unverified` does not meet the requirement. */
export type Standing = "trusted" | "prepaid" | "unverified";

export interface TestVps {
	readonly id: string;
	readonly legacyId: number;
	readonly name: string;
	readonly ip: string;
	readonly ip6: string;
}

export interface TestClient {
	readonly actor: CustomerActor;
	readonly id: string;
	readonly legacyId: number;
	readonly standing: Standing;
	addVps(change?: {
		readonly status?: "active" | "suspended" | "pending";
		readonly addresses?: readonly string[];
	}): Promise<TestVps>;
	setStatus(status: "active" | "suspended" | "closed"): Promise<void>;
}

const day = 24 * 60 * 60 * 1000;

export function createWorld(performer: () => Performer) {
	const operator = system("test");
	let counter = 0;

	const world = {
		/** The default policy in force and the site `default` around every test address. */
		async begin(): Promise<void> {
			await performer().perform(operator, adoptPolicy, defaultPolicy);
			await performer().perform(operator, saveSite, {
				id: "default",
				prefixes: ["198.18.0.0/15", "2001:db8::/32"],
			});
		},

		async addClient(standing: Standing): Promise<TestClient> {
			counter += 1;
			const legacyId = 30_000 + counter;
			const { id } = await performer().perform(operator, saveClient, {
				legacyId,
				name: `Client ${legacyId}`,
				email: `client${legacyId}@example.com`,
				status: "active",
				createdAt: new Date(testNow.getTime() - 619 * day),
				totalSpend: standing === "trusted" ? "5200.00" : "0.00",
				currencyCode: "SEK",
				openAbuseCases: 0,
				identityProofs:
					standing === "trusted"
						? [
								{
									method: "bankid",
									verifiedAt: new Date(testNow.getTime() - 300 * day),
									reference: null,
								},
							]
						: [],
				observedAt: testNow,
			});
			return {
				id,
				legacyId,
				standing,
				actor: {
					kind: "customer",
					clientId: id,
					keyId: "key_01hxa3b4c5d6e7f8g9h0j1k2m3",
					scopes: scopes.customer,
				},
				addVps: (change) => addVps({ legacyId, standing }, change),
				async setStatus(status) {
					await performer().perform(operator, saveClient, { legacyId, status });
				},
			};
		},

		async addReviewer(): Promise<StaffActor> {
			counter += 1;
			const staff = await performer().perform(operator, addStaff, {
				name: `Reviewer ${counter}`,
				email: `reviewer${counter}@example.com`,
				role: "admin",
			});
			return {
				kind: "staff",
				staffId: staff.id,
				name: staff.name,
				keyId: "key_01hxa3b4c5d6e7f8g9h0j1k2m4",
				scopes: scopes.staff,
			};
		},

		/** Ends all leases of a server, as the billing system does when it takes the addresses away. */
		async takeAddresses(vps: TestVps): Promise<void> {
			await performer().perform(operator, saveService, {
				kind: "vps",
				legacyId: vps.legacyId,
				addresses: [],
			});
		},
	};

	async function addVps(
		owner: { readonly legacyId: number; readonly standing: Standing },
		change: Parameters<TestClient["addVps"]>[0] = {},
	): Promise<TestVps> {
		counter += 1;
		const legacyId = 10_000 + counter;
		const ip = `198.18.${counter >> 8}.${counter & 255}`;
		const ip6 = `2001:db8::${counter.toString(16)}`;
		const name = `app-${counter}.example.com`;
		const { id } = await performer().perform(operator, saveService, {
			kind: "vps",
			legacyId,
			clientLegacyId: owner.legacyId,
			name,
			status: change.status ?? "active",
			planName: "VPS XS",
			billing: {
				amount: "199.00",
				currencyCode: "SEK",
				billingCycle: owner.standing === "prepaid" ? "annually" : "monthly",
				isPayg: false,
			},
			paidUntil: new Date(testNow.getTime() + 200 * day),
			addresses: change.addresses ?? [ip, ip6],
			observedAt: testNow,
		});
		return { id, legacyId, name, ip, ip6 };
	}

	return world;
}
