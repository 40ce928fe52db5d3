/**
 * What must be done so that services become what the billing system reports, one report after the other: worked out in
 * memory, from what is known under lock, and carried out afterwards in a few statements, however many reports there are.
 */
import { assert } from "../../kernel/assert.ts";
import { refuseField } from "../../kernel/errors.ts";
import { newId } from "../../kernel/id.ts";
import {
	isOutdated,
	type Outcome,
	outcomeOf,
	type Saved,
} from "../accounts/observation.ts";
import {
	inAddressOrder,
	type LeaseEndReason,
	type LiveLease,
	leaseChanges,
	readAddresses,
} from "./lease.ts";
import { endsGrants, type Service, type ServiceKind } from "./service.ts";
import {
	newService,
	requireSound,
	type SaveServiceInput,
	serviceAfter,
	serviceLeftWith,
} from "./service-report.ts";

/** Everything the reports speak of: the services that are named, those that have an address that is named, and their leases. */
export interface Known {
	readonly services: readonly Service[];
	readonly leases: readonly LiveLease[];
	/** Of the clients that are named: what the billing system knows them by, and their ids. */
	readonly clientIds: ReadonlyMap<number, string>;
}

export interface EndingLease {
	readonly lease: LiveLease;
	readonly reason: LeaseEndReason;
}

export interface ServicePlan {
	/** One for each report, in its place. */
	readonly outcomes: readonly Outcome[];
	readonly created: readonly Service[];
	/** Services that were known and may be different now. */
	readonly changed: readonly Service[];
	readonly ending: readonly EndingLease[];
	readonly starting: readonly LiveLease[];
	/** Services whose status ended what was granted on them. */
	readonly endingGrants: ReadonlyMap<string, Service["status"]>;
}

/** The plan for the reports, each made on what the ones before it left. A refused one leaves nothing. */
export function planServices(
	known: Known,
	inputs: readonly SaveServiceInput[],
	now: Date,
): ServicePlan {
	const draft = draftOf(known, now);
	const outcomes = inputs.map((input) =>
		outcomeOf(() => report(draft, input, { known, now })),
	);
	return { outcomes, ...draft.plan() };
}

function report(
	draft: Draft,
	input: SaveServiceInput,
	{ known, now }: { readonly known: Known; readonly now: Date },
): Saved {
	requireSound(input, now);
	const addresses = input.addresses && readAddresses(input.addresses);
	const clientId = clientNamed(known, input.clientLegacyId);
	const stored = draft.find(input.kind, input.legacyId);
	const before = stored ?? newService(input, { clientId, now });
	if (clientId !== undefined && clientId !== before.clientId)
		refuseField("/clientLegacyId", "The service belongs to another client.");
	if (isOutdated(input.observedAt, before.observedAt))
		return { id: before.id, applied: false };
	const live = draft.leasesOf(before.id);
	const wanted = addresses ?? live.map((lease) => lease.address);
	const after = serviceAfter(before, input, wanted);
	const { ending, starting } = leaseChanges(live, wanted);
	draft.put(after);
	if (!endsGrants(before.status) && endsGrants(after.status))
		draft.endGrants(after);
	for (const lease of ending) draft.end(lease, "address_removed");
	for (const address of starting) draft.take(address, after);
	return { id: after.id, applied: true };
}

function clientNamed(
	{ clientIds }: Known,
	legacyId: number | undefined,
): string | undefined {
	if (legacyId === undefined) return undefined;
	return (
		clientIds.get(legacyId) ??
		refuseField("/clientLegacyId", "No client is known by this number.")
	);
}

type Draft = ReturnType<typeof draftOf>;

/** Services and leases as they are after the reports so far. */
function draftOf(known: Known, now: Date) {
	const services = new Map(known.services.map((one) => [keyOf(one), one]));
	const keys = new Map(known.services.map((one) => [one.id, keyOf(one)]));
	const wasKnown = new Set(services.keys());
	const touched = new Set<string>();
	const leases = new Map(known.leases.map((one) => [one.address, one]));
	/** Service → its live leases. */
	const held = Map.groupBy(known.leases, (one) => one.serviceId);
	const ending: EndingLease[] = [];
	const starting = new Map<string, LiveLease>();
	const endingGrants = new Map<string, Service["status"]>();

	function put(service: Service): void {
		const key = keyOf(service);
		services.set(key, service);
		keys.set(service.id, key);
		touched.add(key);
	}

	function leasesOf(serviceId: string): readonly LiveLease[] {
		return inAddressOrder(held.get(serviceId) ?? []);
	}

	function end(lease: LiveLease, reason: LeaseEndReason): void {
		const { id, address, serviceId } = lease;
		leases.delete(address);
		held.set(
			serviceId,
			leasesOf(serviceId).filter((one) => one.id !== id),
		);
		// One that began in this transaction was never there.
		if (!starting.delete(id)) ending.push({ lease, reason });
	}

	/** Leases the address to the service; whoever has it loses it. */
	function take(address: string, { id: serviceId, clientId }: Service): void {
		const before = leases.get(address);
		if (before !== undefined) {
			end(before, "address_moved");
			const loser = services.get(keys.get(before.serviceId) ?? "");
			assert(loser, "whoever has an address that is named is known");
			const left = leasesOf(loser.id).map((one) => one.address);
			put(serviceLeftWith(loser, left));
		}
		const id = newId("lease", now);
		const lease = { id, address, startedAt: now, serviceId, clientId };
		leases.set(address, lease);
		held.set(serviceId, [...leasesOf(serviceId), lease]);
		starting.set(id, lease);
	}

	return {
		find: (kind: ServiceKind, legacyId: number) =>
			services.get(keyOf({ kind, legacyId })),
		put,
		leasesOf,
		end,
		take,
		endGrants({ id, status }: Service): void {
			endingGrants.set(id, status);
		},
		plan(): Omit<ServicePlan, "outcomes"> {
			const all = [...services].filter(([key]) => touched.has(key));
			const of = (isKnown: boolean) =>
				all
					.filter(([key]) => wasKnown.has(key) === isKnown)
					.map(([, service]) => service);
			return {
				created: of(false),
				changed: of(true),
				ending,
				starting: [...starting.values()],
				endingGrants,
			};
		},
	};
}

function keyOf({ kind, legacyId }: Pick<Service, "kind" | "legacyId">): string {
	return `${kind} ${legacyId}`;
}
