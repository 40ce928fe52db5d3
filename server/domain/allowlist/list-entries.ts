/** Reads of the allow-list for other features and the faces. */
import { customerOf } from "../../kernel/actor.ts";
import type { Question } from "../../platform/perform.ts";
import type { Sql } from "../../platform/sql.ts";
import {
	countRevoked,
	findLiveEntry,
	listEntriesOfRequests,
	listLiveEntries,
} from "./allowlist-store.ts";
import type { Entry } from "./entry.ts";

/** The live entries of the customer who asks. */
export const listOwnEntries: Question<Record<never, never>, Entry[]> = {
	name: "list-own-entries",
	answer: (view) => listLiveEntries(view, customerOf(view.actor).clientId),
};

/** Whether the address is on the allow-list, active or suspended, for whomever. */
export async function isAllowListed(
	db: Sql,
	address: string,
): Promise<boolean> {
	return (await findLiveEntry(db, address)) !== undefined;
}

/** The entries that the requests were granted, by request id. */
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
