/** A reviewer opens an address that nobody asked for. */
import { staffWith } from "../../kernel/actor.ts";
import { refuse, refuseField } from "../../kernel/errors.ts";
import type { RecallableVerb } from "../../platform/perform.ts";
import { lockStanding } from "../accounts/read-standing.ts";
import { lockVps } from "../inventory/read-holdings.ts";
import { holderOf } from "../inventory/read-leases.ts";
import { isRequested } from "../port25/read-requests.ts";
import { addEntry } from "./add-entry.ts";
import type { Entry } from "./entry.ts";
import { recallEntry } from "./read-entries.ts";

export interface AddByHandInput {
	/** Canonical. */
	readonly address: string;
	/** Why; kept with the entry, and the customer may read it. */
	readonly note: string;
}

/**
 * Needs `desk:review`. Refuses `/ipAddress` when no VPS has the address at this moment, `account.inactive`,
 * `vps.not_ready`, `port25.already_open`, and `port25.request_pending` when the customer has asked: that is to be decided
 * then, and not passed by.
 */
export const addEntryByHand: RecallableVerb<AddByHandInput, Entry> = {
	name: "add-entry-by-hand",

	async run(tx, { address, note }) {
		const { staffId } = staffWith(tx.actor, "desk:review");
		const holder = await holderOf(tx, address);
		if (holder === undefined) return refuseAddress();
		const { clientId, serviceId } = holder;
		// The same order of locks as everywhere: account, lease, entry.
		const [standing, vps, isPending] = await Promise.all([
			lockStanding(tx, clientId),
			lockVps(tx, { clientId, vpsId: serviceId }),
			isRequested(tx, address),
		]);
		const lease = vps?.leases.find((one) => one.address === address);
		if (standing === undefined || vps === undefined || lease === undefined)
			return refuseAddress();
		if (standing.status !== "active") refuse("account.inactive");
		if (vps.status !== "active") refuse("vps.not_ready");
		if (isPending) refuse("port25.request_pending");
		return addEntry.run(tx, {
			address,
			leaseId: lease.id,
			clientId,
			clientLegacyId: standing.legacyId,
			serviceId,
			serviceLegacyId: vps.legacyId,
			serviceName: vps.name,
			requestId: null,
			notes: note,
			addedBy: "staff",
			addedById: staffId,
		});
	},

	recall: recallEntry,
};

function refuseAddress(): never {
	return refuseField(
		"/ipAddress",
		"`ipAddress` must be an address that a VPS has now.",
	);
}
