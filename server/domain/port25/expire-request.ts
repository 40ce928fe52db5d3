/** A request that nobody decided in time ends by itself. */
import type { Verb } from "../../platform/perform.ts";
import { requestCan } from "./request.ts";
import { resolveRequest } from "./request-store.ts";

/** Ends the request if it is still pending; returns whether it was. Run by the worker only. */
export const expireRequest: Verb<{ readonly id: string }, boolean> = {
	name: "expire-request",

	async run(tx, { id }) {
		const { pendingDays } = tx.settings.port25;
		const resolved = await resolveRequest(
			tx,
			{ id, whose: "anybody" },
			{
				from: requestCan.expire,
				state: "expired",
				at: tx.now,
				decisionReason: null,
				endedReason: `Not decided within ${pendingDays} days.`,
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
