/** A reviewer approves a pending request. */
import { staffWith } from "../../kernel/actor.ts";
import { assert } from "../../kernel/assert.ts";
import { refuse } from "../../kernel/errors.ts";
import { newId } from "../../kernel/id.ts";
import type { RecallableVerb } from "../../platform/perform.ts";
import { clientIsActive } from "../accounts/client.ts";
import { lockStanding } from "../accounts/read-standing.ts";
import { addEntry } from "../allowlist/add-entry.ts";
import { lockVps } from "../inventory/read-holdings.ts";
import { type RequestWithEntry, recallRequest } from "./read-requests.ts";
import { requestCan } from "./request.ts";
import { findRequest, resolveRequest } from "./request-store.ts";

export interface ApproveInput {
	readonly id: string;
	/** Kept with the allow-list entry; the customer may read it. */
	readonly note: string | null;
}

/**
 * Needs `desk:review`. The account must be active and the address still the VPS's own at this moment, whatever it was
 * when the customer asked. Refuses `resource.not_found`, `port25.not_pending`, `account.inactive`, `vps.not_ready`,
 * `port25.already_open`.
 */
export const approveRequest: RecallableVerb<ApproveInput, RequestWithEntry> = {
	name: "approve-request",

	async run(tx, { id, note }) {
		const reviewer = staffWith(tx.actor, "desk:review");
		const request = await findRequest(tx, id, "anybody");
		if (request === undefined) return refuse("resource.not_found");
		const { clientId, serviceId, leaseId } = request;
		// The same order of locks as at submission: account, lease, request.
		const [standing, vps] = await Promise.all([
			lockStanding(tx, clientId),
			lockVps(tx, { clientId, vpsId: serviceId }),
		]);
		const entryId = newId("entry", tx.now);
		const resolved = await resolveRequest(
			tx,
			{ id, whose: "anybody" },
			{
				from: requestCan.approve,
				state: "approved",
				at: tx.now,
				decisionReason: note,
				endedReason: null,
				decidedBy: "staff",
				decidedById: reviewer.staffId,
				entryId,
			},
		);
		if (resolved === undefined) return refuse("port25.not_pending");
		if (standing === undefined || !clientIsActive(standing))
			return refuse("account.inactive");
		const holdsAddress = vps?.leases.some((lease) => lease.id === leaseId);
		if (vps?.status !== "active" || holdsAddress !== true)
			return refuse("vps.not_ready");
		tx.emit({
			kind: "port25.approved",
			subject: id,
			clientId,
			data: { entryId, automatic: false },
		});
		const entry = await addEntry.run(tx, {
			id: entryId,
			address: request.address,
			leaseId,
			clientId,
			clientLegacyId: request.clientLegacyId,
			serviceId,
			serviceLegacyId: request.serviceLegacyId,
			serviceName: request.serviceName,
			requestId: id,
			notes: note,
			addedBy: "staff",
			addedById: reviewer.staffId,
		});
		assert(entry.id === resolved.entryId, "the request names its entry");
		return { ...resolved, entry };
	},

	recall: recallRequest,
};
