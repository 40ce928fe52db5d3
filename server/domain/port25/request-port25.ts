/**
 * A customer asks for port 25 on one address of one VPS. The facts are gathered and frozen, the policy in force says
 * approve or review, and an approval is on the allow-list when the transaction commits.
 */
import { customerOf } from "../../kernel/actor.ts";
import { refuse, refuseField } from "../../kernel/errors.ts";
import { newId } from "../../kernel/id.ts";
import type { RecallableVerb, Tx } from "../../platform/perform.ts";
import { clientIsActive } from "../accounts/client.ts";
import { lockStanding, type Standing } from "../accounts/read-standing.ts";
import { addEntry } from "../allowlist/add-entry.ts";
import {
	countRevokedEntries,
	isAllowListed,
} from "../allowlist/read-entries.ts";
import {
	listVpsBilling,
	lockVps,
	lockVpsByLegacyId,
	type VpsHolding,
} from "../inventory/read-holdings.ts";
import { gatherFacts } from "./gather-facts.ts";
import { makeReceipt, type Receipt } from "./policy/receipt.ts";
import { summaryOf } from "./policy/summary.ts";
import { type PolicyInForce, policyInForce } from "./policy-in-force.ts";
import { type RequestWithEntry, recallRequest } from "./read-requests.ts";
import {
	automaticDecider,
	coolOffEnds,
	requireReasonLength,
} from "./request.ts";
import {
	insertRequest,
	type NewRequest,
	type Precedents,
	readPrecedents,
} from "./request-store.ts";

export interface RequestPort25Input {
	/** Which VPS, by its id or by the number v1 knows it by. */
	readonly vps: { readonly id: string } | { readonly legacyId: number };
	/** A canonical address of that VPS; its primary address when absent. */
	readonly address?: string;
	readonly reason: string | null;
	/**
	 * `enforced`: an account that does not meet the requirement is refused (v2). `recorded`: it is accepted and left to
	 * review (v1, contract 14.49).
	 */
	readonly requirement: "enforced" | "recorded";
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
		const [standing, vps, billing, policy] = await Promise.all([
			lockStanding(tx, clientId),
			"id" in input.vps
				? lockVps(tx, { clientId, vpsId: input.vps.id })
				: lockVpsByLegacyId(tx, { clientId, legacyId: input.vps.legacyId }),
			listVpsBilling(tx, clientId),
			policyInForce(tx),
		]);
		if (standing === undefined || !clientIsActive(standing))
			return refuse("account.inactive");
		if (vps === undefined) return refuse("vps.not_found");
		const lease = leaseFor(vps, input.address);
		const about = { clientId, address: lease.address };
		const [isOpen, revokedEntries, precedents] = await Promise.all([
			isAllowListed(tx, lease.address),
			countRevokedEntries(tx, clientId),
			readPrecedents(tx, { ...about, since: hourBefore(tx.now) }),
		]);
		const facts = gatherFacts({
			at: tx.now,
			vpsId: vps.id,
			address: lease.address,
			leasedSince: lease.startedAt,
			standing,
			billing,
			precedents,
			revokedEntries,
		});
		const receipt = makeReceipt(policy.document, facts);
		if (input.requirement === "enforced" && !receipt.evaluation.requirement.met)
			refuse("port25.requirements_not_met");
		if (isOpen) refuse("port25.already_open");
		refuseAfter(precedents, tx);
		return store(tx, { input, standing, vps, lease, policy, receipt });
	},

	recall: recallRequest,
};

type Lease = VpsHolding["leases"][number];

/** The lease of the address asked for. An address of somebody else is refused like one that does not exist. */
function leaseFor(vps: VpsHolding, address: string | undefined): Lease {
	if (address !== undefined) {
		const named = vps.leases.find((lease) => lease.address === address);
		if (named === undefined)
			return refuseField(
				"/ipAddress",
				"`ipAddress` must be an address of this VPS.",
			);
		if (vps.status !== "active") refuse("vps.not_ready");
		return named;
	}
	const primary = vps.leases.find((lease) => lease.address === vps.primaryIp);
	if (vps.status !== "active" || primary === undefined)
		return refuse("vps.not_ready");
	return primary;
}

function refuseAfter(precedents: Precedents, tx: Tx): void {
	const { coolOffDays, perHour } = tx.settings.port25;
	if (precedents.pending) refuse("port25.request_pending");
	if (precedents.rejectedAt !== null && coolOffDays > 0) {
		const retryAt = coolOffEnds(precedents.rejectedAt, coolOffDays);
		if (retryAt > tx.now) refuse("port25.cooling_off", { retryAt });
	}
	if (precedents.recent >= perHour) {
		const from = precedents.oldestRecentAt ?? tx.now;
		refuse("port25.too_many", { limit: perHour, retryAt: hourAfter(from) });
	}
}

interface Decided {
	readonly input: RequestPort25Input;
	readonly standing: Standing;
	readonly vps: VpsHolding;
	readonly lease: Lease;
	readonly policy: PolicyInForce;
	readonly receipt: Receipt;
}

async function store(tx: Tx, decided: Decided): Promise<RequestWithEntry> {
	const { input, standing, vps, lease, policy, receipt } = decided;
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
		reason: input.reason,
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
	const inserted = await insertRequest(tx, request);
	if (inserted === undefined) return refuse("port25.request_pending");
	emitRequested(tx, request);
	if (request.entryId === null) return { ...inserted, entry: null };
	const entry = await addEntry.run(tx, {
		...granted,
		id: request.entryId,
		requestId: inserted.id,
		notes: null,
		addedBy: "system",
		addedById: automaticDecider,
	});
	return { ...inserted, entry };
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

const hourMs = 60 * 60 * 1000;

function hourBefore(at: Date): Date {
	return new Date(at.getTime() - hourMs);
}

function hourAfter(at: Date): Date {
	return new Date(at.getTime() + hourMs);
}
