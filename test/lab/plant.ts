/**
 * Plants what the lab needs into the database of a running server: `node plant.ts DATADIR SEED`, both given by
 * `control-plane.ts`, in the server's own namespace, because who owns a data folder is not seen from another. Prints JSON.
 */
import { addStaff } from "../../server/domain/accounts/add-staff.ts";
import { createApiKey } from "../../server/domain/accounts/create-api-key.ts";
import { saveClient } from "../../server/domain/accounts/save-client.ts";
import { saveSite } from "../../server/domain/allowlist/save-site.ts";
import { addAgent } from "../../server/domain/edge/add-agent.ts";
import { saveService } from "../../server/domain/inventory/save-service.ts";
import { scopes, system } from "../../server/kernel/actor.ts";
import type { Tx, Verb } from "../../server/platform/perform.ts";
import { joinDatabase } from "../e2e/open-database.ts";
import type { LabCustomer, Planted, Seed } from "./control-plane.ts";

const labSite = {
	id: "default",
	prefixes: ["192.0.2.0/24", "2001:db8:1::/48"],
};

const plant: Verb<Seed, Planted> = {
	name: "plant-lab",
	async run(tx, { one, two }) {
		await saveSite.run(tx, labSite);
		const staff = await addStaff.run(tx, {
			name: "Lab Reviewer",
			email: "reviewer@example.com",
			role: "admin",
		});
		const { key: reviewerKey } = await createApiKey.run(tx, {
			holder: { staffId: staff.id },
			name: "lab",
			scopes: scopes.staff,
			expiresAt: null,
			isTest: false,
		});
		const agent = await addAgent.run(tx, {
			siteId: labSite.id,
			name: "edge.lab.example",
		});
		return {
			one: await plantCustomer(tx, 1, one),
			two: await plantCustomer(tx, 2, two),
			reviewerKey,
			agentKey: agent.key ?? "",
		};
	},
};

/** A customer who meets the requirement by a year paid in advance, so that a person decides. */
async function plantCustomer(
	tx: Tx,
	number: number,
	addresses: readonly string[],
): Promise<LabCustomer> {
	const legacyId = 50_000 + number;
	const ago = (days: number) =>
		new Date(tx.now.getTime() - days * 24 * 60 * 60 * 1000);
	const { id } = await saveClient.run(tx, {
		legacyId,
		name: `Lab customer ${number}`,
		email: `customer${number}@example.com`,
		status: "active",
		createdAt: ago(800),
		totalSpend: "0.00",
		currencyCode: "SEK",
		openAbuseCases: 0,
		identityProofs: [],
		observedAt: tx.now,
	});
	const vps = await saveService.run(tx, {
		kind: "vps",
		legacyId,
		clientLegacyId: legacyId,
		name: `lab-${number}.example.com`,
		status: "active",
		planName: "VPS XS",
		billing: {
			amount: "1990.00",
			currencyCode: "SEK",
			billingCycle: "annually",
			isPayg: false,
		},
		paidUntil: ago(-300),
		addresses,
		observedAt: tx.now,
	});
	const { key } = await createApiKey.run(tx, {
		holder: { clientId: id },
		name: "lab",
		scopes: scopes.customer,
		expiresAt: null,
		isTest: false,
	});
	return { key, vpsId: vps.id };
}

const [dataDir = "", seed = ""] = process.argv.slice(2);
const database = await joinDatabase(dataDir);
try {
	const planted = await database.performer.perform(
		system("lab"),
		plant,
		JSON.parse(seed),
	);
	process.stdout.write(JSON.stringify(planted));
} finally {
	await database.close();
}
