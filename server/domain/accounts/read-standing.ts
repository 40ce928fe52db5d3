/** What other features may know of a client. */
import type { Sql } from "../../platform/sql.ts";
import type { Client, IdentityProof } from "./client.ts";
import {
	findClientIdByLegacyId,
	listActive,
	listIdentityProofs,
	lockClient,
	lockClientsNamed,
} from "./client-store.ts";

/** How a client stands with the provider: what a decision about trust looks at. */
export interface Standing
	extends Pick<
		Client,
		| "legacyId"
		| "name"
		| "status"
		| "createdAt"
		| "totalSpend"
		| "currencyCode"
		| "openAbuseCases"
		| "observedAt"
	> {
	readonly clientId: string;
	/** Oldest first. */
	readonly identityProofs: readonly Pick<
		IdentityProof,
		"method" | "verifiedAt"
	>[];
}

/**
 * The standing of a client, whose row stays locked to the end of the transaction: two decisions about one client are made
 * one after the other, and nothing the billing system sends comes in between.
 *
 * Two statements that travel together. One would not do: while it waits for the lock, its view of the proofs grows old.
 *
 * @returns undefined when there is no such client
 */
export async function lockStanding(
	tx: Sql,
	clientId: string,
): Promise<Standing | undefined> {
	const [client, identityProofs] = await Promise.all([
		lockClient(tx, clientId),
		listIdentityProofs(tx, clientId),
	]);
	return (
		client && {
			clientId: client.id,
			legacyId: client.legacyId,
			name: client.name,
			status: client.status,
			createdAt: client.createdAt,
			totalSpend: client.totalSpend,
			currencyCode: client.currencyCode,
			openAbuseCases: client.openAbuseCases,
			observedAt: client.observedAt,
			identityProofs: identityProofs.map(({ method, verifiedAt }) => ({
				method,
				verifiedAt,
			})),
		}
	);
}

/**
 * Locks clients, and with each everything it has: its services, leases, requests and entries are decided and changed under
 * this lock only. Taken in the order of the ids, for all that a transaction touches at once, so that two transactions
 * rarely wait for each other. Gives those that exist.
 */
export function lockClients(
	tx: Sql,
	which: {
		readonly ids: readonly string[];
		/** What v1 and the billing system know them by. */
		readonly legacyIds: readonly number[];
	},
): Promise<{ readonly id: string; readonly legacyId: number }[]> {
	return lockClientsNamed(tx, which);
}

/** The client that v1 and the billing system know by this number, or undefined. */
export function findClientByLegacyId(
	db: Sql,
	legacyId: number,
): Promise<{ readonly id: string } | undefined> {
	return findClientIdByLegacyId(db, legacyId);
}

/** Those of the clients whose account is active. */
export async function activeClients(
	db: Sql,
	ids: readonly string[],
): Promise<ReadonlySet<string>> {
	return new Set(await listActive(db, ids));
}
