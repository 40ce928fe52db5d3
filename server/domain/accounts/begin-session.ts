import { refuse } from "../../kernel/errors.ts";
import { newId } from "../../kernel/id.ts";
import type { Tx, Verb } from "../../platform/perform.ts";
import type { KeyHolder } from "./api-key.ts";
import { lockClient } from "./client-store.ts";
import { endEach } from "./end-sessions.ts";
import { lockActingSession } from "./lock-keys.ts";
import { holdActiveStaff } from "./read-staff.ts";
import {
	mintToken,
	type Session,
	type SignInWay,
	sessionsMax,
	tokenHash,
	userAgentMax,
} from "./session.ts";
import { insertSession } from "./session-store.ts";

export interface SessionToBegin {
	/** Who it was that proved to be who they are. */
	readonly holder: KeyHolder;
	readonly how: SignInWay;
	/**
	 * When they proved it, where somebody else says so and it may be a while ago (`auth_time` of OpenID Connect); now when
	 * absent. What lies ahead counts as now.
	 */
	readonly authenticatedAt?: Date | undefined;
	readonly from: {
		readonly address: string | null;
		readonly userAgent: string | null;
	};
	/**
	 * What the cookie of the same browser held, whatever it was: a session it stands for ends. Its token is never taken over,
	 * so nobody can have planted it (session fixation).
	 */
	readonly replaces?: string | undefined;
}

/** A session at the moment of its making: the only one at which its token is known. */
export interface BegunSession {
	readonly session: Session;
	readonly token: string;
}

/**
 * Signs somebody in: a new session with a new token. Also how somebody who is signed in proves once more who they are: the
 * old session ends with it.
 *
 * Only for the system: a face has asked for the proof; and for staff who prove in a session that they are still there. Refuses
 * `auth.forbidden` to everybody else, `auth.required` when there is no such client, the member of staff is disabled, or the
 * session that they prove it in has ended meanwhile.
 */
export const beginSession: Verb<SessionToBegin, BegunSession> = {
	name: "begin-session",
	async run(tx, { holder, how, from, replaces, ...when }) {
		const { actor } = tx;
		const isOwn = actor.kind === "staff" && actor.staffId === holder.staffId;
		if (actor.kind !== "system" && !isOwn) refuse("auth.forbidden");
		const limits = await lockSignedIn(tx, holder);
		// A session that has ended meanwhile does not live on in another one.
		if (isOwn) await lockActingSession(tx);
		const { token, hash } = mintToken();
		const { authenticatedAt = tx.now } = when;
		const session: Session = {
			id: newId("sess", tx.now),
			clientId: holder.clientId ?? null,
			staffId: holder.staffId ?? null,
			how,
			createdAt: tx.now,
			authenticatedAt: authenticatedAt < tx.now ? authenticatedAt : tx.now,
			lastSeenAt: tx.now,
			expiresAt: new Date(tx.now.getTime() + limits.hours * 3_600_000),
			address: from.address,
			userAgent: from.userAgent?.slice(0, userAgentMax) ?? null,
		};
		const old = replaces === undefined ? undefined : tokenHash(replaces);
		if (old !== undefined) await endEach(tx, { hash: old }, "replaced");
		await endEach(tx, { holder, beyond: sessionsMax - 1 }, "crowded");
		await insertSession(tx, session, hash);
		const { id, clientId, staffId } = session;
		tx.emit({
			kind: "session.begun",
			subject: id,
			clientId,
			data: { how, staffId },
		});
		return { session, token };
	},
};

/** Locked, so that whoever signs in is not disabled or deleted meanwhile. */
async function lockSignedIn(tx: Tx, { clientId, staffId }: KeyHolder) {
	const { sessions } = tx.settings;
	if (clientId !== undefined) {
		if ((await lockClient(tx, clientId)) === undefined) refuse("auth.required");
		return sessions.customer;
	}
	const staff = await holdActiveStaff(tx, staffId);
	if (staff === undefined) refuse("auth.required");
	return sessions.staff;
}
