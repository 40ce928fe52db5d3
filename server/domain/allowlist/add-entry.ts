/** Puts an address on the allow-list. */
import { refuse } from "../../kernel/errors.ts";
import { newId } from "../../kernel/id.ts";
import type { Tx, Verb } from "../../platform/perform.ts";
import { insertEntry, type NewEntry } from "./allowlist-store.ts";
import type { Entry } from "./entry.ts";
import { findSiteOf, holdLayout } from "./site-store.ts";

export type AddEntryInput = Omit<NewEntry, "id" | "siteId" | "createdAt"> & {
	/** Given where the id must be known before: the request that is granted names its entry. */
	readonly id?: string;
};

/**
 * Adds an active entry for an address on a live lease, at the site that covers the address, and raises that site's
 * revision. Called by other verbs, which have checked who may. Refuses `port25.already_open`.
 */
export const addEntry: Verb<AddEntryInput, Entry> = {
	name: "add-entry",
	async run(tx, input) {
		const [, site] = await Promise.all([
			holdLayout(tx),
			findSiteOf(tx, input.address),
		]);
		return addEntryAt(tx, site?.id ?? null, input);
	},
};

async function addEntryAt(
	tx: Tx,
	siteId: string | null,
	input: AddEntryInput,
): Promise<Entry> {
	const inserted = await insertEntry(tx, {
		...input,
		id: input.id ?? newId("entry", tx.now),
		siteId,
		createdAt: tx.now,
	});
	if (inserted === undefined) return refuse("port25.already_open");
	const { revision, ...entry } = inserted;
	tx.emit({
		kind: "allowlist.entry_added",
		subject: entry.id,
		clientId: entry.clientId,
		data: { address: entry.address, siteId, revision },
	});
	return entry;
}
