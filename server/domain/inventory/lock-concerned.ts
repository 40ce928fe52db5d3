/** Takes the locks under which services and their leases change, and reads what is known then. */
import { parseAddress } from "../../kernel/ip.ts";
import type { Sql } from "../../platform/sql.ts";
import { lockClients } from "../accounts/read-standing.ts";
import {
	type Holder,
	keepLocks,
	letLocksGo,
	listHoldersOf,
	listLiveLeases,
	markLocks,
} from "./lease-store.ts";
import type { Known } from "./service-plan.ts";
import type { SaveServiceInput } from "./service-report.ts";
import { listNumbered, listServicesById } from "./service-store.ts";

export interface Reports {
	/** Numbers of clients that are reported themselves. */
	readonly clients?: readonly number[];
	readonly services: readonly Pick<
		SaveServiceInput,
		"kind" | "legacyId" | "clientLegacyId" | "addresses"
	>[];
}

/** Whoever waits behind locks of others this often takes what is missing out of order: a deadlock is tried again. */
const triesMax = 5;

/**
 * Locks every client that the reports concern: whose the services are or shall be, and whose the addresses are that move.
 * Who that is is asked before the lock, and may be somebody else behind it: then all locks are let go, and taken again with
 * theirs among them, so that everybody always takes them in one order.
 */
export async function lockConcerned(tx: Sql, reports: Reports): Promise<Known> {
	const legacyIds = [
		...new Set([
			...(reports.clients ?? []),
			...reports.services.flatMap((one) => one.clientLegacyId ?? []),
		]),
	];
	const ids = new Set<string>();
	const owners = new Set<string>();
	let [found] = await Promise.all([listConcerned(tx, reports), markLocks(tx)]);
	for (let tries = 1; ; tries += 1) {
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
		if (still.every(({ serviceId }) => ids.has(serviceId))) {
			await keepLocks(tx);
			return {
				services,
				leases,
				clientIds: new Map(clients.map(({ id, legacyId }) => [legacyId, id])),
			};
		}
		if (tries < triesMax) await letLocksGo(tx);
		found = still;
	}
}

/** The services that are named, and those that have an address which is named. */
async function listConcerned(
	db: Sql,
	{ services }: Reports,
): Promise<Holder[]> {
	const texts = services.flatMap(({ addresses = [] }) => addresses);
	// What is no address is refused later, with its place.
	const addresses = texts.flatMap((text) => parseAddress(text)?.text ?? []);
	const [numbered, holders] = await Promise.all([
		listNumbered(db, services),
		listHoldersOf(db, [...new Set(addresses)]),
	]);
	return [...numbered, ...holders];
}
