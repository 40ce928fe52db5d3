/** Everything a reviewer decides on, in one answer; that it was read is put on record. */
import { staffWith } from "../../kernel/actor.ts";
import { assert } from "../../kernel/assert.ts";
import type { Verb } from "../../platform/perform.ts";
import type { Sql } from "../../platform/sql.ts";
import type { Entry } from "../allowlist/entry.ts";
import { entriesOfClient } from "../allowlist/read-entries.ts";
import {
	type AddressHistory,
	addressHistory,
	historyMax,
	isWhole,
	oldestFirst,
} from "./address-history.ts";
import { type KnownFact, knownFacts } from "./known-facts.ts";
import { noteRead } from "./note-read.ts";
import { field } from "./policy/reading.ts";
import {
	getRequest,
	type RequestWithEntry,
	withEntries,
} from "./read-requests.ts";
import { listReopenings } from "./reopening-store.ts";
import type { Reopening } from "./request.ts";
import { findReceipt, listRequestsOf } from "./request-store.ts";

export interface Evidence {
	readonly request: RequestWithEntry;
	/** What was known when it was submitted. */
	readonly facts: readonly KnownFact[];
	/** Requirement, tier, verdict and trace: what the policy made of the facts. */
	readonly evaluation: unknown;
	/** Decisions on it that were taken back, the oldest first. */
	readonly reopenings: readonly Reopening[];
	/** What the client asked for and got before and after, this request among it; the oldest first. */
	readonly client: {
		readonly requests: readonly RequestWithEntry[];
		readonly entries: readonly Entry[];
		/** False when only the newest are given. */
		readonly isComplete: boolean;
	};
	readonly address: AddressHistory;
}

/** Needs `desk:review`; refuses `resource.not_found`. */
export const readEvidence: Verb<{ readonly id: string }, Evidence> = {
	name: "read-evidence",
	async run(tx, { id }) {
		staffWith(tx.actor, "desk:review");
		const request = await getRequest(tx, id, "anybody");
		const [stored, reopenings, client, address] = await Promise.all([
			findReceipt(tx, id),
			listReopenings(tx, id),
			clientHistory(tx, request.clientId),
			addressHistory(tx, request.address),
		]);
		assert(stored, "every request has its receipt");
		noteRead(tx, id);
		return {
			request,
			facts: knownFacts(stored.receipt, tx.now),
			evaluation: field(stored.receipt, "evaluation") ?? null,
			reopenings,
			client,
			address,
		};
	},
};

async function clientHistory(
	db: Sql,
	clientId: string,
): Promise<Evidence["client"]> {
	const [requests, entries] = await Promise.all([
		listRequestsOf(db, clientId, { limit: historyMax + 1 }),
		entriesOfClient(db, clientId, historyMax + 1),
	]);
	return {
		requests: await withEntries(db, oldestFirst(requests)),
		entries: oldestFirst(entries),
		isComplete: isWhole(requests) && isWhole(entries),
	};
}
