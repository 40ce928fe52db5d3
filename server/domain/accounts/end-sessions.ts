import { sessionIdOf } from "../../kernel/actor.ts";
import { refuse } from "../../kernel/errors.ts";
import { isId } from "../../kernel/id.ts";
import type { Tx, Verb } from "../../platform/perform.ts";
import { type SessionEnd, sessionOwner } from "./session.ts";
import {
	endSessions,
	hasSession,
	type SessionsToEnd,
} from "./session-store.ts";

/**
 * Ends the session that is used: signing out. It stops working in every process within a second.
 *
 * Refuses `session.not_found` to whoever came with a key, and `auth.forbidden` to agents and to the system.
 */
export const signOut: Verb<Record<never, never>, undefined> = {
	name: "sign-out",
	async run(tx) {
		const holder = sessionOwner(tx.actor);
		const id = sessionIdOf(tx.actor);
		if (id === null)
			return refuse("session.not_found", {
				detail: "This request came with an API key and not with a session.",
			});
		await endEach(tx, { holder, id }, "signed_out");
		return undefined;
	},
};

/**
 * Ends one of one's own sessions. One that has ended already stays as it is, and nothing happens.
 *
 * Refuses `session.not_found` for one that is not the caller's, and `auth.forbidden` to agents and to the system.
 */
export const endSession: Verb<{ readonly id: string }, undefined> = {
	name: "end-session",
	async run(tx, { id }) {
		const holder = sessionOwner(tx.actor);
		if (!isId("sess", id)) return refuse("session.not_found");
		const isOwn = sessionIdOf(tx.actor) === id;
		const reason = isOwn ? "signed_out" : "ended";
		const ended = await endEach(tx, { holder, id }, reason);
		if (ended === 0 && !(await hasSession(tx, holder, id)))
			return refuse("session.not_found");
		return undefined;
	},
};

/**
 * Ends all of one's own sessions but the one that is used; all of them for whoever came with a key. Gives their number.
 *
 * Refuses `auth.forbidden` to agents and to the system.
 */
export const endOtherSessions: Verb<Record<never, never>, number> = {
	name: "end-other-sessions",
	async run(tx) {
		const holder = sessionOwner(tx.actor);
		const exceptId = sessionIdOf(tx.actor);
		return endEach(tx, { holder, exceptId }, "ended");
	},
};

/** Ends those that live, each with its event, and gives their number. */
export async function endEach(
	tx: Tx,
	which: SessionsToEnd,
	reason: SessionEnd,
): Promise<number> {
	const ended = await endSessions(tx, which, { at: tx.now, reason });
	for (const { id, clientId, staffId } of ended)
		tx.emit({
			kind: "session.ended",
			subject: id,
			clientId,
			data: { reason, staffId },
		});
	return ended.length;
}
