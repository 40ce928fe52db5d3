/** A service as the billing system reports it (contract 14.59), and what a service becomes by it. Pure. */
import { refuseField } from "../../kernel/errors.ts";
import { newId } from "../../kernel/id.ts";
import { given, isAmount, requirePast } from "../accounts/observation.ts";
import { readIp } from "./lease.ts";
import {
	type Details,
	idPrefixOf,
	primaryAmong,
	type Service,
	type ServiceKind,
} from "./service.ts";

/** A field that is absent stays as it is. */
export interface SaveServiceInput {
	readonly kind: ServiceKind;
	readonly legacyId: number;
	/** The public id of a service that is new; drawn when absent. The demo owns ids that stand in the documents. */
	readonly id?: string;
	/** Required for a service that is new, like `name` and `status`; a service does not change hands. */
	readonly clientLegacyId?: number;
	readonly name?: string;
	/** Any but `terminated` brings a service back that had ended. */
	readonly status?: Service["status"];
	readonly planName?: string | null;
	readonly billing?: {
		/** Decimal with at most two places. */
		readonly amount?: string;
		readonly currencyCode?: string;
		readonly billingCycle?: Service["billingCycle"];
		readonly isPayg?: boolean;
		readonly periodYears?: number | null;
	};
	readonly paidUntil?: Date | null;
	/** All of them: an address that another service has moves here, and an empty list ends all. */
	readonly addresses?: readonly string[];
	/** One of the addresses. When absent it stays, or becomes the first address when it is gone. */
	readonly primaryIp?: string | null;
	/** Taken field by field; `service-details.ts` says what is read. */
	readonly details?: Details;
	/** When the billing system held this to be true. */
	readonly observedAt?: Date;
}

/** Refuses `request.invalid` for an amount that is none, and for an observation that has not come yet. */
export function requireSound(
	{ billing, observedAt }: SaveServiceInput,
	now: Date,
): void {
	if (billing?.amount !== undefined && !isAmount(billing.amount))
		refuseField(
			"/billing/amount",
			"`amount` must be a decimal number with at most two places.",
		);
	requirePast(observedAt, { now, pointer: "/observedAt" });
}

/** A service nobody has heard of before. Refuses `request.invalid` without client, name or status. */
export function newService(
	{ id, kind, legacyId, name, status }: SaveServiceInput,
	{
		clientId,
		now,
	}: { readonly clientId: string | undefined; readonly now: Date },
): Service {
	if (clientId === undefined) return refuseAbsent("clientLegacyId");
	if (name === undefined) return refuseAbsent("name");
	if (status === undefined) return refuseAbsent("status");
	return {
		id: id ?? newId(idPrefixOf(kind), now),
		kind,
		legacyId,
		clientId,
		name,
		status,
		planName: null,
		amount: "0",
		currencyCode: "SEK",
		billingCycle: null,
		isPayg: false,
		periodYears: null,
		paidUntil: null,
		primaryIp: null,
		details: {},
		observedAt: null,
		createdAt: now,
		endedAt: null,
	};
}

function refuseAbsent(name: string): never {
	return refuseField(`/${name}`, `\`${name}\` is required for a new service.`);
}

/**
 * The service after the report, when it has these addresses. Refuses `request.invalid` for a primary address that is not
 * among them, and for addresses of a service that has ended.
 */
export function serviceAfter(
	before: Service,
	input: SaveServiceInput,
	addresses: readonly string[],
): Service {
	const { billing = {} } = input;
	const status = given(input.status, before.status);
	const endedAt = status === "terminated" ? before.endedAt : null;
	if (endedAt !== null && addresses.length > 0)
		refuseField("/addresses", "A service that has ended has no addresses.");
	return {
		...before,
		name: given(input.name, before.name),
		status,
		planName: given(input.planName, before.planName),
		amount: given(billing.amount, before.amount),
		currencyCode: given(billing.currencyCode, before.currencyCode),
		billingCycle: given(billing.billingCycle, before.billingCycle),
		isPayg: given(billing.isPayg, before.isPayg),
		periodYears: given(billing.periodYears, before.periodYears),
		paidUntil: given(input.paidUntil, before.paidUntil),
		primaryIp: primaryFrom(input, addresses, before.primaryIp),
		details: { ...before.details, ...input.details },
		observedAt: given(input.observedAt, before.observedAt),
		endedAt,
	};
}

function primaryFrom(
	{ primaryIp }: SaveServiceInput,
	addresses: readonly string[],
	before: string | null,
): string | null {
	const named =
		typeof primaryIp === "string" ? readIp(primaryIp, "/primaryIp") : primaryIp;
	const primary = primaryAmong(addresses, { named, before });
	return primary === undefined
		? refuseField("/primaryIp", "`primaryIp` must be one of the addresses.")
		: primary;
}

/** The service after other services took all of its addresses but these. */
export function serviceLeftWith(
	before: Service,
	addresses: readonly string[],
): Service {
	const primaryIp =
		primaryAmong(addresses, { named: undefined, before: before.primaryIp }) ??
		null;
	// Who names no primary address keeps none.
	return before.primaryIp === null ? before : { ...before, primaryIp };
}
