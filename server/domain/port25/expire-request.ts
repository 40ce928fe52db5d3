/** A request that nobody decided in time ends by itself. */
import type { Verb } from "../../platform/perform.ts";
import { pendingSince, requestCan, undecidedReason } from "./request.ts";
import { lockRequest, resolveRequest } from "./request-store.ts";

export interface ExpireInput {
	readonly id: string;
	/** Since when it was pending as its end was planned: a request that was re-opened has a later one. */
	readonly since: Date;
}

/** Ends the request if it has been pending since then; returns whether it was. Run by the worker only. */
export const expireRequest: Verb<ExpireInput, boolean> = {
	name: "expire-request",

	async run(tx, { id, since }) {
		const request = await lockRequest(tx, id, "anybody");
		if (request === undefined) return false;
		if (pendingSince(request).getTime() !== since.getTime()) return false;
		const resolved = await resolveRequest(
			tx,
			{ id, whose: "anybody" },
			{
				from: requestCan.expire,
				state: "expired",
				at: tx.now,
				decisionReason: null,
				endedReason: undecidedReason(since, tx.now),
				decidedBy: "system",
				decidedById: "worker",
				entryId: null,
			},
		);
		if (resolved === undefined) return false;
		tx.emit({
			kind: "port25.expired",
			subject: id,
			clientId: resolved.clientId,
			data: {},
		});
		return true;
	},
};
