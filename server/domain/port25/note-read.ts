/** Reads by staff that are put on record (docs/decisions/0011). */
import type { Tx } from "../../platform/perform.ts";

/**
 * Leaves the record that the actor read about a request; the verb in the audit row says how much. It belongs to no client:
 * customers do not hear of it.
 */
export function noteRead(tx: Tx, id: string): void {
	tx.emit({
		kind: "port25.read_by_staff",
		subject: id,
		clientId: null,
		data: {},
	});
}
