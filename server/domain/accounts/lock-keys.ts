/**
 * The keys and sessions of a change, locked to the end of its transaction: the one that acts, and the one it acts on.
 *
 * A request is let in on a copy of its key or session that may be a second old (contract 14.19). That is not enough for
 * making keys, sessions and ways to sign in: what is ended in this second must not leave another one behind. So those verbs
 * look again, in the database.
 */
import {
	scopes as allScopes,
	type CustomerActor,
	type StaffActor,
	sessionIdOf,
	staffWith,
} from "../../kernel/actor.ts";
import { refuse } from "../../kernel/errors.ts";
import { isId } from "../../kernel/id.ts";
import type { Tx } from "../../platform/perform.ts";
import type { ApiKey } from "./api-key.ts";
import { lockKeys } from "./api-key-store.ts";
import { clientIsActive } from "./client.ts";
import { lockClient } from "./client-store.ts";
import { covers, type Grant } from "./key-grant.ts";
import { sessionOwner } from "./session.ts";
import { lockLiveSession } from "./session-store.ts";
import { scopesOfRole } from "./staff.ts";
import { lockStaff } from "./staff-store.ts";

/** What the key or session that acts may hand on. */
export interface ActingKey extends Grant {
	readonly isTest: boolean;
}

export interface KeyToChange {
	readonly key: ApiKey;
	/** Undefined for the system, which is bound by no key. */
	readonly own: ActingKey | undefined;
}

/**
 * The key or session that acts; undefined for the system. Of a member of staff it has only the scopes that the role still
 * allows.
 *
 * Refuses `auth.required` when the key or its holder has ended meanwhile, `auth.forbidden` to agents, and to staff who are no
 * administrators any more.
 */
export async function lockActingKey(tx: Tx): Promise<ActingKey | undefined> {
	const { actor } = tx;
	if (actor.kind === "system") return undefined;
	if (actor.kind === "agent") return refuse("auth.forbidden");
	if (actor.kind === "customer") return lockOwn(tx, actor);
	const staff = await lockStaff(tx, actor.staffId);
	if (staff === undefined || staff.disabledAt !== null)
		return refuse("auth.required");
	const own = await lockOwn(tx, actor);
	const allowed: readonly string[] = scopesOfRole(staff.role);
	const scopes = own.scopes.filter((scope) => allowed.includes(scope));
	staffWith({ ...actor, scopes }, "desk:admin");
	return { ...own, scopes };
}

/**
 * The same for changes that only a session makes, once its holder is locked: it is still one, and stays so until the
 * transaction ends.
 *
 * Refuses `auth.required` when it has ended meanwhile, `auth.forbidden` to whoever came with no session.
 */
export async function lockActingSession(tx: Tx): Promise<void> {
	const { actor, now } = tx;
	const id = sessionIdOf(actor);
	if (id === null) return refuse("auth.forbidden");
	const holder = sessionOwner(actor);
	const session = await lockLiveSession(tx, id, { holder, now });
	if (session === undefined) refuse("auth.required");
}

/** What a session may hand on: all that its holder may do, for good. It is a person, and they know when it is over. */
const ofSession: Omit<ActingKey, "scopes"> = { expiresAt: null, isTest: false };

async function lockOwn(
	tx: Tx,
	actor: CustomerActor | StaffActor,
): Promise<ActingKey> {
	const { now } = tx;
	const holder =
		actor.kind === "customer"
			? { clientId: actor.clientId }
			: { staffId: actor.staffId };
	if (actor.session === undefined) {
		const [found] = await lockKeys(tx, [actor.keyId], holder);
		return requireLive(found, now);
	}
	const session = await lockLiveSession(tx, actor.keyId, { holder, now });
	if (session === undefined) return refuse("auth.required");
	return { ...ofSession, scopes: allScopes[actor.kind] };
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
	actor: CustomerActor,
	keyId: string,
): Promise<KeyToChange> {
	const { clientId, keyId: ownId } = actor;
	// The same order of locks as everywhere: account, then keys by their ids.
	await lockActiveClient(tx, clientId);
	const session = actor.session && (await lockOwn(tx, actor));
	const ids = isId("key", keyId) ? [ownId, keyId] : [ownId];
	const found = await lockKeys(tx, ids, { clientId });
	const own =
		session ??
		requireLive(
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
