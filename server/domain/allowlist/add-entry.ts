/** Puts an address on the allow-list. */
import { refuse } from "../../kernel/errors.ts";
import { newId } from "../../kernel/id.ts";
import type { Verb } from "../../platform/perform.ts";
import { insertEntry, type NewEntry } from "./allowlist-store.ts";
import type { Entry } from "./entry.ts";
import { holdLayout } from "./site-store.ts";

export type AddEntryInput = Omit<NewEntry, "id" | "createdAt"> & {
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
		// Two statements that travel together: what the second sees of the layout is no older than the lock.
		const [, inserted] = await Promise.all([
			holdLayout(tx),
			insertEntry(tx, {
				...input,
				id: input.id ?? newId("entry", tx.now),
				createdAt: tx.now,
			}),
		]);
		if (inserted === undefined) return refuse("port25.already_open");
		const { revision, ...entry } = inserted;
		const { address, siteId } = entry;
		tx.emit({
			kind: "allowlist.entry_added",
			subject: entry.id,
			clientId: entry.clientId,
			data: { address, siteId, revision },
		});
		return entry;
	},
};
