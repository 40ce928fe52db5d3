import { staffWith } from "../../kernel/actor.ts";
import type { Tx, Verb } from "../../platform/perform.ts";
import type { Outcome } from "../accounts/observation.ts";
import { endGrants } from "../port25/end-grants.ts";
import { leaseEndWords } from "./lease.ts";
import { emitLeaseEnded, emitLeaseStarted } from "./lease-events.ts";
import { endLeases, insertLeases } from "./lease-store.ts";
import { lockConcerned } from "./lock-concerned.ts";
import { grantsEndWords, type Service } from "./service.ts";
import { planServices, type ServicePlan } from "./service-plan.ts";
import type { SaveServiceInput } from "./service-report.ts";
import { insertServices, updateServices } from "./service-store.ts";

/**
 * Does with many reports of services what `save-service` does with one, as if one came after the other. A report that is
 * refused has a Refusal as its outcome and leaves the others alone; refuses `auth.forbidden` itself.
 */
export const saveEachService: Verb<
	readonly SaveServiceInput[],
	readonly Outcome[]
> = {
	name: "save-each-service",
	async run(tx, inputs) {
		if (tx.actor.kind !== "system") staffWith(tx.actor, "desk:inventory");
		const known = await lockConcerned(tx, { services: inputs });
		const plan = planServices(known, inputs, tx.now);
		const inserted = await insertServices(tx, plan.created, tx.now);
		emitSaved(tx, plan.created, inserted);
		// A race that was lost: there is a service to update now.
		if (inserted.length < plan.created.length)
			return saveEachService.run(tx, inputs);
		await endWhatStoodOn(tx, plan);
		const [updated, started] = await change(tx, plan);
		emitSaved(tx, plan.changed, updated);
		for (const { lease, reason } of plan.ending)
			emitLeaseEnded(tx, lease, reason);
		const isStarted = new Set(started);
		for (const lease of plan.starting)
			if (isStarted.has(lease.id)) emitLeaseStarted(tx, lease);
		// Another race: somebody has one of the addresses now, from whom it moves.
		if (started.length < plan.starting.length)
			return saveEachService.run(tx, inputs);
		return plan.outcomes;
	},
};

async function endWhatStoodOn(tx: Tx, plan: ServicePlan): Promise<void> {
	for (const [serviceId, status] of plan.endingGrants)
		await endGrants.run(tx, {
			which: { serviceId },
			reason: grantsEndWords(status),
		});
	for (const [reason, ending] of Map.groupBy(plan.ending, (one) => one.reason))
		await endGrants.run(tx, {
			which: { leaseIds: ending.map(({ lease }) => lease.id) },
			reason: leaseEndWords[reason],
		});
}

/** Statements that travel together: a service that comes back does so before its leases start. */
async function change(
	tx: Tx,
	{ ending, changed, starting }: ServicePlan,
): Promise<[updated: string[], started: string[]]> {
	const [, updated, started] = await Promise.all([
		endLeases(tx, ending, tx.now),
		updateServices(tx, changed, tx.now),
		insertLeases(tx, starting),
	]);
	return [updated, started];
}

function emitSaved(
	tx: Tx,
	services: readonly Service[],
	ids: readonly string[],
): void {
	const isChanged = new Set(ids);
	for (const { id, clientId, kind, legacyId } of services)
		if (isChanged.has(id))
			tx.emit({
				kind: "service.saved",
				subject: id,
				clientId,
				data: { kind, legacyId },
			});
}
