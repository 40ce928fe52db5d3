import type { Tx } from "../../platform/perform.ts";
import { deleteAllInvites, deleteInvite } from "./invite-store.ts";

/** Takes an invitation back that was not accepted yet, where there is one; for somebody who may not come in any more. */
export function withdrawInvite(tx: Tx, staffId: string): Promise<void> {
	return deleteInvite(tx, staffId);
}

/** Takes all of them back; for a database of which nobody knows whether they were accepted since. */
export function withdrawInvites(tx: Tx): Promise<void> {
	return deleteAllInvites(tx);
}
