/**
 * A customer asks for port 25 on one address of one VPS. The facts are gathered and frozen, the policy in force says
 * approve or review, and an approval is on the allow-list when the transaction commits.
 */
import { customerOf } from "../../kernel/actor.ts";
import { assert } from "../../kernel/assert.ts";
import { refuse } from "../../kernel/errors.ts";
import { newId } from "../../kernel/id.ts";
import type { RecallableVerb, Tx } from "../../platform/perform.ts";
import { addEntry } from "../allowlist/add-entry.ts";
import { summaryOf } from "./policy/summary.ts";
import { type RequestWithEntry, recallRequest } from "./read-requests.ts";
import {
	automaticDecider,
	type Request,
	requireReasonLength,
} from "./request.ts";
import { insertRequest, type NewRequest } from "./request-store.ts";
import {
	type Weighed,
	type WeighInput,
	weighRequest,
} from "./weigh-request.ts";

export interface RequestPort25Input extends Omit<WeighInput, "clientId"> {
	readonly reason: string | null;
}

/**
 * Refuses, in this order (contract 14.40): `account.inactive`, `vps.not_found`, `/ipAddress`, `vps.not_ready`,
 * `port25.requirements_not_met`, `port25.already_open`, `port25.request_pending`, `port25.cooling_off`, `port25.too_many`.
 */
export const requestPort25: RecallableVerb<
	RequestPort25Input,
	RequestWithEntry
> = {
	name: "request-port25",

	async run(tx, input) {
		const { clientId } = customerOf(tx.actor);
		if (input.reason !== null && input.requirement === "enforced")
			requireReasonLength(input.reason, tx.settings.port25.reasonMin);
		const { obstacle, weighed } = await weighRequest(tx, {
			...input,
			clientId,
		});
		if (obstacle !== undefined) throw obstacle;
		assert(weighed, "what nothing stands in the way of has been weighed");
		return store(tx, input.reason, weighed);
	},

	recall: recallRequest,
};

async function store(
	tx: Tx,
	reason: string | null,
	{ standing, vps, lease, policy, receipt }: Weighed,
): Promise<RequestWithEntry> {
	const { evaluation } = receipt;
	const isApproved = evaluation.verdict === "approve";
	const { bankidVerified, accountAgeDays, totalSpend } = summaryOf(
		receipt.facts,
	);
	const granted = {
		address: lease.address,
		leaseId: lease.id,
		clientId: standing.clientId,
		clientLegacyId: standing.legacyId,
		serviceId: vps.id,
		serviceLegacyId: vps.legacyId,
		serviceName: vps.name,
	};
	const request: NewRequest = {
		...granted,
		id: newId("p25", tx.now),
		state: isApproved ? "approved" : "pending",
		reason,
		tier: evaluation.tier,
		bankidVerified,
		totalSpend,
		accountAgeDays,
		policyHash: policy.hash,
		receipt,
		requestedAt: tx.now,
		resolvedAt: isApproved ? tx.now : null,
		decisionReason: evaluation.publicReason,
		decidedBy: isApproved ? "system" : null,
		decidedById: isApproved ? automaticDecider : null,
		entryId: isApproved ? newId("entry", tx.now) : null,
	};
	// The entry travels behind its request, which it stands on: without the request there is none.
	const [inserted, entry] = await Promise.all([
		insert(tx, request),
		request.entryId === null
			? null
			: addEntry.run(tx, {
					...granted,
					id: request.entryId,
					requestId: request.id,
					notes: null,
					addedBy: "system",
					addedById: automaticDecider,
				}),
	]);
	return { ...inserted, entry };
}

async function insert(tx: Tx, request: NewRequest): Promise<Request> {
	const inserted = await insertRequest(tx, request);
	if (inserted === undefined) return refuse("port25.request_pending");
	emitRequested(tx, request);
	return inserted;
}

function emitRequested(tx: Tx, request: NewRequest): void {
	const { id: subject, clientId, address, serviceId, tier, entryId } = request;
	const { verdict } = request.receipt.evaluation;
	tx.emit({
		kind: "port25.requested",
		subject,
		clientId,
		data: { address, serviceId, tier, verdict },
	});
	if (entryId !== null)
		tx.emit({
			kind: "port25.approved",
			subject,
			clientId,
			data: { entryId, automatic: true },
		});
}
