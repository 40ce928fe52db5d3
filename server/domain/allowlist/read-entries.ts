/** Reads of the allow-list for other features and the faces. */
import { customerOf } from "../../kernel/actor.ts";
import { refuse } from "../../kernel/errors.ts";
import type { Question, Tx } from "../../platform/perform.ts";
import type { Sql } from "../../platform/sql.ts";
import {
	countRevoked,
	findEntry,
	findLiveEntry,
	listEntriesOfRequests,
	listLiveEntries,
} from "./allowlist-store.ts";
import type { Entry } from "./entry.ts";
import {
	listEntriesOfClient,
	listEntriesOn,
	listNewestEntriesOn,
} from "./entry-list-store.ts";

/** The live entries of the customer who asks. */
export const listOwnEntries: Question<Record<never, never>, Entry[]> = {
	name: "list-own-entries",
	answer: (view) => listLiveEntries(view, customerOf(view.actor).clientId),
};

/** The entry that is active or suspended on an address, whoever has it. */
export function findOpenEntry(
	db: Sql,
	address: string,
): Promise<Entry | undefined> {
	return findLiveEntry(db, address);
}

/** Whether the address is on the allow-list, active or suspended, for whomever. */
export async function isAllowListed(
	db: Sql,
	address: string,
): Promise<boolean> {
	return (await findLiveEntry(db, address)) !== undefined;
}

/** The newest entry that each of the requests was granted, by request id. */
export async function entriesByRequest(
	db: Sql,
	requests: readonly { readonly id: string; readonly clientId: string }[],
): Promise<ReadonlyMap<string, Entry>> {
	const entries = await listEntriesOfRequests(db, requests);
	return new Map(
		entries.flatMap((entry) =>
			entry.requestId === null ? [] : [[entry.requestId, entry] as const],
		),
	);
}

/** How many entries of a client were ever revoked: evidence for the reviewer. */
export function countRevokedEntries(
	db: Sql,
	clientId: string,
): Promise<number> {
	return countRevoked(db, clientId);
}

/** The entries that an address had, newest first, whoever had it. */
export function entriesOn(
	db: Sql,
	address: string,
	limit: number,
): Promise<Entry[]> {
	return listEntriesOn(db, address, limit);
}

/** The entries that a client had, newest first. */
export function entriesOfClient(
	db: Sql,
	clientId: string,
	limit: number,
): Promise<Entry[]> {
	return listEntriesOfClient(db, clientId, limit);
}

/** Presents again what an Idempotency-Key changed. */
export async function recallEntry(tx: Tx, id: string): Promise<Entry> {
	return (await findEntry(tx, id)) ?? refuse("resource.not_found");
}

/** The newest entry that a client had on each of these addresses, by address. */
export async function newestEntriesOn(
	db: Sql,
	clientId: string,
	addresses: readonly string[],
): Promise<ReadonlyMap<string, Entry>> {
	const entries = await listNewestEntriesOn(db, clientId, addresses);
	return new Map(entries.map((entry) => [entry.address, entry]));
}
