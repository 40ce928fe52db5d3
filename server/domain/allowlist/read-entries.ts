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
	requestIds: readonly string[],
): Promise<ReadonlyMap<string, Entry>> {
	const entries = await listEntriesOfRequests(db, requestIds);
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

/** Presents again what an Idempotency-Key changed. */
export async function recallEntry(tx: Tx, id: string): Promise<Entry> {
	return (await findEntry(tx, id)) ?? refuse("resource.not_found");
}
