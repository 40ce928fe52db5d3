/**
 * What signing in asks of a request beside what it says: where it came to and from whom, what the browser has of us, and how
 * often it has tried.
 */
import type {
	BegunSession,
	SessionToBegin,
} from "../domain/accounts/begin-session.ts";
import type { RelyingParty } from "../platform/sign-in/passkeys.ts";
import type { Asker } from "../platform/sign-in/turns.ts";
import type { SignInPlace } from "./session-cookie.ts";

/** By what a browser knows somebody. */
export interface KnownBy {
	/** Their address, or whatever else names them. */
	readonly who: string;
	/** Their password as Argon2id; undefined where there is none, and then no browser knows them. */
	readonly phc: string | undefined;
}

export interface Visit {
	readonly now: Date;
	readonly place: SignInPlace;
	/** For `begin-session`: the browser, and the session that a new one replaces. */
	readonly browser: Pick<SessionToBegin, "from" | "replaces">;
	/** Whom passkeys are made for; undefined where browsers make none, as they do for addresses without a name. */
	readonly party: RelyingParty | undefined;
	/** The token of the flow to a provider that this browser began. */
	readonly flow: string | undefined;
	/** Counts a request that signs somebody in, or may, of the source. Refuses `rate.exceeded`. */
	countSource(): Promise<void>;
	/**
	 * Counts a try at somebody's secrets, by whatever names them. Refuses `rate.exceeded`.
	 *
	 * A browser in which somebody has signed in with their present password has tries of its own for them: strangers who use up
	 * the others lock nobody out of where they always sign in, and a browser that was stolen is a stranger after a reset.
	 */
	countTry(by: KnownBy): Promise<void>;
	/**
	 * For what takes long: a browser that is known, as above, waits before strangers do, and so does whoever has shown an
	 * invitation or a session (`isKnown`).
	 */
	asker(by: KnownBy | { readonly isKnown: true }): Asker;
	/** Signed in: the browser gets the cookies. */
	keepSession(begun: BegunSession): void;
	/** The browser is known from now on as one of theirs, as long as the password is this one. */
	keepKnown(by: KnownBy): void;
	keepFlow(token: string): void;
	dropFlow(): void;
}
