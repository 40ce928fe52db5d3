import { staffWith } from "../../kernel/actor.ts";
import { refuseField } from "../../kernel/errors.ts";
import { newId } from "../../kernel/id.ts";
import type { Tx, Verb } from "../../platform/perform.ts";
import type { Client, ClientStatus, IdentityProof } from "./client.ts";
import {
	type BilledClient,
	insertClient,
	lockClientByLegacyId,
	replaceIdentityProofs,
	updateClient,
} from "./client-store.ts";
import { isAmount, isOutdated } from "./observation.ts";

/** A client as the billing system sends it (contract 14.59). A field that is absent stays as it is. */
export interface SaveClientInput {
	readonly legacyId: number;
	/** The public id of a client that is new; drawn when absent. The demo owns ids that stand in the documents. */
	readonly id?: string;
	readonly name?: string | null;
	readonly email?: string | null;
	/** Required for a client that is new. */
	readonly status?: ClientStatus;
	/** When the account was opened; the moment of the transaction for a client that is new. */
	readonly createdAt?: Date;
	/** Decimal with at most two places. */
	readonly totalSpend?: string | null;
	readonly currencyCode?: string | null;
	readonly openAbuseCases?: number | null;
	readonly languageCode?: string | null;
	/** All of them: one that is missing here is taken away. */
	readonly identityProofs?: readonly IdentityProof[];
	/** When the billing system held this to be true. */
	readonly observedAt?: Date;
}

export interface Saved {
	readonly id: string;
	/** False when something newer was stored already, and nothing was changed. */
	readonly applied: boolean;
}

/**
 * Makes a client what the billing system says it is, whether it was known before or not. Doing it again changes nothing.
 *
 * Refuses `auth.forbidden` to everybody but the system and staff with `desk:inventory`, and `request.invalid` for a new
 * client without a status or an amount that is none.
 */
export const saveClient: Verb<SaveClientInput, Saved> = {
	name: "save-client",
	async run(tx, input) {
		if (tx.actor.kind !== "system") staffWith(tx.actor, "desk:inventory");
		if (typeof input.totalSpend === "string" && !isAmount(input.totalSpend))
			refuseField(
				"/totalSpend",
				"`totalSpend` must be a decimal number with at most two places.",
			);
		const stored = await lockClientByLegacyId(tx, input.legacyId);
		if (stored === undefined) return insertNew(tx, input);
		const { id } = stored;
		if (isOutdated(input.observedAt, stored.observedAt))
			return { id, applied: false };
		await updateClient(tx, merge(stored, input), tx.now);
		return settle(tx, id, input);
	},
};

async function insertNew(tx: Tx, input: SaveClientInput): Promise<Saved> {
	const { status } = input;
	if (status === undefined)
		return refuseField("/status", "`status` is required for a new client.");
	const client = merge(
		{
			id: input.id ?? newId("client", tx.now),
			legacyId: input.legacyId,
			name: null,
			email: null,
			status,
			languageCode: null,
			currencyCode: null,
			totalSpend: null,
			openAbuseCases: null,
			observedAt: null,
			createdAt: tx.now,
		},
		input,
	);
	// A race that was lost: there is a client to update now.
	if (!(await insertClient(tx, client, tx.now)))
		return saveClient.run(tx, input);
	return settle(tx, client.id, input);
}

async function settle(
	tx: Tx,
	id: string,
	{ legacyId, identityProofs }: SaveClientInput,
): Promise<Saved> {
	if (identityProofs !== undefined)
		await replaceIdentityProofs(tx, id, identityProofs);
	tx.emit({
		kind: "client.saved",
		subject: id,
		clientId: id,
		data: { legacyId },
	});
	return { id, applied: true };
}

/** Null is a value, absence is none. */
function merge(
	stored: Pick<Client, keyof BilledClient>,
	given: SaveClientInput,
): BilledClient {
	const or = <Value>(value: Value | undefined, before: Value): Value =>
		value === undefined ? before : value;
	return {
		id: stored.id,
		legacyId: stored.legacyId,
		name: or(given.name, stored.name),
		email: or(given.email, stored.email),
		status: or(given.status, stored.status),
		languageCode: or(given.languageCode, stored.languageCode),
		currencyCode: or(given.currencyCode, stored.currencyCode),
		totalSpend: or(given.totalSpend, stored.totalSpend),
		openAbuseCases: or(given.openAbuseCases, stored.openAbuseCases),
		observedAt: or(given.observedAt, stored.observedAt),
		createdAt: or(given.createdAt, stored.createdAt),
	};
}
