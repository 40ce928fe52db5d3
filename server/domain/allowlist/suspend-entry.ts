/** Staff suspend an entry: the port closes until it is resumed. */
import { staffWith } from "../../kernel/actor.ts";
import { refuse } from "../../kernel/errors.ts";
import type { RecallableVerb } from "../../platform/perform.ts";
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
		const [entry] = await changeEntry(tx, "suspend", { which: { id }, reason });
		if (entry !== undefined) return entry;
		const known = await findEntry(tx, id);
		return refuse(known ? "allowlist.state_wrong" : "resource.not_found");
	},

	recall: recallEntry,
};
