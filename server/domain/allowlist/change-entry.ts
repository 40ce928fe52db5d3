/** The one way an entry changes state: the store moves it with its site's revision and delta, the event tells of it. */
import type { EventKind } from "../../kernel/events.ts";
import type { Tx } from "../../platform/perform.ts";
import { changeEntries, type Which } from "./allowlist-store.ts";
import { type Entry, type EntryAction, entryCan } from "./entry.ts";
import { holdLayout } from "./site-store.ts";

const eventOf = {
	suspend: "allowlist.entry_suspended",
	resume: "allowlist.entry_resumed",
	revoke: "allowlist.entry_revoked",
} as const satisfies Record<EntryAction, EventKind>;

export interface ChangeEntryInput {
	readonly which: Which;
	/** Why, for the record and the customer; null for a resumption. */
	readonly reason: string | null;
	/** Whether a restore suspends them; false when absent. */
	readonly awaitsConfirmation?: boolean;
}

/**
 * Does the action to those entries whose state allows it, and returns them; the others stay as they are. No entry goes to
 * another site meanwhile.
 */
export async function changeEntry(
	tx: Tx,
	action: EntryAction,
	{ which, reason, awaitsConfirmation = false }: ChangeEntryInput,
): Promise<Entry[]> {
	const { from, to } = entryCan[action];
	const change = { from, to, reason, awaitsConfirmation, at: tx.now };
	// The first in a statement of its own: the second sees the sites that the entries have when it begins.
	const [, changed] = await Promise.all([
		holdLayout(tx),
		changeEntries(tx, which, change),
	]);
	return changed.map(({ revision, ...entry }) => {
		tx.emit({
			kind: eventOf[action],
			subject: entry.id,
			clientId: entry.clientId,
			data: { address: entry.address, siteId: entry.siteId, revision },
		});
		return entry;
	});
}
