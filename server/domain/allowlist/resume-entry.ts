/** Staff resume a suspended entry: the port opens again. */
import { staffWith } from "../../kernel/actor.ts";
import { refuse } from "../../kernel/errors.ts";
import type { RecallableVerb } from "../../platform/perform.ts";
import { lockStanding } from "../accounts/read-standing.ts";
import { lockVps } from "../inventory/read-holdings.ts";
import { findEntry } from "./allowlist-store.ts";
import { changeEntry } from "./change-entry.ts";
import type { Entry } from "./entry.ts";
import { recallEntry } from "./read-entries.ts";

/**
 * Needs `desk:review`. Refuses `resource.not_found`, `allowlist.state_wrong`, and what an approval would refuse at this
 * moment: `account.inactive`, `vps.not_ready`.
 */
export const resumeEntry: RecallableVerb<{ readonly id: string }, Entry> = {
	name: "resume-entry",

	async run(tx, { id }) {
		staffWith(tx.actor, "desk:review");
		const known = await findEntry(tx, id);
		if (known === undefined) return refuse("resource.not_found");
		const { clientId, serviceId } = known;
		// The same order of locks as everywhere: account, lease, entry.
		const [standing, vps] = await Promise.all([
			lockStanding(tx, clientId),
			lockVps(tx, { clientId, vpsId: serviceId }),
		]);
		const [entry] = await changeEntry(tx, "resume", {
			which: { id },
			reason: null,
		});
		if (entry === undefined) return refuse("allowlist.state_wrong");
		if (standing?.status !== "active") return refuse("account.inactive");
		// That it has the address needs no look: a live entry has a live lease (invariant I5).
		if (vps?.status !== "active") return refuse("vps.not_ready");
		return entry;
	},

	recall: recallEntry,
};
