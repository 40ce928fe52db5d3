import { type Caller, scopes } from "../../kernel/actor.ts";
import { assert } from "../../kernel/assert.ts";
import { refuse } from "../../kernel/errors.ts";
import type { Settings } from "../../kernel/settings.ts";
import type { Question } from "../../platform/perform.ts";
import type { SessionState } from "./session.ts";
import {
	findSessionByHash,
	findSessionsByIds,
	type SessionWithHolder,
} from "./session-store.ts";
import { scopesOfRole } from "./staff.ts";

/** A stored session: whom it signs in, and what decides whether it does. */
export interface FoundSession {
	readonly id: string;
	readonly state: SessionState;
	readonly actor: Caller;
}

/**
 * The session with this hash, usable or not; undefined when there is none. One statement.
 *
 * A customer's session has every scope of customers, one of staff those of the present role: a change of role reaches it.
 * Refuses `auth.forbidden` to everybody but the system.
 */
export const findSessionActor: Question<
	{ readonly hash: string },
	FoundSession | undefined
> = {
	name: "find-session-actor",
	async answer(view, { hash }) {
		if (view.actor.kind !== "system") refuse("auth.forbidden");
		const session = await findSessionByHash(view, hash);
		return session === undefined
			? undefined
			: foundSession(session, view.settings);
	},
};

/** Those with these ids, as `findSessionActor` has them; in one statement, however many there are. */
export const readSessionActors: Question<
	{ readonly ids: readonly string[] },
	readonly FoundSession[]
> = {
	name: "read-session-actors",
	async answer(view, { ids }) {
		if (view.actor.kind !== "system") refuse("auth.forbidden");
		const found = await findSessionsByIds(view, ids);
		return found.map((session) => foundSession(session, view.settings));
	},
};

function foundSession(
	session: SessionWithHolder,
	{ sessions }: Settings,
): FoundSession {
	const { id, clientId } = session;
	const { idleMinutes } =
		clientId === null ? sessions.staff : sessions.customer;
	const state = { ...session, idleMs: idleMinutes * 60_000 };
	return { id, state, actor: actorOf(session) };
}

function actorOf(session: SessionWithHolder): Caller {
	const { id: keyId, clientId, authenticatedAt } = session;
	const acting = { keyId, session: { authenticatedAt } };
	if (clientId !== null)
		return { kind: "customer", clientId, ...acting, scopes: scopes.customer };
	const { staffId, staffName, staffRole } = session;
	assert(
		staffId !== null && staffName !== null && staffRole !== null,
		"a session belongs to a client or to a member of staff",
	);
	return {
		kind: "staff",
		staffId,
		name: staffName,
		...acting,
		scopes: scopesOfRole(staffRole),
	};
}
