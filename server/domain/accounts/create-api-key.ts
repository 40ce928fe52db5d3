import {
	type Actor,
	scopes as allScopes,
	type Scope,
} from "../../kernel/actor.ts";
import { refuse, refuseField } from "../../kernel/errors.ts";
import { isId, newId } from "../../kernel/id.ts";
import type { Tx, Verb } from "../../platform/perform.ts";
import {
	type ApiKey,
	checkExpiry,
	checkKeyName,
	type KeyHolder,
	keyScopes,
	liveKeysMax,
	mintKey,
} from "./api-key.ts";
import { insertKey, isDemo, lockLiveKeys } from "./api-key-store.ts";
import { findClient } from "./client-store.ts";
import { requireAdmin, scopesOfRole } from "./staff.ts";
import { findStaff } from "./staff-store.ts";

export interface NewApiKey {
	readonly holder: KeyHolder;
	/** For people: which integration uses it. */
	readonly name: string;
	readonly scopes: readonly string[];
	/** Null: never. */
	readonly expiresAt: Date | null;
	/** A `pst_test_` key, for demo data only. */
	readonly isTest: boolean;
}

/**
 * Makes an API key for a client or a member of staff; `key` is its text, given this once and kept nowhere.
 *
 * Refuses `auth.forbidden` to everybody but the system and administrators, `request.invalid` for a bad name, scope or
 * expiry and for a test key outside demo data, `resource.not_found` for an unknown holder, `key.too_many` at 50 live keys.
 */
export const createApiKey: Verb<NewApiKey, ApiKey & { readonly key: string }> =
	{
		name: "create-api-key",
		async run(tx, input) {
			requireAdmin(tx.actor);
			checkKeyName(input.name);
			checkExpiry(input.expiresAt, tx.now);
			if (input.isTest && !(await isDemo(tx)))
				refuseField("/isTest", "Test keys exist only beside demo data.");
			const scopes = keyScopes(input.scopes, await scopesFor(tx, input.holder));
			const { key, hash, lastFour, isTest } = mintKey(
				input.isTest ? "test" : "live",
			);
			const row: ApiKey = {
				id: newId("key", tx.now),
				clientId: input.holder.clientId ?? null,
				staffId: input.holder.staffId ?? null,
				name: input.name,
				lastFour,
				isTest,
				scopes,
				createdAt: tx.now,
				expiresAt: input.expiresAt,
				revokedAt: null,
				lastUsedAt: null,
			};
			await insertKey(tx, row, hash);
			tx.emit({
				kind: "key.created",
				subject: row.id,
				clientId: row.clientId,
				data: { scopes },
			});
			return { ...row, key };
		},
	};

/** What a new key of the holder may be allowed. */
async function scopesFor(tx: Tx, holder: KeyHolder): Promise<readonly Scope[]> {
	if (holder.clientId !== undefined) {
		const { clientId } = holder;
		if (!isId("client", clientId) || !(await findClient(tx, clientId)))
			return refuse("resource.not_found");
		const live = await lockLiveKeys(tx, clientId, tx.now);
		if (live >= liveKeysMax) refuse("key.too_many");
		return allScopes.customer;
	}
	const { staffId } = holder;
	const staff = isId("staff", staffId)
		? await findStaff(tx, staffId)
		: undefined;
	if (staff === undefined || staff.disabledAt !== null)
		return refuse("resource.not_found");
	return withinOwn(tx.actor, scopesOfRole(staff.role));
}

/** Staff hand out no right over the desk that their own key does not have (contract 14.18). */
function withinOwn(actor: Actor, wanted: readonly Scope[]): readonly Scope[] {
	if (actor.kind !== "staff") return wanted;
	return wanted.filter((scope) => actor.scopes.includes(scope));
}
