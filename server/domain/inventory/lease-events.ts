/** What is told of leases. */
import type { Tx } from "../../platform/perform.ts";
import type { LeaseEndReason, LiveLease } from "./lease.ts";

export function emitLeaseStarted(tx: Tx, lease: LiveLease): void {
	const { id: subject, clientId, address, serviceId } = lease;
	tx.emit({
		kind: "lease.started",
		subject,
		clientId,
		data: { address, serviceId },
	});
}

export function emitLeaseEnded(
	tx: Tx,
	lease: LiveLease,
	reason: LeaseEndReason,
): void {
	const { id: subject, clientId, address, serviceId } = lease;
	tx.emit({
		kind: "lease.ended",
		subject,
		clientId,
		data: { address, serviceId, reason },
	});
}
