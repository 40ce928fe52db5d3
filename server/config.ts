/**
 * The only reader of the environment.
 *
 * Every option is declared once, below; types, checks, `docs/configuration.md` and `config print` follow from the
 * declaration. `<NAME>_FILE` is the path of a file that holds the value of `<NAME>`.
 */
import {
	type Environment,
	findGiven,
	host,
	instant,
	networks,
	type Option,
	oneOf,
	origin,
	path,
	postgresUrl,
	Secret,
	unknownVariables,
	urlPrefix,
	whole,
	withoutCredentials,
} from "./config-values.ts";
import { StartFailure } from "./platform/start-failure.ts";

const options = {
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
			doc: "Requests per minute that one API key may make.",
		},
		clientPerMinute: {
			name: "POSTERN_RATE_CLIENT_PER_MINUTE",
			kind: whole(1, 1_000_000),
			fallback: 600,
			doc: "Requests per minute that all keys of one client may make together.",
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

type Options = typeof options;

const groupTitles = {
	database: "Database and files",
	http: "HTTP",
	log: "Logs",
	worker: "Worker",
	rate: "Rate limits",
	port25: "Port 25",
} as const satisfies Record<keyof Options, string>;

type ValueOf<O> =
	O extends Option<infer Value, infer Fallback> ? Value | Fallback : never;

/**
 * Everything that can be configured, checked and frozen.
 *
 * `database.url` undefined means the embedded database. `http.publicUrl` and `http.errorBaseUrl` are undefined when
 * nothing says what they are before the port is known; see `servedAt`.
 */
export type Config = {
	readonly [Group in keyof Options]: {
		readonly [Key in keyof Options[Group]]: ValueOf<Options[Group][Key]>;
	};
};

/**
 * Reads and checks the whole environment.
 *
 * @throws StartFailure with one line per problem, all of them at once: the variable, what is wrong with it and what is
 * expected. No line shows a secret or the content of a file.
 */
export function loadConfig(env: Environment = process.env): Config {
	const names = declared().map(({ option }) => option.name);
	const problems: string[] = [];
	const config = arrange((option) => {
		const given = findGiven(env, option.name);
		if (given === undefined) return option.fallback;
		if ("problem" in given) {
			problems.push(`${given.variable}: ${given.problem}`);
			return option.fallback;
		}
		const value = option.kind.parse(given.text);
		if (value !== undefined) return value;
		const hidden = option.secret === true || given.fromFile;
		const shown = JSON.stringify(withoutCredentials(given.text).slice(0, 80));
		const what = hidden ? "the value" : shown;
		problems.push(
			`${given.variable}: ${what} is not valid; expected ${option.kind.expected}`,
		);
		return option.fallback;
	});
	problems.push(
		...contradictions(config, env),
		...unknownVariables(env, names),
	);
	if (problems.length === 0) return config;
	throw new StartFailure(problems.join("\n"));
}

type Read = <Value, Fallback>(
	option: Option<Value, Fallback>,
) => Value | Fallback;

function arrange(read: Read): Config {
	const { database, http, log, worker, rate, port25 } = options;
	const databaseUrl = read(database.url);
	const publicUrl = read(http.publicUrl);
	return Object.freeze({
		database: Object.freeze({
			url: databaseUrl,
			ownerUrl: read(database.ownerUrl) ?? databaseUrl,
			poolMax: read(database.poolMax),
			dataDir: read(database.dataDir),
		}),
		http: Object.freeze({
			host: read(http.host),
			port: read(http.port),
			publicUrl,
			errorBaseUrl:
				read(http.errorBaseUrl) ??
				(publicUrl === undefined ? undefined : errorBaseUrlUnder(publicUrl)),
			trustedProxies: read(http.trustedProxies),
			shutdownMs: read(http.shutdownMs),
			v1DeprecatedAt: read(http.v1DeprecatedAt),
			v1SunsetAt: read(http.v1SunsetAt),
		}),
		log: Object.freeze({ level: read(log.level), format: read(log.format) }),
		worker: Object.freeze({ concurrency: read(worker.concurrency) }),
		rate: Object.freeze({
			keyPerMinute: read(rate.keyPerMinute),
			clientPerMinute: read(rate.clientPerMinute),
			unauthenticatedPerMinute: read(rate.unauthenticatedPerMinute),
		}),
		port25: Object.freeze({
			perHour: read(port25.perHour),
			coolOffDays: read(port25.coolOffDays),
			pendingDays: read(port25.pendingDays),
			reasonMin: read(port25.reasonMin),
			reopenHours: read(port25.reopenHours),
			policyFile: read(port25.policyFile),
		}),
	});
}

function errorBaseUrlUnder(publicUrl: string): string {
	return `${publicUrl}/docs/errors/`;
}

/** Where the server is found once it listens on `port`: as configured, otherwise derived from the address it listens on. */
export function servedAt(
	config: Config,
	port: number,
): { readonly publicUrl: string; readonly errorBaseUrl: string } {
	const { host } = config.http;
	const name = host.includes(":") ? `[${host}]` : host;
	const publicUrl = config.http.publicUrl ?? `http://${name}:${port}`;
	return {
		publicUrl,
		errorBaseUrl: config.http.errorBaseUrl ?? errorBaseUrlUnder(publicUrl),
	};
}

/** Options that are right alone and wrong together. */
function contradictions(config: Config, env: Environment): string[] {
	const { database, http } = options;
	const { v1DeprecatedAt, v1SunsetAt } = config.http;
	const found: string[] = [];
	const ownerOnly =
		findGiven(env, database.ownerUrl.name) !== undefined &&
		findGiven(env, database.url.name) === undefined;
	if (ownerOnly)
		found.push(
			`${database.ownerUrl.name}: is set without ${database.url.name}; expected both, or neither for the embedded database`,
		);
	if (v1SunsetAt && v1DeprecatedAt && v1SunsetAt < v1DeprecatedAt)
		found.push(
			`${http.v1SunsetAt.name}: is earlier than ${http.v1DeprecatedAt.name}; expected the same instant or a later one`,
		);
	return found;
}

/** An option as people read about it. */
export interface OptionRow {
	readonly group: string;
	readonly name: string;
	/** Completes "expected …". */
	readonly expected: string;
	/** In Markdown. */
	readonly fallback: string;
	readonly isSecret: boolean;
	readonly doc: string;
}

/** Every option in the order of its declaration. */
export function describeOptions(): OptionRow[] {
	return declared().map(({ group, option }) => ({
		group,
		name: option.name,
		expected: option.kind.expected,
		fallback: option.otherwise ?? `\`${String(option.fallback)}\``,
		isSecret: option.secret ?? false,
		doc: option.doc,
	}));
}

/** Every option with its value as text; of a secret only whether it is set. */
export function describeConfig(
	config: Config,
): { readonly group: string; readonly name: string; readonly value: string }[] {
	const groups = new Map<string, object>(Object.entries(config));
	return declared().map(({ group, groupKey, key, option }) => {
		const values: unknown[][] = Object.entries(groups.get(groupKey) ?? {});
		const value = values.find(([found]) => found === key)?.[1];
		return { group, name: option.name, value: asText(value) };
	});
}

function asText(value: unknown): string {
	if (value === undefined) return "(not set)";
	if (value instanceof Secret) return "(set)";
	if (value instanceof Date) return value.toISOString();
	return Array.isArray(value) && value.length === 0 ? "(none)" : String(value);
}

function declared() {
	const groups: [string, Record<string, Option>][] = Object.entries(options);
	const titles = new Map<string, string>(Object.entries(groupTitles));
	return groups.flatMap(([groupKey, group]) =>
		Object.entries(group).map(([key, option]) => ({
			group: titles.get(groupKey) ?? groupKey,
			groupKey,
			key,
			option,
		})),
	);
}
