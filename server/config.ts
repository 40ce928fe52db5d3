/**
 * The only reader of the environment.
 *
 * Every option is declared in `config-options.ts`. `<NAME>_FILE` is the path of a file that holds the value of `<NAME>`.
 */
import { groupTitles, type Options, options } from "./config-options.ts";
import {
	type Environment,
	findGiven,
	type Option,
	Secret,
	unknownVariables,
	withoutCredentials,
} from "./config-values.ts";
import { StartFailure } from "./platform/start-failure.ts";

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
	const { database, seal, attachments, s3, http, log, worker, rate } = options;
	const { sessions, signIn, staffOidc, customerOidc, mail } = options;
	const { tickets, port25 } = options;
	const databaseUrl = read(database.url);
	const publicUrl = read(http.publicUrl);
	return Object.freeze({
		database: Object.freeze({
			url: databaseUrl,
			ownerUrl: read(database.ownerUrl) ?? databaseUrl,
			poolMax: read(database.poolMax),
			dataDir: read(database.dataDir),
		}),
		seal: Object.freeze({ keysFile: read(seal.keysFile) }),
		attachments: Object.freeze({
			dir: read(attachments.dir),
			mibMax: read(attachments.mibMax),
			waitingMax: read(attachments.waitingMax),
			waitingHours: read(attachments.waitingHours),
			clamd: read(attachments.clamd),
		}),
		s3: Object.freeze({
			bucket: read(s3.bucket),
			region: read(s3.region),
			endpoint: read(s3.endpoint),
			addressing: read(s3.addressing),
			accessKeyId: read(s3.accessKeyId),
			secretAccessKey: read(s3.secretAccessKey),
			prefix: read(s3.prefix),
			checksums: read(s3.checksums),
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
			streamResumeHours: read(http.streamResumeHours),
			v1DeprecatedAt: read(http.v1DeprecatedAt),
			v1SunsetAt: read(http.v1SunsetAt),
		}),
		sessions: Object.freeze({
			cookie: read(sessions.cookie),
			customerIdleMinutes: read(sessions.customerIdleMinutes),
			customerHours: read(sessions.customerHours),
			staffIdleMinutes: read(sessions.staffIdleMinutes),
			staffHours: read(sessions.staffHours),
			stepUpMinutes: read(sessions.stepUpMinutes),
		}),
		signIn: Object.freeze({
			handover: read(signIn.handover),
			email: read(signIn.email),
			triesPerAccount: read(signIn.triesPerAccount),
			triesPerSource: read(signIn.triesPerSource),
		}),
		staffOidc: Object.freeze({
			issuer: read(staffOidc.issuer),
			clientId: read(staffOidc.clientId),
			clientSecret: read(staffOidc.clientSecret),
			clientAuth: read(staffOidc.clientAuth),
			label: read(staffOidc.label),
		}),
		customerOidc: Object.freeze({
			issuer: read(customerOidc.issuer),
			clientId: read(customerOidc.clientId),
			clientSecret: read(customerOidc.clientSecret),
			clientAuth: read(customerOidc.clientAuth),
			scope: read(customerOidc.scope),
			claim: read(customerOidc.claim),
			label: read(customerOidc.label),
		}),
		mail: Object.freeze({ smtpUrl: read(mail.smtpUrl), from: read(mail.from) }),
		log: Object.freeze({ level: read(log.level), format: read(log.format) }),
		worker: Object.freeze({ concurrency: read(worker.concurrency) }),
		rate: Object.freeze({
			keyPerMinute: read(rate.keyPerMinute),
			clientPerMinute: read(rate.clientPerMinute),
			ticketsPerMinute: read(rate.ticketsPerMinute),
			repliesPerMinute: read(rate.repliesPerMinute),
			agentPerMinute: read(rate.agentPerMinute),
			unauthenticatedPerMinute: read(rate.unauthenticatedPerMinute),
		}),
		tickets: Object.freeze({ numberBase: read(tickets.numberBase) }),
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
	found.push(
		...incompleteS3(env),
		...incompleteOidc(env, options.staffOidc),
		...incompleteOidc(env, options.customerOidc),
	);
	const { smtpUrl, from } = options.mail;
	if (config.mail.smtpUrl !== undefined && config.mail.from === undefined)
		found.push(
			`${from.name}: is not set; expected with ${smtpUrl.name}, which is set`,
		);
	if (v1SunsetAt && v1DeprecatedAt && v1SunsetAt < v1DeprecatedAt)
		found.push(
			`${http.v1SunsetAt.name}: is earlier than ${http.v1DeprecatedAt.name}; expected the same instant or a later one`,
		);
	return found;
}

/** A bucket needs both halves of a key, and what would be of no use without a bucket needs one. */
function incompleteS3(env: Environment): string[] {
	const { bucket, endpoint, accessKeyId, secretAccessKey } = options.s3;
	if (findGiven(env, bucket.name) === undefined)
		return [endpoint, accessKeyId, secretAccessKey]
			.filter(({ name }) => findGiven(env, name) !== undefined)
			.map(
				({ name }) =>
					`${name}: is set without ${bucket.name}; expected both, or neither for attachments in a folder`,
			);
	return [accessKeyId, secretAccessKey]
		.filter(({ name }) => findGiven(env, name) === undefined)
		.map(
			({ name }) =>
				`${name}: is not set; expected with ${bucket.name}, which is set`,
		);
}

/** An issuer, the name of the client and its secret are of use together alone. */
function incompleteOidc(
	env: Environment,
	{
		issuer,
		clientId,
		clientSecret,
	}: Record<"issuer" | "clientId" | "clientSecret", Option>,
): string[] {
	const all = [issuer, clientId, clientSecret];
	const isGiven = ({ name }: Option) => findGiven(env, name) !== undefined;
	const missing = all.filter((option) => !isGiven(option));
	return missing.length === all.length
		? []
		: missing.map(
				({ name }) =>
					`${name}: is not set; expected with the other two of ${all.map((option) => option.name).join(", ")}`,
			);
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
		const shown =
			option.secret === true && !isNone(value) ? "(set)" : asText(value);
		return { group, name: option.name, value: shown };
	});
}

function asText(value: unknown): string {
	if (value === undefined) return "(not set)";
	if (value instanceof Secret) return "(set)";
	if (value instanceof Date) return value.toISOString();
	return isNone(value) ? "(none)" : String(value);
}

function isNone(value: unknown): boolean {
	return value === undefined || (Array.isArray(value) && value.length === 0);
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
