/** Staff revoke an entry, for good: asking again is a new request. */
import { staffWith } from "../../kernel/actor.ts";
import { refuse } from "../../kernel/errors.ts";
import type { RecallableVerb } from "../../platform/perform.ts";
import { findEntry } from "./allowlist-store.ts";
import { changeEntry } from "./change-entry.ts";
import type { Entry } from "./entry.ts";
import { recallEntry } from "./read-entries.ts";

export interface RevokeEntryInput {
	readonly id: string;
	/** For the record and the customer. */
	readonly reason: string;
}

/** Needs `desk:review`. Refuses `resource.not_found`, `allowlist.state_wrong`. */
export const revokeEntry: RecallableVerb<RevokeEntryInput, Entry> = {
	name: "revoke-entry",

	async run(tx, { id, reason }) {
		staffWith(tx.actor, "desk:review");
		const [entry] = await changeEntry(tx, "revoke", { which: { id }, reason });
		if (entry !== undefined) return entry;
		const known = await findEntry(tx, id);
		return refuse(known ? "allowlist.state_wrong" : "resource.not_found");
	},

	recall: recallEntry,
};
