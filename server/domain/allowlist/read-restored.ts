/** What waits for `postern allowlist confirm`. */
import type { Question } from "../../platform/perform.ts";
import type { Sql } from "../../platform/sql.ts";
import { activeClients } from "../accounts/read-standing.ts";
import { activeServices } from "../inventory/read-holdings.ts";
import { batchMax, type SystemIdentity, whyNotResumed } from "./epoch.ts";
import {
	type AwaitingSummary,
	countAwaiting,
	findSystem,
	listAwaiting,
} from "./epoch-store.ts";
import type { Batch } from "./suspend-restored.ts";

/** An entry that a restore suspended. */
export interface RestoredEntry {
	readonly id: string;
	readonly address: string;
	readonly suspendedAt: Date;
	/** Why it would stay suspended; undefined when it would be resumed. */
	readonly whyNot: string | undefined;
}

/** A batch of them in the order of their ids. A live entry has a live lease (a foreign key), so that needs no look. */
export async function readRestored(
	db: Sql,
	page: Batch & { readonly lock: boolean },
): Promise<RestoredEntry[]> {
	const rows = await listAwaiting(db, { ...page, limit: batchMax });
	const [clients, services] = await Promise.all([
		activeClients(
			db,
			rows.map((row) => row.clientId),
		),
		activeServices(
			db,
			rows.map((row) => row.serviceId),
		),
	]);
	return rows.map(({ id, address, clientId, serviceId, updatedAt }) => ({
		id,
		address,
		suspendedAt: updatedAt,
		whyNot: whyNotResumed({
			isClientActive: clients.has(clientId),
			isServiceActive: services.has(serviceId),
		}),
	}));
}

/** The same as a question: nothing is locked, nothing changes. */
export const listRestored: Question<Batch, RestoredEntry[]> = {
	name: "list-restored",
	answer: (view, { after }) => readRestored(view, { after, lock: false }),
};

/** How many wait, and since when. */
export function summariseRestored(db: Sql): Promise<AwaitingSummary> {
	return countAwaiting(db);
}

/** Which PostgreSQL it was at the last start; null before the first. */
export function readRemembered(db: Sql): Promise<SystemIdentity | null> {
	return findSystem(db);
}
