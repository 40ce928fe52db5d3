/**
 * What stood on something that ends goes with it: pending requests end, allow-list entries are revoked, in the transaction
 * that ends the lease, the service or the account's activity (invariant I5). Coming back never opens anything again.
 */
import type { Verb } from "../../platform/perform.ts";
import { revokeEntries } from "../allowlist/revoke-entries.ts";
import { endPendingRequests, type StandingOn } from "./request-store.ts";

export interface EndGrantsInput {
	readonly which: StandingOn;
	/** In words for the record and the customer: `The address moved to another service.` */
	readonly reason: string;
}

/** Ends them; none is fine too. Called by the verb that ends what they stood on, and who may was decided there. */
export const endGrants: Verb<EndGrantsInput, null> = {
	name: "end-grants",
	async run(tx, { which, reason }) {
		const ended = await endPendingRequests(tx, which, { reason, at: tx.now });
		for (const { id, clientId } of ended)
			tx.emit({ kind: "port25.expired", subject: id, clientId, data: {} });
		await revokeEntries.run(tx, { which, reason });
		return null;
	},
};
