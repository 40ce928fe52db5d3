/**
 * The session ring: whom the token of a session signs in. The same as the key ring is for keys, with copies that are a
 * second old at most (`fresh-copies.ts`); whether a session was idle for too long is decided anew for every request.
 */
import {
	type FoundSession,
	findSessionActor,
} from "../domain/accounts/find-session-actor.ts";
import { noteSessionUse } from "../domain/accounts/note-session-use.ts";
import {
	type SessionRefusal,
	sessionRefusal,
	tokenHash,
} from "../domain/accounts/session.ts";
import { type Caller, system } from "../kernel/actor.ts";
import type { Performer } from "../platform/perform.ts";
import { createFreshCopies } from "./fresh-copies.ts";

/** The last use of a session is written when the one on record is older. */
const useGrainMs = 60_000;

const sessionsMaxDefault = 20_000;
const self = system("session-ring");

export interface SessionRing {
	/**
	 * The actor whom the token signs in at `now`, or why it signs in nobody. Errors of the database pass through.
	 */
	whoHolds(token: string, now: Date): Promise<Caller | SessionRefusal>;
	/** Whether this process has seen the session exist; see `KeyRing.remembers`. Never reads. */
	remembers(token: string): boolean;
	/** Trusts no copy any more. For the topic `keys`. */
	forgetAll(): void;
	/** Resolves when the uses that were seen are written, or could not be. */
	settle(): Promise<void>;
}

export interface SessionRingParts {
	readonly performer: Pick<Performer, "ask" | "perform">;
	/** Called when a use could not be written. */
	readonly onError: (error: unknown) => void;
	/** Copies held at the same time; 20,000 when absent. */
	readonly sessionsMax?: number;
}

export function createSessionRing({
	performer,
	onError,
	sessionsMax = sessionsMaxDefault,
}: SessionRingParts): SessionRing {
	const copies = createFreshCopies<FoundSession>(
		(hash) => performer.ask(self, findSessionActor, { hash }),
		sessionsMax,
	);
	/** Copies whose use has been noted; the next copy has it. */
	const noted = new WeakSet<FoundSession>();
	/** Uses under way to the database. */
	const writing = new Set<Promise<void>>();

	/**
	 * Written at once, unlike the uses of keys: until it is on record, other processes take the session for idle. One
	 * statement a minute for each person who is at work.
	 */
	function note(session: FoundSession, now: Date): void {
		const { id, state } = session;
		const age = now.getTime() - state.lastSeenAt.getTime();
		if (age < useGrainMs || noted.has(session)) return;
		noted.add(session);
		const written = performer
			.perform(self, noteSessionUse, { id, at: now })
			.catch(onError)
			.finally(() => writing.delete(written));
		writing.add(written);
	}

	return {
		async whoHolds(token, now) {
			const hash = tokenHash(token);
			if (hash === undefined) return "session_malformed";
			const session = await copies.get(hash, now);
			if (session === undefined) return "session_unknown";
			const refusal = sessionRefusal(session.state, now);
			if (refusal !== undefined) return refusal;
			note(session, now);
			return session.actor;
		},
		remembers(token) {
			const hash = tokenHash(token);
			return hash !== undefined && copies.remembers(hash);
		},
		forgetAll: copies.forgetAll,
		async settle() {
			await Promise.all(writing);
		},
	};
}
