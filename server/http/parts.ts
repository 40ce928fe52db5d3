/** What the server is made of; `main.ts` puts it together. */
import type { FileOpener } from "../domain/attachments/open-file.ts";
import type { Receiver } from "../domain/attachments/receive-upload.ts";
import type { OidcSignIn } from "../domain/credentials/oidc-sign-in.ts";
import type { Caller } from "../kernel/actor.ts";
import type { Refusal } from "../kernel/errors.ts";
import type { FailureLimit } from "../platform/failure-limit.ts";
import type { Log } from "../platform/log.ts";
import type { Metrics } from "../platform/metrics.ts";
import type { Performer } from "../platform/perform.ts";
import type { RateLimit } from "../platform/rate-limit.ts";
import type { EdgeFeed } from "./edge/edge-feed.ts";
import type { Face } from "./face.ts";
import type { KeyRing } from "./key-ring.ts";
import type { OpenStreams, StreamEnd } from "./live/open-streams.ts";
import type { Pace } from "./live/write-events.ts";
import type { Feeds } from "./live-route.ts";
import type { RouteLimit } from "./route.ts";
import type { SessionRing } from "./session-ring.ts";
import type { HandoverIssuer } from "./signing-in/handover-token.ts";
import type { WebPages } from "./web/web.ts";

/** Read at each use, never copied: the URLs may become known only when the port is. */
export interface HttpSettings {
	/** Without a slash at the end. */
	readonly publicUrl: string;
	/** With a slash at the end. */
	readonly errorBaseUrl: string;
	/** The name of the session cookie, without the `__Host-` before it. */
	readonly sessionCookie: string;
	/** How recent a sign-in must be for a member of staff to decide. */
	readonly stepUpMs: number;
	/** Addresses and prefixes. */
	readonly trustedProxies: readonly string[];
	readonly v1DeprecatedAt: Date | undefined;
	readonly v1SunsetAt: Date | undefined;
}

/** The limits of requests (contract 14.9). */
export interface Limits {
	readonly requests: RateLimit;
	readonly keyPerMinute: number;
	readonly clientPerMinute: number;
	/** What all keys of a client may do together of what has a limit of its own. */
	readonly routePerMinute: Readonly<Record<RouteLimit, number>>;
	/** Of the key of an agent, which acknowledges each change. */
	readonly agentPerMinute: number;
	readonly failures: FailureLimit;
}

/** What people who are not signed in yet meet. */
export interface Strangers {
	/** Tries in windows of some minutes. */
	readonly tries: RateLimit;
	/** Of one account in a window, from browsers that are new to it; and as many from those that are not. */
	readonly triesPerAccount: number;
	/** Of one source address in a window. */
	readonly triesPerSource: number;
	/** The providers of OpenID Connect. */
	readonly oidc: OidcSignIn;
}

export interface Health {
	/** Whether this process should go on. */
	readonly live: () => boolean;
	/** Whether it can do its work: the database answers, the schema is the one it knows, and it is not stopping. */
	readonly ready: () => Promise<boolean>;
}

/** The ways to sign in that the operator has set up. */
export interface SigningIn {
	/** Panels that hand people over. */
	readonly issuers: readonly HandoverIssuer[];
	/** Whether customers may ask for a link by mail. */
	readonly offersMail: boolean;
}

export interface ServerParts {
	readonly settings: HttpSettings;
	readonly log: Log;
	readonly performer: Performer;
	readonly keys: Pick<KeyRing, "whoHolds" | "remembers">;
	readonly sessions: Pick<SessionRing, "whoHolds" | "remembers">;
	readonly limits: Limits;
	readonly clock: () => Date;
	/** Under which bodies of requests with an Idempotency-Key are compared. */
	readonly digestKey: string;
	readonly metrics: Pick<
		Metrics,
		| "requests"
		| "requestDuration"
		| "openStreams"
		| "streamEnds"
		| "contentType"
		| "text"
	>;
	readonly streams: OpenStreams;
	readonly edge: EdgeFeed;
	/** What streams tell of. */
	readonly feeds: Feeds;
	/** Of streams; the usual one when absent. */
	readonly pace?: Pace;
	/** How files come in and go out; put together with the storage behind them. */
	readonly files: { readonly receive: Receiver; readonly open: FileOpener };
	readonly faces: readonly Face[];
	readonly health: Health;
	readonly signingIn: SigningIn;
	readonly strangers: Strangers;
	/** The pages at `/support`; none are served without. */
	readonly web?: WebPages;
}

declare module "fastify" {
	interface FastifyRequest {
		/** Who signed in; null before, and where nobody needs to. */
		caller: Caller | null;
		/** For the log: why the key or the session signed in nobody. */
		keyRefusal: string | null;
		/** For the log: how the request was refused. */
		refusal: Refusal | null;
		/** For the log: who ended the stream that answered it; null when none did. */
		streamEndedBy: StreamEnd | null;
	}
}
