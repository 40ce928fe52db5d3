/** What happened on an address, whoever had it. */
import { staffWith } from "../../kernel/actor.ts";
import type { Question } from "../../platform/perform.ts";
import type { Sql } from "../../platform/sql.ts";
import type { Entry } from "../allowlist/entry.ts";
import { entriesOn } from "../allowlist/read-entries.ts";
import { leasesOn } from "../inventory/read-leases.ts";
import { type RequestWithEntry, withEntries } from "./read-requests.ts";
import { listRequestsFor } from "./review-store.ts";

type LeasePeriod = Awaited<ReturnType<typeof leasesOn>>[number];

/** Each list has the oldest first. */
export interface AddressHistory {
	readonly address: string;
	readonly leases: readonly LeasePeriod[];
	readonly requests: readonly RequestWithEntry[];
	readonly entries: readonly Entry[];
	/** False when only the newest of a list are given. */
	readonly isComplete: boolean;
}

/** How much of each list is given. */
export const historyMax = 100;

/** The history of a canonical address across clients; empty lists for one that nobody had. Needs `desk:review`. */
export const getAddressHistory: Question<
	{ readonly address: string },
	AddressHistory
> = {
	name: "get-address-history",
	async answer(view, { address }) {
		staffWith(view.actor, "desk:review");
		return addressHistory(view, address);
	},
};

export async function addressHistory(
	db: Sql,
	address: string,
): Promise<AddressHistory> {
	const [leases, requests, entries] = await Promise.all([
		leasesOn(db, address, historyMax + 1),
		listRequestsFor(db, address, historyMax + 1),
		entriesOn(db, address, historyMax + 1),
	]);
	return {
		address,
		leases: oldestFirst(leases),
		requests: await withEntries(db, oldestFirst(requests)),
		entries: oldestFirst(entries),
		isComplete: [leases, requests, entries].every(isWhole),
	};
}

/** Of rows that came newest first, and one more than are given. */
export function oldestFirst<Row>(rows: readonly Row[]): Row[] {
	return rows.slice(0, historyMax).toReversed();
}

export function isWhole(rows: readonly unknown[]): boolean {
	return rows.length <= historyMax;
}
