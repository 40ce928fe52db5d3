/** Staff resume a suspended entry: the port opens again. */
import { staffWith } from "../../kernel/actor.ts";
import { refuse } from "../../kernel/errors.ts";
import type { RecallableVerb } from "../../platform/perform.ts";
import { findEntry } from "./allowlist-store.ts";
import { changeEntry } from "./change-entry.ts";
import type { Entry } from "./entry.ts";
import { recallEntry } from "./read-entries.ts";

/** Needs `desk:review`. Refuses `resource.not_found`, `allowlist.state_wrong`. */
export const resumeEntry: RecallableVerb<{ readonly id: string }, Entry> = {
	name: "resume-entry",

	async run(tx, { id }) {
		staffWith(tx.actor, "desk:review");
		const [entry] = await changeEntry(tx, "resume", {
			which: { id },
			reason: null,
		});
		if (entry !== undefined) return entry;
		const known = await findEntry(tx, id);
		return refuse(known ? "allowlist.state_wrong" : "resource.not_found");
	},

	recall: recallEntry,
};
