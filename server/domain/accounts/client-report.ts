/** A client as the billing system reports it (contract 14.59), and what a client becomes by it. Pure. */
import { refuseField } from "../../kernel/errors.ts";
import { newId } from "../../kernel/id.ts";
import type { Client, ClientStatus, IdentityProof } from "./client.ts";
import { given, isAmount, requirePast } from "./observation.ts";

/** A field that is absent stays as it is. */
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

/** What the billing system says of a client; the rest of a client is its own business. */
export type BilledClient = Pick<
	Client,
	| "id"
	| "legacyId"
	| "name"
	| "email"
	| "status"
	| "languageCode"
	| "currencyCode"
	| "totalSpend"
	| "openAbuseCases"
	| "observedAt"
	| "createdAt"
>;

/** Refuses `request.invalid` for an amount that is none, and for times that have not come yet. */
export function requireSound(input: SaveClientInput, now: Date): void {
	const { totalSpend, identityProofs = [] } = input;
	if (typeof totalSpend === "string" && !isAmount(totalSpend))
		refuseField(
			"/totalSpend",
			"`totalSpend` must be a decimal number with at most two places.",
		);
	requirePast(input.observedAt, { now, pointer: "/observedAt" });
	requirePast(input.createdAt, { now, pointer: "/createdAt" });
	for (const [i, { verifiedAt }] of identityProofs.entries())
		requirePast(verifiedAt, {
			now,
			pointer: `/identityProofs/${i}/verifiedAt`,
		});
}

/** A client nobody has heard of before. Refuses `request.invalid` without a status. */
export function newClient(input: SaveClientInput, now: Date): BilledClient {
	const { status } = input;
	if (status === undefined)
		return refuseField("/status", "`status` is required for a new client.");
	return {
		id: input.id ?? newId("client", now),
		legacyId: input.legacyId,
		name: null,
		email: null,
		status,
		languageCode: null,
		currencyCode: null,
		totalSpend: null,
		openAbuseCases: null,
		observedAt: null,
		createdAt: now,
	};
}

/** The client after the report. */
export function clientAfter(
	before: BilledClient,
	input: SaveClientInput,
): BilledClient {
	return {
		id: before.id,
		legacyId: before.legacyId,
		name: given(input.name, before.name),
		email: given(input.email, before.email),
		status: given(input.status, before.status),
		languageCode: given(input.languageCode, before.languageCode),
		currencyCode: given(input.currencyCode, before.currencyCode),
		totalSpend: given(input.totalSpend, before.totalSpend),
		openAbuseCases: given(input.openAbuseCases, before.openAbuseCases),
		observedAt: given(input.observedAt, before.observedAt),
		createdAt: given(input.createdAt, before.createdAt),
	};
}
