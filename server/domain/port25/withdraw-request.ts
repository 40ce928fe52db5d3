/** A customer takes a pending request back. */
import { customerOf } from "../../kernel/actor.ts";
import { refuse } from "../../kernel/errors.ts";
import type { RecallableVerb } from "../../platform/perform.ts";
import { clientIsActive } from "../accounts/client.ts";
import { lockStanding } from "../accounts/read-standing.ts";
import {
	type RequestWithEntry,
	recallRequest,
	withEntry,
} from "./read-requests.ts";
import { requestCan } from "./request.ts";
import { lockRequest, resolveRequest } from "./request-store.ts";

/** Refuses `account.inactive`, `resource.not_found` for a request that is not the caller's own, `port25.not_pending`. */
export const withdrawRequest: RecallableVerb<
	{ readonly id: string },
	RequestWithEntry
> = {
	name: "withdraw-request",

	async run(tx, { id }) {
		const { clientId } = customerOf(tx.actor);
		// The same order of locks as at submission and approval: account, then request.
		const standing = await lockStanding(tx, clientId);
		if (standing === undefined || !clientIsActive(standing))
			return refuse("account.inactive");
		const request = await lockRequest(tx, id, { clientId });
		if (request === undefined) return refuse("resource.not_found");
		const resolved = await resolveRequest(
			tx,
			{ id, whose: { clientId } },
			{
				from: requestCan.withdraw,
				state: "withdrawn",
				at: tx.now,
				decisionReason: null,
				endedReason: "Withdrawn by the customer.",
				decidedBy: "customer",
				decidedById: clientId,
				entryId: null,
			},
		);
		if (resolved === undefined) return refuse("port25.not_pending");
		tx.emit({ kind: "port25.withdrawn", subject: id, clientId, data: {} });
		return withEntry(tx, resolved);
	},

	recall: recallRequest,
};
