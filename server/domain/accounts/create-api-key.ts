import {
	type Actor,
	scopes as allScopes,
	type Scope,
} from "../../kernel/actor.ts";
import { refuse, refuseField } from "../../kernel/errors.ts";
import { isId } from "../../kernel/id.ts";
import type { Tx, Verb } from "../../platform/perform.ts";
import {
	checkExpiry,
	checkKeyName,
	type KeyHolder,
	keyScopes,
	liveKeysMax,
} from "./api-key.ts";
import { countLiveKeys, isDemo } from "./api-key-store.ts";
import { lockClient } from "./client-store.ts";
import { issueKey, type ShownApiKey } from "./issue-key.ts";
import { checkWithin } from "./key-grant.ts";
import { lockActingKey, lockActiveClient } from "./lock-keys.ts";
import { type RecallsKey, recallKey } from "./recall-key.ts";
import { requireAdmin, scopesOfRole } from "./staff.ts";
import { lockStaff } from "./staff-store.ts";

export interface NewApiKey {
	readonly holder: KeyHolder;
	/** For people: which integration uses it. */
	readonly name: string;
	readonly scopes: readonly string[];
	/** Null: never. */
	readonly expiresAt: Date | null;
	/** A `pst_test_` key, for demo data only; of the same kind as the key that asks when absent. */
	readonly isTest?: boolean;
}

/**
 * Makes an API key; `key` is its text, given this once and kept nowhere. A client makes keys for itself, an administrator
 * for staff, the system for anybody; a key makes none that could do more or would last longer than itself.
 *
 * Refuses `auth.forbidden` to everybody else, `account.inactive`, `resource.not_found` for an unknown or disabled holder,
 * `auth.required` when the key that asks has ended meanwhile, `request.invalid` for a bad name, scope or expiry and for a
 * test key outside demo data, `key.too_many` at 50 live keys of a client.
 */
export const createApiKey: Verb<NewApiKey, ShownApiKey> & RecallsKey = {
	name: "create-api-key",
	async run(tx, input) {
		const { holder, name, expiresAt } = input;
		requireMaker(tx.actor, holder);
		const allowed = await lockHolder(tx, holder);
		const own = await lockActingKey(tx);
		checkKeyName(name);
		checkExpiry(expiresAt, tx.now);
		const scopes = keyScopes(input.scopes, allowed);
		if (own !== undefined)
			checkWithin(own, { scopes: input.scopes, expiresAt });
		const isTest = input.isTest ?? own?.isTest ?? false;
		if (isTest && !(await isDemo(tx)))
			refuseField("/isTest", "Test keys exist only beside demo data.");
		if (holder.clientId !== undefined) {
			const live = await countLiveKeys(tx, holder.clientId, tx.now);
			if (live >= liveKeysMax) refuse("key.too_many");
		}
		return issueKey(tx, { holder, name, scopes, expiresAt, isTest });
	},
	recall: recallKey,
};

/** Staff make no key for a client: with it they would act as the client. */
function requireMaker(actor: Actor, { clientId }: KeyHolder): void {
	if (actor.kind === "customer") {
		if (clientId !== actor.clientId) refuse("auth.forbidden");
		return;
	}
	requireAdmin(actor);
	if (actor.kind === "staff" && clientId !== undefined)
		refuse("auth.forbidden");
}

/** What a new key of the holder may be allowed at most. Locked: the keys of a client are counted in the same transaction. */
async function lockHolder(
	tx: Tx,
	{ clientId, staffId }: KeyHolder,
): Promise<readonly Scope[]> {
	if (clientId !== undefined) {
		if (tx.actor.kind === "customer") await lockActiveClient(tx, clientId);
		else if (!isId("client", clientId) || !(await lockClient(tx, clientId)))
			refuse("resource.not_found");
		return allScopes.customer;
	}
	const staff = isId("staff", staffId)
		? await lockStaff(tx, staffId)
		: undefined;
	if (staff === undefined || staff.disabledAt !== null)
		return refuse("resource.not_found");
	return scopesOfRole(staff.role);
}
