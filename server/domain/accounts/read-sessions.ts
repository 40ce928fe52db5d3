import { sessionIdOf } from "../../kernel/actor.ts";
import { refuse } from "../../kernel/errors.ts";
import type { Question } from "../../platform/perform.ts";
import { findClient } from "./client-store.ts";
import { type Session, sessionOwner } from "./session.ts";
import { listLiveSessions } from "./session-store.ts";
import type { StaffRole } from "./staff.ts";
import { findStaff } from "./staff-store.ts";

/** Who somebody is to the server. */
export interface SignedIn {
	/** Of the client or the member of staff. */
	readonly id: string;
	readonly name: string | null;
	readonly email: string | null;
	/** Of the member of staff; null for a client. */
	readonly role: StaffRole | null;
	/** The session that is used; null with a key, and when it has ended in this moment. */
	readonly session: Session | null;
}

/** Who am I, and with what did I come? Refuses `auth.forbidden` to agents and to the system. */
export const whoAmI: Question<Record<never, never>, SignedIn> = {
	name: "who-am-i",
	async answer(view) {
		const holder = sessionOwner(view.actor);
		const sessions = await listLiveSessions(view, holder, view.now);
		const own = sessionIdOf(view.actor);
		const session = sessions.find(({ id }) => id === own) ?? null;
		if (holder.clientId !== undefined) {
			const client = await findClient(view, holder.clientId);
			const { id, name, email } = client ?? refuse("auth.required");
			return { id, name, email, role: null, session };
		}
		const staff = await findStaff(view, holder.staffId);
		const { id, name, email, role } = staff ?? refuse("auth.required");
		return { id, name, email, role, session };
	},
};

/** One's own sessions that are not over, the one that was seen last first. Refuses as `whoAmI`. */
export const listSessions: Question<
	Record<never, never>,
	readonly Session[]
> = {
	name: "list-sessions",
	answer: async (view) =>
		listLiveSessions(view, sessionOwner(view.actor), view.now),
};
