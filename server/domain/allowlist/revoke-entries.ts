/** Takes addresses off the allow-list because what they stood on ended. Called by other verbs in their transaction. */
import type { Verb } from "../../platform/perform.ts";
import type { Which } from "./allowlist-store.ts";
import { changeEntry } from "./change-entry.ts";
import type { Entry } from "./entry.ts";

export interface RevokeEntriesInput {
	readonly which: Exclude<Which, "all">;
	/** In words for the record and the customer: `The address moved to another service.` */
	readonly reason: string;
}

/** Revokes every live entry that stands on it; none is fine too. Who may was decided by the verb that calls. */
export const revokeEntries: Verb<RevokeEntriesInput, Entry[]> = {
	name: "revoke-entries",
	run: (tx, { which, reason }) => changeEntry(tx, "revoke", { which, reason }),
};
