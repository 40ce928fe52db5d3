import { scopes as allScopes, customerOf } from "../../kernel/actor.ts";
import type { Verb } from "../../platform/perform.ts";
import {
	type ApiKey,
	checkExpiry,
	checkKeyName,
	keyScopes,
} from "./api-key.ts";
import { updateKey } from "./api-key-store.ts";
import { checkWithin } from "./key-grant.ts";
import { lockKeyToChange, requireChangeable } from "./lock-keys.ts";

/** A field that is absent stays as it is. */
export interface PatchApiKey {
	readonly keyId: string;
	readonly name?: string | undefined;
	/** All of them: one that is missing here is taken away. */
	readonly scopes?: readonly string[] | undefined;
	/** Null: never. */
	readonly expiresAt?: Date | null | undefined;
}

/**
 * Changes a key of the caller's own client, which may be the one that is used. What is so already leaves no event.
 *
 * Refuses `auth.forbidden` to everybody but customers, what `lockKeyToChange` and `requireChangeable` refuse, and
 * `request.invalid` for a bad name, scope or expiry and for more than the key that is used has itself.
 */
export const patchApiKey: Verb<PatchApiKey, ApiKey> = {
	name: "patch-api-key",
	async run(tx, { keyId, ...wish }) {
		customerOf(tx.actor);
		const found = await lockKeyToChange(tx, keyId);
		const { key, own } = found;
		requireChangeable(found, tx.now);
		if (wish.name !== undefined) checkKeyName(wish.name);
		if (wish.expiresAt !== undefined) checkExpiry(wish.expiresAt, tx.now);
		const after = {
			name: wish.name ?? key.name,
			scopes:
				wish.scopes === undefined
					? key.scopes
					: keyScopes(wish.scopes, allScopes.customer),
			expiresAt: wish.expiresAt === undefined ? key.expiresAt : wish.expiresAt,
		};
		if (own !== undefined) checkWithin(own, wish);
		const fields = differences(key, after);
		if (fields.length === 0) return key;
		await updateKey(tx, key.id, after);
		tx.emit({
			kind: "key.changed",
			subject: key.id,
			clientId: key.clientId,
			data: { fields, scopes: after.scopes },
		});
		return { ...key, ...after };
	},
};

type Changeable = Pick<ApiKey, "name" | "scopes" | "expiresAt">;

function differences(before: Changeable, after: Changeable): string[] {
	const isSame = {
		name: before.name === after.name,
		scopes: before.scopes.join() === after.scopes.join(),
		expiresAt: before.expiresAt?.getTime() === after.expiresAt?.getTime(),
	};
	return Object.entries(isSame).flatMap(([field, same]) =>
		same ? [] : [field],
	);
}
