/**
 * What a request for port 25 would meet at this moment: whether something stands in its way, and what the policy in force
 * makes of it. The same code for the request itself and for the question beforehand, so that the two cannot differ.
 */
import { type ErrorCode, Refusal, refuseField } from "../../kernel/errors.ts";
import type { Tx } from "../../platform/perform.ts";
import { clientIsActive } from "../accounts/client.ts";
import { lockStanding, type Standing } from "../accounts/read-standing.ts";
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
import { type PolicyInForce, policyInForce } from "./policy-in-force.ts";
import { coolOffEnds } from "./request.ts";
import { type Precedents, readPrecedents } from "./request-store.ts";

export interface WeighInput {
	readonly clientId: string;
	/** Which VPS, by its id or by the number v1 knows it by. */
	readonly vps: { readonly id: string } | { readonly legacyId: number };
	/** A canonical address of that VPS; its primary address when absent. */
	readonly address?: string;
	/** Where the address stands in what was sent: `/ipAddress` when absent. */
	readonly addressPointer?: string;
	/**
	 * `enforced`: an account that does not meet the requirement is refused (v2). `recorded`: it is accepted and left to
	 * review (v1, contract 14.49).
	 */
	readonly requirement: "enforced" | "recorded";
}

type Lease = VpsHolding["leases"][number];

/** Everything that a decision rests on. */
export interface Weighed {
	readonly standing: Standing;
	readonly vps: VpsHolding;
	readonly lease: Lease;
	readonly policy: PolicyInForce;
	readonly receipt: Receipt;
}

export interface Weighing {
	/** The first thing in the way, in the contract's order (14.40); undefined when the request would be accepted. */
	readonly obstacle: Refusal | undefined;
	/** Undefined where the account or the VPS is not one that could ask. */
	readonly weighed: Weighed | undefined;
}

/**
 * Weighs a request, with the account, the VPS and the lease locked until the transaction ends.
 *
 * Obstacles: `account.inactive`, `vps.not_ready`, `port25.requirements_not_met`, `port25.already_open`,
 * `port25.request_pending`, `port25.cooling_off`, `port25.too_many`. Refuses `vps.not_found`, and `request.invalid` at the
 * address for one that is not the VPS's own.
 */
export async function weighRequest(
	tx: Tx,
	input: WeighInput,
): Promise<Weighing> {
	const { clientId } = input;
	// What is told the address need not look it up before it asks what is known of it.
	const [standing, vps, billing, policy, known] = await Promise.all([
		lockStanding(tx, clientId),
		"id" in input.vps
			? lockVps(tx, { clientId, vpsId: input.vps.id })
			: lockVpsByLegacyId(tx, { clientId, legacyId: input.vps.legacyId }),
		listVpsBilling(tx, clientId),
		policyInForce(tx),
		input.address === undefined
			? undefined
			: historyOf(tx, clientId, input.address),
	]);
	if (standing === undefined || !clientIsActive(standing))
		return hopeless("account.inactive");
	if (vps === undefined) throw new Refusal("vps.not_found");
	const lease = leaseFor(vps, input);
	if (lease === undefined) return hopeless("vps.not_ready");
	const { isOpen, revokedEntries, precedents } =
		known ?? (await historyOf(tx, clientId, lease.address));
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
	const isRefused =
		input.requirement === "enforced" && !receipt.evaluation.requirement.met;
	return {
		obstacle: isRefused
			? new Refusal("port25.requirements_not_met")
			: obstacleFor({ isOpen, precedents }, tx),
		weighed: { standing, vps, lease, policy, receipt },
	};
}

interface History {
	readonly isOpen: boolean;
	readonly revokedEntries: number;
	readonly precedents: Precedents;
}

/** What was decided of the client and the address before. */
async function historyOf(
	tx: Tx,
	clientId: string,
	address: string,
): Promise<History> {
	const since = hourBefore(tx.now);
	const [isOpen, revokedEntries, precedents] = await Promise.all([
		isAllowListed(tx, address),
		countRevokedEntries(tx, clientId),
		readPrecedents(tx, { clientId, address, since }),
	]);
	return { isOpen, revokedEntries, precedents };
}

function hopeless(code: ErrorCode): Weighing {
	return { obstacle: new Refusal(code), weighed: undefined };
}

/**
 * The lease of the address asked for; undefined where the VPS is not ready. An address of somebody else is refused like one
 * that does not exist.
 */
function leaseFor(
	vps: VpsHolding,
	{ address, addressPointer = "/ipAddress" }: WeighInput,
): Lease | undefined {
	const wanted = address ?? vps.primaryIp;
	const lease = vps.leases.find((one) => one.address === wanted);
	if (address !== undefined && lease === undefined)
		refuseField(addressPointer, "`ipAddress` must be an address of this VPS.");
	return vps.status === "active" ? lease : undefined;
}

function obstacleFor(
	{ isOpen, precedents }: Pick<History, "isOpen" | "precedents">,
	tx: Tx,
): Refusal | undefined {
	const { coolOffDays, perHour } = tx.settings.port25;
	if (isOpen) return new Refusal("port25.already_open");
	if (precedents.pending) return new Refusal("port25.request_pending");
	if (precedents.rejectedAt !== null && coolOffDays > 0) {
		const retryAt = coolOffEnds(precedents.rejectedAt, coolOffDays);
		if (retryAt > tx.now) return new Refusal("port25.cooling_off", { retryAt });
	}
	if (precedents.recent >= perHour) {
		const from = precedents.oldestRecentAt ?? tx.now;
		const retryAt = hourAfter(from);
		return new Refusal("port25.too_many", { limit: perHour, retryAt });
	}
	return undefined;
}

const hourMs = 60 * 60 * 1000;

function hourBefore(at: Date): Date {
	return new Date(at.getTime() - hourMs);
}

function hourAfter(at: Date): Date {
	return new Date(at.getTime() + hourMs);
}
