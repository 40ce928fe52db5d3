/**
 * Uploads may take longer than other requests. Node counts the time of every request alike; a connection that is in here has
 * a limit of its own, which whoever put it in keeps.
 */
import type { Duplex } from "node:stream";

const patient = new WeakSet<Duplex>();

export function bePatientWith(socket: Duplex): void {
	patient.add(socket);
}

export function isPatientWith(socket: Duplex): boolean {
	return patient.has(socket);
}

export function beImpatientWith(socket: Duplex): void {
	patient.delete(socket);
}
