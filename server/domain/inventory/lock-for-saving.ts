/** Takes the locks under which services and their leases change, and reads what is known then. */
import { parseAddress } from "../../kernel/ip.ts";
import type { Sql } from "../../platform/sql.ts";
import { lockClients } from "../accounts/read-standing.ts";
import { type Holder, listHoldersOf, listLiveLeases } from "./lease-store.ts";
import type { Known } from "./service-plan.ts";
import type { SaveServiceInput } from "./service-report.ts";
import { listNumbered, listServicesById } from "./service-store.ts";

type Report = Pick<
	SaveServiceInput,
	"kind" | "legacyId" | "clientLegacyId" | "addresses"
>;

/** Locks every client that reports of clients and of services concern, as far as they exist. */
export async function lockInventory(
	tx: Sql,
	clients: readonly { readonly legacyId: number }[],
	services: readonly Report[],
): Promise<void> {
	const holders = await listConcerned(tx, services);
	await lockClients(tx, {
		ids: [...new Set(holders.map((holder) => holder.clientId))],
		legacyIds: [
			...clients.map((client) => client.legacyId),
			...clientsNamedBy(services),
		],
	});
}

/**
 * Locks every client that the reports concern: whose the services are or shall be, and whose the addresses are that move.
 * Who that is is asked before the lock, and may be somebody else behind it: then they are locked too, out of order.
 */
export async function lockServices(
	tx: Sql,
	reports: readonly Report[],
): Promise<Known> {
	const legacyIds = clientsNamedBy(reports);
	const ids = new Set<string>();
	const owners = new Set<string>();
	let found = await listConcerned(tx, reports);
	for (;;) {
		for (const { serviceId, clientId } of found) {
			ids.add(serviceId);
			owners.add(clientId);
		}
		const [clients, still, services, leases] = await Promise.all([
			lockClients(tx, { ids: [...owners], legacyIds }),
			listConcerned(tx, reports),
			listServicesById(tx, [...ids]),
			listLiveLeases(tx, [...ids]),
		]);
		if (still.every(({ serviceId }) => ids.has(serviceId)))
			return {
				services,
				leases,
				clientIds: new Map(clients.map(({ id, legacyId }) => [legacyId, id])),
			};
		found = still;
	}
}

/** The services that are named, and those that have an address which is named. */
async function listConcerned(
	db: Sql,
	reports: readonly Report[],
): Promise<Holder[]> {
	const texts = reports.flatMap(({ addresses = [] }) => addresses);
	// What is no address is refused later, with its place.
	const addresses = texts.flatMap((text) => parseAddress(text)?.text ?? []);
	const [numbered, holders] = await Promise.all([
		listNumbered(db, reports),
		listHoldersOf(db, [...new Set(addresses)]),
	]);
	return [...numbered, ...holders];
}

function clientsNamedBy(reports: readonly Report[]): number[] {
	return [...new Set(reports.flatMap((one) => one.clientLegacyId ?? []))];
}
