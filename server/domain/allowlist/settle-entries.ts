/** What the edge has acknowledged becomes true of the entries. */
import { refuse } from "../../kernel/errors.ts";
import type { Tx, Verb } from "../../platform/perform.ts";
import type { Sql } from "../../platform/sql.ts";
import {
	closeEntries,
	forgetDepartures,
	listUnsettledSites,
	openEntries,
	type SettledEntry,
} from "./settle-store.ts";

export interface SettleEntries {
	readonly siteId: string;
	/** Every armed agent has made the set of this revision true; null when that can be said of none. */
	readonly opened: number | null;
	/** No agent can hold open any more what had left the set by this revision; null likewise. */
	readonly closed: number | null;
}

/** Entries are settled in transactions of so many. */
export const settledMax = 1_000;

/**
 * Marks as open the entries that came into the set of the site by the revision `opened`, and as closed those that left it by
 * `closed`: at most so many of each, for the caller to go on until fewer are returned. Departures from the site count as
 * closed by it, whether or not their entries are closed for good. The layout must be held, and the revisions be of the site's
 * epoch.
 *
 * Refuses `auth.forbidden` to everybody but the system.
 */
export const settleEntries: Verb<
	SettleEntries,
	{ readonly opened: number; readonly closed: number }
> = {
	name: "settle-entries",
	async run(tx, { siteId, opened, closed }) {
		if (tx.actor.kind !== "system") refuse("auth.forbidden");
		const rest = { siteId, at: tx.now, limit: settledMax };
		const open =
			opened === null
				? []
				: await openEntries(tx, { ...rest, revision: opened });
		emit(tx, siteId, "allowlist.entry_opened", open);
		if (closed === null) return { opened: open.length, closed: 0 };
		const to = { ...rest, revision: closed };
		const left = await forgetDepartures(tx, to);
		const shut = await closeEntries(tx, to);
		emit(tx, siteId, "allowlist.entry_closed", [...left.closed, ...shut]);
		return {
			opened: open.length,
			closed: Math.max(left.forgotten, shut.length),
		};
	},
};

function emit(
	tx: Tx,
	siteId: string,
	kind: "allowlist.entry_opened" | "allowlist.entry_closed",
	entries: readonly SettledEntry[],
): void {
	for (const { id, clientId, address, siteRevision } of entries)
		tx.emit({
			kind,
			subject: id,
			clientId,
			data: { address, siteId, revision: siteRevision },
		});
}

/** Sites where an entry is not yet open, or not yet closed, by the edge's word. */
export function unsettledSites(db: Sql): Promise<string[]> {
	return listUnsettledSites(db);
}
