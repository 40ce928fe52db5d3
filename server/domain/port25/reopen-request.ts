/** A reviewer takes a decision back, their own, a colleague's or an automatic one: the request is pending again. */
import { staffWith } from "../../kernel/actor.ts";
import { assert } from "../../kernel/assert.ts";
import { refuse } from "../../kernel/errors.ts";
import type { RecallableVerb, Tx } from "../../platform/perform.ts";
import { lockStanding } from "../accounts/read-standing.ts";
import { findOpenEntry } from "../allowlist/read-entries.ts";
import { revokeEntries } from "../allowlist/revoke-entries.ts";
import { lockVps } from "../inventory/read-holdings.ts";
import {
	getRequest,
	type RequestWithEntry,
	recallRequest,
} from "./read-requests.ts";
import { reopenRequest as reopenInStore } from "./reopening-store.ts";
import {
	type Reopening,
	type Request,
	reopenEnds,
	reopenedReason,
} from "./request.ts";
import { findRequest, lockRequest } from "./request-store.ts";

export interface ReopenInput {
	readonly id: string;
	/** For the record and the staff; the customer does not read it. */
	readonly reason: string;
}

/**
 * Needs `desk:review`. What an approval had put on the allow-list is revoked in the same transaction, the decision is kept
 * beside the request, and the receipt stays. What could not be asked for now cannot be re-opened either.
 *
 * Refuses `resource.not_found`, `port25.not_decided`, `port25.decision_final` when the grace time is over,
 * `account.inactive`, `vps.not_ready`, `port25.already_open` when another entry has the address by now,
 * `port25.request_pending` when another request for it is pending.
 */
export const reopenRequest: RecallableVerb<ReopenInput, RequestWithEntry> = {
	name: "reopen-request",

	async run(tx, { id, reason }) {
		const { staffId } = staffWith(tx.actor, "desk:review");
		const found = await findRequest(tx, id, "anybody");
		if (found === undefined) return refuse("resource.not_found");
		const { clientId, serviceId, leaseId, address } = found;
		// The same order of locks as everywhere: account, lease, request, entry.
		const [standing, vps, request] = await Promise.all([
			lockStanding(tx, clientId),
			lockVps(tx, { clientId, vpsId: serviceId }),
			lockRequest(tx, id, "anybody"),
		]);
		assert(request, "requests are never deleted while Postern runs");
		const before = decisionOn(tx, request);
		if (standing?.status !== "active") return refuse("account.inactive");
		const holdsAddress = vps?.leases.some((lease) => lease.id === leaseId);
		if (vps?.status !== "active" || holdsAddress !== true)
			return refuse("vps.not_ready");
		const open = await findOpenEntry(tx, address);
		if (open !== undefined && open.id !== request.entryId)
			return refuse("port25.already_open");
		const outcome = await reopenInStore(tx, {
			...before,
			at: tx.now,
			staffId,
			reason,
		});
		if (outcome === "taken") return refuse("port25.request_pending");
		const { decision, entryId } = before;
		tx.emit({
			kind: "port25.reopened",
			subject: id,
			clientId,
			data: { decision, entryId },
		});
		if (entryId !== null)
			await revokeEntries.run(tx, {
				which: { id: entryId },
				reason: reopenedReason,
			});
		return getRequest(tx, id, "anybody");
	},

	recall: recallRequest,
};

/** The decision that stands, if it may still be taken back. */
function decisionOn(
	tx: Tx,
	request: Request,
): Omit<Reopening, "at" | "staffId" | "reason"> {
	const { id, state, resolvedAt, decidedBy, decidedById } = request;
	if (state !== "approved" && state !== "rejected")
		return refuse("port25.not_decided");
	assert(
		resolvedAt !== null && decidedById !== null,
		"a decision has its time and who made it",
	);
	assert(
		decidedBy === "staff" || decidedBy === "system",
		"no customer decides",
	);
	if (reopenEnds(resolvedAt, tx.settings.port25.reopenHours) <= tx.now)
		refuse("port25.decision_final");
	return {
		requestId: id,
		decision: state,
		decidedAt: resolvedAt,
		decidedBy,
		decidedById,
		decisionReason: request.decisionReason,
		entryId: request.entryId,
	};
}
