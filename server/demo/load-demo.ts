import { addStaff } from "../domain/accounts/add-staff.ts";
import { saveClient } from "../domain/accounts/save-client.ts";
import { saveSite } from "../domain/allowlist/save-site.ts";
import { saveService } from "../domain/inventory/save-service.ts";
import type { SaveServiceInput } from "../domain/inventory/service-report.ts";
import { assert } from "../kernel/assert.ts";
import { Refusal } from "../kernel/errors.ts";
import type { Question, Tx, Verb } from "../platform/perform.ts";
import { StartFailure } from "../platform/start-failure.ts";
import { edgeKeyFor } from "./demo-agent.ts";
import {
	areUsable,
	type ClientKeys,
	createKeys,
	type DemoKeys,
	findStaffHolder,
	revokeKeys,
} from "./demo-keys.ts";
import {
	clientRecord,
	clientTimes,
	domainRecord,
	hostingRecord,
	perClient,
	serviceTimes,
	vpsRecord,
} from "./demo-records.ts";
import {
	type DatabaseContent,
	findContent,
	lockInstallation,
	markDemo,
} from "./demo-store.ts";
import { addTickets, type DemoPeople } from "./demo-tickets.ts";
import {
	type DemoClient,
	type DemoName,
	demoClients,
	demoNames,
	demoSite,
	demoStaff,
} from "./provider.ts";

/** What scripts find in the demo file, but for the address of the server. */
export interface DemoContents {
	readonly staffKey: string;
	/** Of an agent at the site `default`. */
	readonly edgeKey: string;
	readonly clients: Readonly<Record<DemoName, ClientKeys & DemoHoldings>>;
}

export interface DemoHoldings {
	readonly clientId: string;
	readonly legacyId: number;
	readonly vps: readonly (NamedService & {
		readonly ip: string;
		/** Null without IPv6. */
		readonly ip6: string | null;
	})[];
	readonly hosting: readonly NamedService[];
	readonly domains: readonly NamedService[];
}

export interface NamedService {
	readonly id: string;
	readonly legacyId: number;
	readonly name: string;
}

/** What the database holds, for whoever decides whether the demo shall be loaded, and on which address it is served. */
export const demoContent: Question<Record<never, never>, DatabaseContent> = {
	name: "demo-content",
	answer: (view) => findContent(view),
};

/**
 * Loads the demo provider into an empty database, or refreshes the times in one that has it. One transaction: there is no
 * half a demo, and the mark that makes test keys valid comes first in it.
 *
 * `knownKeys` are those of the demo file; they stay when all of them work, and are made anew otherwise, the old ones
 * revoked. A refresh touches only times: what was changed in the demo stays changed.
 *
 * @throws StartFailure for a database that holds clients and is no demo
 */
export const loadDemo: Verb<
	{ readonly knownKeys: DemoKeys | undefined },
	DemoContents
> = {
	name: "load-demo",
	async run(tx, { knownKeys }) {
		await lockInstallation(tx);
		const content = await findContent(tx);
		if (content === "other")
			throw new StartFailure(
				"The database holds clients that are no demo. The demo is loaded into an empty database only.",
			);
		const isNew = content === "empty";
		if (isNew) {
			await markDemo(tx, true);
			await saveSite.run(tx, demoSite);
		}
		const holdings = await perClient((name) =>
			saveHoldings(tx, demoClients[name], isNew),
		);
		const keys = await keysFor(tx, holdings, knownKeys);
		const edgeKey = await edgeKeyFor(tx, knownKeys?.edgeKey);
		if (isNew) {
			await addTickets(tx, await peopleOf(tx, holdings));
			tx.emit({
				kind: "demo.loaded",
				subject: "demo",
				clientId: null,
				data: { clients: demoNames.length },
			});
		}
		const clients = await perClient(async (name) => ({
			...keys.clients[name],
			...holdings[name],
		}));
		return { staffKey: keys.staffKey, edgeKey, clients };
	},
};

async function saveHoldings(
	tx: Tx,
	client: DemoClient,
	isNew: boolean,
): Promise<DemoHoldings> {
	const record = isNew ? clientRecord : clientTimes;
	const { id: clientId } = await saveClient.run(tx, record(client, tx.now));
	const save = (all: SaveServiceInput) =>
		isNew ? saveService.run(tx, all) : refresh(tx, all);
	const vps = [];
	for (const one of client.vps) {
		const { id } = await save(vpsRecord(client, one, tx.now));
		const { legacyId, name, ip, ip6 = null } = one;
		vps.push({ id, legacyId, name, ip, ip6 });
	}
	const hosting = [];
	for (const one of client.hosting) {
		const { id } = await save(hostingRecord(client, one, tx.now));
		hosting.push({ id, legacyId: one.legacyId, name: one.name });
	}
	const domains = [];
	for (const one of client.domains) {
		const { id } = await save(domainRecord(client, one, tx.now));
		domains.push({ id, legacyId: one.legacyId, name: one.name });
	}
	return { clientId, legacyId: client.legacyId, vps, hosting, domains };
}

async function peopleOf(
	tx: Tx,
	{ trusted, prepaid }: Readonly<Record<DemoName, DemoHoldings>>,
): Promise<DemoPeople> {
	const staffId = await findStaffHolder(tx);
	const [vps] = trusted.vps;
	const [domain] = prepaid.domains;
	assert(staffId && vps && domain, "the demo has staff, servers and domains");
	return {
		staffId,
		trusted: { clientId: trusted.clientId, vpsId: vps.id },
		prepaid: { clientId: prepaid.clientId, domainId: domain.id },
	};
}

/** A demo that an older version loaded may lack a service of today's. */
async function refresh(tx: Tx, all: SaveServiceInput) {
	try {
		return await saveService.run(tx, serviceTimes(all));
	} catch (error) {
		if (!(error instanceof Refusal)) throw error;
		return saveService.run(tx, all);
	}
}

async function keysFor(
	tx: Tx,
	holdings: Readonly<Record<DemoName, DemoHoldings>>,
	knownKeys: DemoKeys | undefined,
): Promise<DemoKeys> {
	const clientIds = await perClient(async (name) => holdings[name].clientId);
	if (knownKeys !== undefined && (await areUsable(tx, knownKeys, clientIds)))
		return knownKeys;
	const before = await findStaffHolder(tx);
	const staffId = before ?? (await addStaff.run(tx, demoStaff)).id;
	const holders = { staffId, clientIds };
	await revokeKeys(tx, holders);
	return createKeys(tx, holders);
}
