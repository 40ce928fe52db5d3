/** What other features may know of a client. */
import type { Sql } from "../../platform/sql.ts";
import type { Client, ProofMethod } from "./client.ts";
import { findClientIdByLegacyId, lockStandingRow } from "./client-store.ts";

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
	readonly identityProofs: readonly {
		readonly method: ProofMethod;
		readonly verifiedAt: Date;
	}[];
}

/**
 * The standing of a client, whose row stays locked to the end of the transaction: two decisions about one client are made
 * one after the other, and nothing the billing system sends comes in between. One statement.
 *
 * @returns undefined when there is no such client
 */
export async function lockStanding(
	tx: Sql,
	clientId: string,
): Promise<Standing | undefined> {
	const row = await lockStandingRow(tx, clientId);
	return (
		row && {
			...row,
			identityProofs: row.identityProofs.map(({ method, verifiedAt }) => ({
				method,
				verifiedAt: new Date(verifiedAt),
			})),
		}
	);
}

/** The client that v1 and the billing system know by this number, or undefined. */
export function findClientByLegacyId(
	db: Sql,
	legacyId: number,
): Promise<{ readonly id: string } | undefined> {
	return findClientIdByLegacyId(db, legacyId);
}
