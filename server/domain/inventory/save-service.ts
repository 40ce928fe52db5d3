import { staffWith } from "../../kernel/actor.ts";
import { refuse, refuseField } from "../../kernel/errors.ts";
import { newId } from "../../kernel/id.ts";
import type { Tx, Verb } from "../../platform/perform.ts";
import { isAmount, isOutdated } from "../accounts/observation.ts";
import { findClientByLegacyId } from "../accounts/read-standing.ts";
import { type Lease, leaseChanges, readAddresses, readIp } from "./lease.ts";
import { endLeases, insertLeases, listLiveLeases } from "./lease-store.ts";
import {
	type Details,
	idPrefixOf,
	primaryAmong,
	type Service,
	type ServiceKind,
} from "./service.ts";
import {
	insertService,
	lockServiceByLegacyId,
	updateService,
} from "./service-store.ts";

/** A service as the billing system sends it (contract 14.59). A field that is absent stays as it is. */
export interface SaveServiceInput {
	readonly kind: ServiceKind;
	readonly legacyId: number;
	/** The public id of a service that is new; drawn when absent. The demo owns ids that stand in the documents. */
	readonly id?: string;
	/** Required for a service that is new, like `name` and `status`; a service does not change hands. */
	readonly clientLegacyId?: number;
	readonly name?: string;
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
	/** All of them: leases of others end, and an empty list ends all. */
	readonly addresses?: readonly string[];
	/** One of the addresses. When absent it stays, or becomes the first address when it is gone. */
	readonly primaryIp?: string | null;
	/** Taken field by field; `service-details.ts` says what is read. */
	readonly details?: Details;
	/** When the billing system held this to be true. */
	readonly observedAt?: Date;
}

export interface SavedService {
	readonly id: string;
	/** False when something newer was stored already, and nothing was changed. */
	readonly applied: boolean;
}

/**
 * Makes a service what the billing system says it is, its leases included. Doing it again changes nothing.
 *
 * Refuses `auth.forbidden` to everybody but the system and staff with `desk:inventory`; `request.invalid` for an unknown
 * client or another one than before, an address that is none, a primary address that is not among the addresses, and a
 * new service without client, name or status; `inventory.address_in_use` for an address that another service has;
 * `inventory.address_open` when an address that is taken away still stands on the allow-list.
 */
export const saveService: Verb<SaveServiceInput, SavedService> = {
	name: "save-service",
	async run(tx, input) {
		if (tx.actor.kind !== "system") staffWith(tx.actor, "desk:inventory");
		const addresses = input.addresses && readAddresses(input.addresses);
		const stored = await lockServiceByLegacyId(tx, input.kind, input.legacyId);
		const clientId = await clientNamed(tx, input);
		if (
			stored !== undefined &&
			clientId !== undefined &&
			clientId !== stored.clientId
		)
			refuseField("/clientLegacyId", "The service belongs to another client.");
		if (stored !== undefined && isOutdated(input.observedAt, stored.observedAt))
			return { id: stored.id, applied: false };
		const live =
			stored === undefined ? [] : await listLiveLeases(tx, stored.id);
		const wanted = addresses ?? live.map((lease) => lease.address);
		const before = stored ?? newService(tx, input, clientId);
		const service = {
			...merge(before, input),
			primaryIp: primaryFrom(input, { wanted, before: before.primaryIp }),
		};
		if (stored !== undefined) await updateService(tx, service, tx.now);
		// A race that was lost: there is a service to update now.
		else if (!(await insertService(tx, service, tx.now)))
			return saveService.run(tx, input);
		tx.emit({
			kind: "service.saved",
			subject: service.id,
			clientId: service.clientId,
			data: { kind: service.kind, legacyId: service.legacyId },
		});
		await changeLeases(tx, service, { live, wanted });
		return { id: service.id, applied: true };
	},
};

async function clientNamed(
	tx: Tx,
	{ clientLegacyId }: SaveServiceInput,
): Promise<string | undefined> {
	if (clientLegacyId === undefined) return undefined;
	const client = await findClientByLegacyId(tx, clientLegacyId);
	return (
		client?.id ??
		refuseField("/clientLegacyId", "No client is known by this number.")
	);
}

function newService(
	tx: Tx,
	{ id, kind, legacyId, name, status }: SaveServiceInput,
	clientId: string | undefined,
): Service {
	if (clientId === undefined) return refuseAbsent("clientLegacyId");
	if (name === undefined) return refuseAbsent("name");
	if (status === undefined) return refuseAbsent("status");
	return {
		id: id ?? newId(idPrefixOf(kind), tx.now),
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
		createdAt: tx.now,
	};
}

function refuseAbsent(name: string): never {
	return refuseField(`/${name}`, `\`${name}\` is required for a new service.`);
}

/** Null is a value, absence is none. */
function merge(stored: Service, given: SaveServiceInput): Service {
	const or = <Value>(value: Value | undefined, before: Value): Value =>
		value === undefined ? before : value;
	const { billing = {} } = given;
	if (billing.amount !== undefined && !isAmount(billing.amount))
		refuseField(
			"/billing/amount",
			"`amount` must be a decimal number with at most two places.",
		);
	return {
		...stored,
		name: or(given.name, stored.name),
		status: or(given.status, stored.status),
		planName: or(given.planName, stored.planName),
		amount: or(billing.amount, stored.amount),
		currencyCode: or(billing.currencyCode, stored.currencyCode),
		billingCycle: or(billing.billingCycle, stored.billingCycle),
		isPayg: or(billing.isPayg, stored.isPayg),
		periodYears: or(billing.periodYears, stored.periodYears),
		paidUntil: or(given.paidUntil, stored.paidUntil),
		details: { ...stored.details, ...given.details },
		observedAt: or(given.observedAt, stored.observedAt),
	};
}

function primaryFrom(
	{ primaryIp }: SaveServiceInput,
	{
		wanted,
		before,
	}: { readonly wanted: readonly string[]; readonly before: string | null },
): string | null {
	const named =
		typeof primaryIp === "string" ? readIp(primaryIp, "/primaryIp") : primaryIp;
	const primary = primaryAmong(wanted, { named, before });
	return primary === undefined
		? refuseField("/primaryIp", "`primaryIp` must be one of the addresses.")
		: primary;
}

async function changeLeases(
	tx: Tx,
	{ id: serviceId, clientId }: Service,
	{
		live,
		wanted,
	}: { readonly live: readonly Lease[]; readonly wanted: readonly string[] },
): Promise<void> {
	const { ending, starting } = leaseChanges(live, wanted);
	const reason = "address_removed";
	if (ending.length > 0) {
		const ids = ending.map((lease) => lease.id);
		if (!(await endLeases(tx, ids, { reason, now: tx.now })))
			refuse("inventory.address_open");
	}
	for (const { id: subject, address } of ending)
		tx.emit({
			kind: "lease.ended",
			subject,
			clientId,
			data: { address, serviceId, reason },
		});
	const leases = starting.map((address) => ({
		id: newId("lease", tx.now),
		address,
	}));
	if (leases.length > 0) {
		const holder = { serviceId, clientId, now: tx.now };
		const started = await insertLeases(tx, leases, holder);
		if (started < leases.length) refuse("inventory.address_in_use");
	}
	for (const { id: subject, address } of leases)
		tx.emit({
			kind: "lease.started",
			subject,
			clientId,
			data: { address, serviceId },
		});
}
