/**
 * The keys of a change, locked to the end of its transaction: the one that acts, and the one it acts on.
 *
 * A request is let in on a copy of its key that may be a second old (contract 14.19). That is not enough for making keys:
 * a key that is ended in this second must not leave another one behind. So those verbs look again, in the database.
 */
import { type CustomerActor, staffWith } from "../../kernel/actor.ts";
import { refuse } from "../../kernel/errors.ts";
import { isId } from "../../kernel/id.ts";
import type { Tx } from "../../platform/perform.ts";
import type { ApiKey } from "./api-key.ts";
import { lockKeys } from "./api-key-store.ts";
import { clientIsActive } from "./client.ts";
import { lockClient } from "./client-store.ts";
import { covers, type Grant } from "./key-grant.ts";
import { scopesOfRole } from "./staff.ts";
import { lockStaff } from "./staff-store.ts";

/** What the key that acts may hand on. */
export interface ActingKey extends Grant {
	readonly isTest: boolean;
}

export interface KeyToChange {
	readonly key: ApiKey;
	/** Undefined for the system, which is bound by no key. */
	readonly own: ActingKey | undefined;
}

/**
 * The key that acts; undefined for the system. Of a member of staff it has only the scopes that the role still allows.
 *
 * Refuses `auth.required` when the key or its holder has ended meanwhile, `auth.forbidden` to agents, and to staff who are no
 * administrators any more.
 */
export async function lockActingKey(tx: Tx): Promise<ActingKey | undefined> {
	const { actor } = tx;
	if (actor.kind === "system") return undefined;
	if (actor.kind === "agent") return refuse("auth.forbidden");
	const holder =
		actor.kind === "customer"
			? { clientId: actor.clientId }
			: { staffId: actor.staffId };
	const [found] = await lockKeys(tx, [actor.keyId], holder);
	const own = requireLive(found, tx.now);
	if (actor.kind === "customer") return own;
	const staff = await lockStaff(tx, actor.staffId);
	if (staff === undefined || staff.disabledAt !== null)
		return refuse("auth.required");
	const allowed: readonly string[] = scopesOfRole(staff.role);
	const scopes = own.scopes.filter((scope) => allowed.includes(scope));
	staffWith({ ...actor, scopes }, "desk:admin");
	return { ...own, scopes };
}

/**
 * The key with this id, to be changed by its own client or by the system. A key that was revoked is no more, for a client.
 *
 * Refuses `auth.forbidden` to staff and agents, `account.inactive`, `auth.required` when the key that acts has ended meanwhile,
 * `key.not_found` for a key that is not the caller's own.
 */
export async function lockKeyToChange(
	tx: Tx,
	keyId: string,
): Promise<KeyToChange> {
	const { actor } = tx;
	if (actor.kind === "staff" || actor.kind === "agent")
		return refuse("auth.forbidden");
	if (actor.kind === "customer") return lockOwnKeys(tx, actor, keyId);
	const [key] = isId("key", keyId) ? await lockKeys(tx, [keyId]) : [];
	if (key === undefined || key.revokedAt !== null)
		return refuse("key.not_found");
	return { key, own: undefined };
}

async function lockOwnKeys(
	tx: Tx,
	{ clientId, keyId: ownId }: CustomerActor,
	keyId: string,
): Promise<KeyToChange> {
	// The same order of locks as everywhere: account, then keys by their ids.
	await lockActiveClient(tx, clientId);
	const ids = isId("key", keyId) ? [ownId, keyId] : [ownId];
	const found = await lockKeys(tx, ids, { clientId });
	const own = requireLive(
		found.find(({ id }) => id === ownId),
		tx.now,
	);
	const key = found.find(({ id }) => id === keyId);
	if (key === undefined || key.revokedAt !== null)
		return refuse("key.not_found");
	return { key, own };
}

/**
 * Refuses `key.ended` for a key that is over or has a successor, `auth.forbidden` for one that may do more or lasts longer
 * than the key that acts.
 */
export function requireChangeable({ key, own }: KeyToChange, now: Date): void {
	if (own !== undefined && !covers(own, key))
		refuse("auth.forbidden", {
			detail:
				"The API key may do more, or lasts longer, than the one that is used.",
		});
	if (!isLive(key, now) || key.successorId !== null) refuse("key.ended");
}

/** Locked, so that key writes of one client are made one after another. Refuses `account.inactive`. */
export async function lockActiveClient(
	tx: Tx,
	clientId: string,
): Promise<void> {
	const client = await lockClient(tx, clientId);
	if (client === undefined || !clientIsActive(client))
		refuse("account.inactive");
}

function isLive(
	{ revokedAt, expiresAt }: Pick<ApiKey, "revokedAt" | "expiresAt">,
	now: Date,
): boolean {
	return revokedAt === null && (expiresAt === null || expiresAt > now);
}

function requireLive(key: ApiKey | undefined, now: Date): ApiKey {
	return key !== undefined && isLive(key, now) ? key : refuse("auth.required");
}
