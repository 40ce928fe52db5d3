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
	 * A browser in which somebody has signed in before has tries of its own for them: strangers who use up the others lock
	 * nobody out of where they always sign in.
	 */
	countTry(who: string): Promise<void>;
	/**
	 * For what takes long: a browser in which somebody has signed in before waits before strangers do, as whoever has shown an
	 * invitation or a session (`isKnown`).
	 */
	asker(who: string | { readonly isKnown: true }): Asker;
	/** Signed in: the browser gets the cookies, and is known from now on as one of theirs. */
	keepSession(begun: BegunSession, who?: string): void;
	keepFlow(token: string): void;
	dropFlow(): void;
}
