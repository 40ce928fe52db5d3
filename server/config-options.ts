/**
 * Every option, declared once: its name, what it takes, what it is when nobody says, and a sentence for the documents.
 * Types, checks, `docs/configuration.md` and `config print` follow from this list; `config.ts` reads it.
 */
import {
	customerOidcOptions,
	staffOidcOptions,
} from "./config-options-oidc.ts";
import {
	mailOptions,
	sessionOptions,
	signInOptions,
} from "./config-options-sign-in.ts";
import {
	bucketName,
	host,
	instant,
	keyPrefix,
	networks,
	type Option,
	oneOf,
	origin,
	path,
	postgresUrl,
	secretWord,
	socketAddress,
	urlPrefix,
	whole,
	word,
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
			kind: whole(4, 200),
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
	attachments: {
		dir: {
			name: "POSTERN_ATTACHMENTS_DIR",
			kind: path,
			fallback: undefined,
			otherwise: "`attachments` in the data folder",
			doc: "The folder of attachments. With S3 only files on their way in are there.",
		},
		mibMax: {
			name: "POSTERN_ATTACHMENT_MIB_MAX",
			kind: whole(1, 100),
			fallback: 10,
			doc: "The largest attachment in MiB. Where clamd scans, its `StreamMaxLength` must not be less.",
		},
		waitingMax: {
			name: "POSTERN_UPLOADS_WAITING_MAX",
			kind: whole(1, 1000),
			fallback: 20,
			doc: "Uploads of one client that may wait to be attached to a reply.",
		},
		waitingHours: {
			name: "POSTERN_UPLOADS_WAITING_HOURS",
			kind: whole(1, 720),
			fallback: 24,
			doc: "Hours after which an upload that was not attached is removed.",
		},
		clamd: {
			name: "POSTERN_CLAMD",
			kind: socketAddress,
			fallback: undefined,
			otherwise: "no scan",
			doc: "Where ClamAV's clamd listens; every attachment is scanned before anybody may have it.",
		},
	},
	s3: {
		bucket: {
			name: "POSTERN_S3_BUCKET",
			kind: bucketName,
			fallback: undefined,
			otherwise: "attachments are kept in a folder",
			doc: "The bucket of an S3-compatible storage in which attachments are kept.",
		},
		region: {
			name: "POSTERN_S3_REGION",
			kind: word,
			fallback: "us-east-1",
			doc: "The bucket's region; many servers that are not Amazon's do not mind.",
		},
		endpoint: {
			name: "POSTERN_S3_ENDPOINT",
			kind: origin,
			fallback: undefined,
			otherwise: "Amazon's, of the region",
			doc: "The server that has the bucket.",
		},
		addressing: {
			name: "POSTERN_S3_ADDRESSING",
			kind: oneOf("host", "path"),
			fallback: "host",
			doc: "Whether the bucket's name stands in the host of a URL or in its path; `path` for most servers of one's own.",
		},
		accessKeyId: {
			name: "POSTERN_S3_ACCESS_KEY_ID",
			kind: secretWord,
			fallback: undefined,
			otherwise: "none; needed with a bucket",
			secret: true,
			doc: "The key that may read, write, list and delete objects in the bucket.",
		},
		secretAccessKey: {
			name: "POSTERN_S3_SECRET_ACCESS_KEY",
			kind: secretWord,
			fallback: undefined,
			otherwise: "none; needed with a bucket",
			secret: true,
			doc: "Its secret.",
		},
		prefix: {
			name: "POSTERN_S3_PREFIX",
			kind: keyPrefix,
			fallback: undefined,
			otherwise: "none",
			doc: "What the name of each object begins with; for a bucket that holds other things, too.",
		},
		checksums: {
			name: "POSTERN_S3_CHECKSUMS",
			kind: oneOf("when-required", "when-supported"),
			fallback: "when-required",
			doc: "`when-supported` sends the newer checksums of S3 besides; servers that do not know them keep broken files.",
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
		streamResumeHours: {
			name: "POSTERN_STREAM_RESUME_HOURS",
			kind: whole(1, 8760),
			fallback: 72,
			doc: "For how many hours a reader of a stream can go on from the last event that it had.",
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
	sessions: sessionOptions,
	signIn: signInOptions,
	mail: mailOptions,
	staffOidc: staffOidcOptions,
	customerOidc: customerOidcOptions,
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
	tickets: {
		numberBase: {
			name: "POSTERN_TICKET_NUMBER_BASE",
			kind: whole(1, 1_000_000_000_000),
			fallback: 10_001,
			doc: "The lowest number that the next ticket gets. Numbers only grow: one below those in use changes nothing.",
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
	attachments: "Attachments",
	s3: "Attachments in S3",
	http: "HTTP",
	sessions: "Sessions",
	signIn: "Signing in",
	mail: "Mail",
	staffOidc: "OpenID Connect for staff",
	customerOidc: "OpenID Connect for customers",
	log: "Logs",
	worker: "Worker",
	rate: "Rate limits",
	tickets: "Tickets",
	port25: "Port 25",
} as const satisfies Record<keyof Options, string>;
