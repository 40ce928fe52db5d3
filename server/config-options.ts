/**
 * Every option, declared once: its name, what it takes, what it is when nobody says, and a sentence for the documents.
 * Types, checks, `docs/configuration.md` and `config print` follow from this list; `config.ts` reads it.
 */
import {
	host,
	instant,
	networks,
	type Option,
	oneOf,
	origin,
	path,
	postgresUrl,
	urlPrefix,
	whole,
} from "./config-values.ts";

export const options = {
	database: {
		url: {
			name: "DATABASE_URL",
			kind: postgresUrl,
			fallback: undefined,
			otherwise: "an embedded PostgreSQL in the data folder",
			secret: true,
			doc: "The PostgreSQL database, version 15 or newer, that holds all state.",
		},
		ownerUrl: {
			name: "DATABASE_OWNER_URL",
			kind: postgresUrl,
			fallback: undefined,
			otherwise: "the same as `DATABASE_URL`",
			secret: true,
			doc: "A second login to the same database that owns the schema; migrations run with it.",
		},
		poolMax: {
			name: "POSTERN_DB_POOL_MAX",
			kind: whole(2, 200),
			fallback: 10,
			doc: "The most connections that one process keeps open to the database.",
		},
		dataDir: {
			name: "POSTERN_DATA_DIR",
			kind: path,
			fallback: "./data",
			doc: "The folder of the embedded database and of what Postern itself writes.",
		},
	},
	seal: {
		keysFile: {
			name: "POSTERN_SEAL_KEYS_FILE",
			kind: path,
			fallback: undefined,
			otherwise:
				"`seal.keys` in the data folder; with `DATABASE_URL` none, and encrypted messages are refused",
			doc: "The file with the keys of encrypted messages, which are never in the database. With `DATABASE_URL`, `postern seal rotate` makes it, and every host has a copy.",
		},
	},
	http: {
		host: {
			name: "HOST",
			kind: host,
			fallback: "127.0.0.1",
			doc: "The address to listen on.",
		},
		port: {
			name: "PORT",
			kind: whole(0, 65_535),
			fallback: 3000,
			doc: "The TCP port to listen on; 0 takes a free one.",
		},
		publicUrl: {
			name: "POSTERN_PUBLIC_URL",
			kind: origin,
			fallback: undefined,
			otherwise: "`http://` with `HOST` and `PORT`",
			doc: "The address that customers reach this server at; links are built from it, never from a Host header.",
		},
		errorBaseUrl: {
			name: "POSTERN_ERROR_BASE_URL",
			kind: urlPrefix,
			fallback: undefined,
			otherwise: "`<POSTERN_PUBLIC_URL>/docs/errors/`",
			doc: "What stands before the error code in the `type` of a problem.",
		},
		trustedProxies: {
			name: "POSTERN_TRUSTED_PROXIES",
			kind: networks,
			fallback: Object.freeze<string[]>([]),
			otherwise: "none",
			doc: "The proxies whose `X-Forwarded-*` headers are believed.",
		},
		shutdownMs: {
			name: "POSTERN_SHUTDOWN_MS",
			kind: whole(100, 600_000),
			fallback: 1500,
			doc: "How many milliseconds running requests and jobs get to end after a signal to stop.",
		},
		v1DeprecatedAt: {
			name: "POSTERN_V1_DEPRECATED_AT",
			kind: instant,
			fallback: undefined,
			otherwise: "no `Deprecation` header",
			doc: "When version 1 of the API is, or was, deprecated (RFC 9745).",
		},
		v1SunsetAt: {
			name: "POSTERN_V1_SUNSET_AT",
			kind: instant,
			fallback: undefined,
			otherwise: "no `Sunset` header",
			doc: "When version 1 of the API stops answering (RFC 8594); not earlier than its deprecation.",
		},
	},
	log: {
		level: {
			name: "POSTERN_LOG_LEVEL",
			kind: oneOf("trace", "debug", "info", "warn", "error", "fatal", "silent"),
			fallback: "info",
			doc: "The least severe lines that are written.",
		},
		format: {
			name: "POSTERN_LOG_FORMAT",
			kind: oneOf("auto", "json", "pretty"),
			fallback: "auto",
			doc: "JSON, one object a line, or text for people; `auto` is text on a terminal and JSON otherwise.",
		},
	},
	worker: {
		concurrency: {
			name: "POSTERN_WORKER_CONCURRENCY",
			kind: whole(1, 64),
			fallback: 4,
			doc: "How many jobs one process runs at the same time.",
		},
	},
	rate: {
		keyPerMinute: {
			name: "POSTERN_RATE_KEY_PER_MINUTE",
			kind: whole(1, 1_000_000),
			fallback: 120,
			doc: "Requests per minute that one API key of a client or a member of staff may make.",
		},
		clientPerMinute: {
			name: "POSTERN_RATE_CLIENT_PER_MINUTE",
			kind: whole(1, 1_000_000),
			fallback: 600,
			doc: "Requests per minute that all keys of one client may make together.",
		},
		ticketsPerMinute: {
			name: "POSTERN_RATE_TICKETS_PER_MINUTE",
			kind: whole(1, 1_000_000),
			fallback: 10,
			doc: "Tickets per minute that one client may open.",
		},
		repliesPerMinute: {
			name: "POSTERN_RATE_REPLIES_PER_MINUTE",
			kind: whole(1, 1_000_000),
			fallback: 20,
			doc: "Replies to tickets per minute that one client may write.",
		},
		agentPerMinute: {
			name: "POSTERN_RATE_AGENT_PER_MINUTE",
			kind: whole(1, 1_000_000),
			fallback: 600,
			doc: "Requests per minute that the key of an agent at the edge may make. It acknowledges at most five changes a second.",
		},
		unauthenticatedPerMinute: {
			name: "POSTERN_RATE_UNAUTHENTICATED_PER_MINUTE",
			kind: whole(1, 1_000_000),
			fallback: 60,
			doc: "Requests per minute without a valid key that one source address may make.",
		},
	},
	port25: {
		perHour: {
			name: "POSTERN_PORT25_PER_HOUR",
			kind: whole(1, 1_000_000),
			fallback: 5,
			doc: "Port 25 requests per hour that one client may submit.",
		},
		coolOffDays: {
			name: "POSTERN_PORT25_COOL_OFF_DAYS",
			kind: whole(0, 3650),
			fallback: 7,
			doc: "Days after a rejection before the same address may be asked for again; 0 is none.",
		},
		pendingDays: {
			name: "POSTERN_PORT25_PENDING_DAYS",
			kind: whole(0, 3650),
			fallback: 30,
			doc: "Days after which a request that nobody decided expires; 0 is never.",
		},
		reasonMin: {
			name: "POSTERN_PORT25_REASON_MIN",
			kind: whole(0, 2000),
			fallback: 0,
			doc: "The least length of a request's reason in code points; 0 is no minimum.",
		},
		reopenHours: {
			name: "POSTERN_PORT25_REOPEN_HOURS",
			kind: whole(0, 8760),
			fallback: 24,
			doc: "Hours in which a reviewer may take a decision back; 0 makes every decision final.",
		},
		policyFile: {
			name: "POSTERN_POLICY_FILE",
			kind: path,
			fallback: undefined,
			otherwise: "the built-in policy",
			doc: "A JSON document with the policy that decides port 25 requests.",
		},
	},
} as const satisfies Record<string, Record<string, Option>>;

export type Options = typeof options;

export const groupTitles = {
	database: "Database and files",
	seal: "Sealed messages",
	http: "HTTP",
	log: "Logs",
	worker: "Worker",
	rate: "Rate limits",
	port25: "Port 25",
} as const satisfies Record<keyof Options, string>;
