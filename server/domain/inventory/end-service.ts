import { staffWith } from "../../kernel/actor.ts";
import { refuse } from "../../kernel/errors.ts";
import type { Verb } from "../../platform/perform.ts";
import type { Saved } from "../accounts/observation.ts";
import { endGrants } from "../port25/end-grants.ts";
import { leaseEndWords } from "./lease.ts";
import { emitLeaseEnded } from "./lease-events.ts";
import { endLeases } from "./lease-store.ts";
import { lockConcerned } from "./lock-concerned.ts";
import type { Service } from "./service.ts";
import { updateServices } from "./service-store.ts";

/**
 * Ends a service: its leases end, and with them and it what was granted. Its record is kept, `terminated`; ending it again
 * changes nothing. It counts as observed at this moment, so that what was reported before and comes late is outdated.
 *
 * Refuses `auth.forbidden` to everybody but the system and staff with `desk:inventory`, and `resource.not_found`.
 */
export const endService: Verb<Pick<Service, "kind" | "legacyId">, Saved> = {
	name: "end-service",
	async run(tx, { kind, legacyId }) {
		if (tx.actor.kind !== "system") staffWith(tx.actor, "desk:inventory");
		const { services, leases } = await lockConcerned(tx, {
			services: [{ kind, legacyId }],
		});
		const [service] = services;
		if (service === undefined) return refuse("resource.not_found");
		const { id, clientId, observedAt } = service;
		if (service.endedAt !== null) return { id, applied: true };
		const reason = "service_ended";
		await endGrants.run(tx, {
			which: { serviceId: id },
			reason: leaseEndWords[reason],
		});
		const ended: Service = {
			...service,
			status: "terminated",
			primaryIp: null,
			observedAt:
				observedAt !== null && observedAt > tx.now ? observedAt : tx.now,
			endedAt: tx.now,
		};
		const ending = leases.map((lease) => ({ lease, reason }) as const);
		await Promise.all([
			endLeases(tx, ending, tx.now),
			updateServices(tx, [ended], tx.now),
		]);
		for (const lease of leases) emitLeaseEnded(tx, lease, reason);
		tx.emit({
			kind: "service.ended",
			subject: id,
			clientId,
			data: { kind, legacyId },
		});
		return { id, applied: true };
	},
};
