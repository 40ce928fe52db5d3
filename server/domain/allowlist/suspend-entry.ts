/** Staff suspend an entry: the port closes until it is resumed. */
import { staffWith } from "../../kernel/actor.ts";
import { refuse } from "../../kernel/errors.ts";
import type { RecallableVerb } from "../../platform/perform.ts";
import { lockStanding } from "../accounts/read-standing.ts";
import { findEntry } from "./allowlist-store.ts";
import { changeEntry } from "./change-entry.ts";
import type { Entry } from "./entry.ts";
import { recallEntry } from "./read-entries.ts";

export interface SuspendEntryInput {
	readonly id: string;
	/** For the record and the customer. */
	readonly reason: string;
}

/** Needs `desk:review`. Refuses `resource.not_found`, `allowlist.state_wrong`. */
export const suspendEntry: RecallableVerb<SuspendEntryInput, Entry> = {
	name: "suspend-entry",

	async run(tx, { id, reason }) {
		staffWith(tx.actor, "desk:review");
		const known = await findEntry(tx, id);
		if (known === undefined) return refuse("resource.not_found");
		// The same order of locks as everywhere: account, entry.
		await lockStanding(tx, known.clientId);
		const [entry] = await changeEntry(tx, "suspend", { which: { id }, reason });
		return entry ?? refuse("allowlist.state_wrong");
	},

	recall: recallEntry,
};
