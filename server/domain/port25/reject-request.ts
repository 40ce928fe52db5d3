/** A reviewer rejects a pending request. */
import { staffWith } from "../../kernel/actor.ts";
import { refuse } from "../../kernel/errors.ts";
import type { RecallableVerb } from "../../platform/perform.ts";
import {
	type RequestWithEntry,
	recallRequest,
	withEntry,
} from "./read-requests.ts";
import { requestCan } from "./request.ts";
import { findRequest, resolveRequest } from "./request-store.ts";

export interface RejectInput {
	readonly id: string;
	/** Shown to the customer. */
	readonly reason: string;
}

/** Needs `desk:review`. Refuses `resource.not_found`, `port25.not_pending`. */
export const rejectRequest: RecallableVerb<RejectInput, RequestWithEntry> = {
	name: "reject-request",

	async run(tx, { id, reason }) {
		const reviewer = staffWith(tx.actor, "desk:review");
		const resolved = await resolveRequest(
			tx,
			{ id, whose: "anybody" },
			{
				from: requestCan.reject,
				state: "rejected",
				at: tx.now,
				decisionReason: reason,
				endedReason: null,
				decidedBy: "staff",
				decidedById: reviewer.staffId,
				entryId: null,
			},
		);
		if (resolved === undefined) {
			const known = await findRequest(tx, id, "anybody");
			return refuse(known ? "port25.not_pending" : "resource.not_found");
		}
		tx.emit({
			kind: "port25.rejected",
			subject: id,
			clientId: resolved.clientId,
			data: {},
		});
		return withEntry(tx, resolved);
	},

	recall: recallRequest,
};
