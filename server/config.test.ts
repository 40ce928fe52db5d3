import {
	mkdirSync,
	mkdtempSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterAll, describe, expect, test } from "vitest";
import { configurationPage } from "../tools/configuration-page.ts";
import {
	describeConfig,
	describeOptions,
	loadConfig,
	servedAt,
} from "./config.ts";
import { StartFailure } from "./platform/start-failure.ts";

const folder = mkdtempSync(join(tmpdir(), "postern-config-"));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, content: string): string {
	const path = join(folder, name);
	writeFileSync(path, content);
	return path;
}

/** The lines of the failure, one per problem; none when the start goes on. */
function problems(env: Record<string, string | undefined>): string[] {
	try {
		loadConfig(env);
		return [];
	} catch (error) {
		expect(error).toBeInstanceOf(StartFailure);
		return (error as StartFailure).message.split("\n");
	}
}

const url = "postgres://postern:hunter2@db.example.com:5432/postern";

describe("defaults", () => {
	test("an empty environment gives every default", () => {
		expect(loadConfig({})).toEqual({
			database: {
				url: undefined,
				ownerUrl: undefined,
				poolMax: 10,
				dataDir: "./data",
			},
			seal: { keysFile: undefined },
			attachments: {
				dir: undefined,
				mibMax: 10,
				waitingMax: 20,
				waitingHours: 24,
				clamd: undefined,
			},
			s3: {
				bucket: undefined,
				region: "us-east-1",
				endpoint: undefined,
				addressing: "host",
				accessKeyId: undefined,
				secretAccessKey: undefined,
				prefix: undefined,
				checksums: "when-required",
			},
			http: {
				host: "127.0.0.1",
				port: 3000,
				publicUrl: undefined,
				errorBaseUrl: undefined,
				trustedProxies: [],
				shutdownMs: 1500,
				streamResumeHours: 72,
				v1DeprecatedAt: undefined,
				v1SunsetAt: undefined,
			},
			sessions: {
				cookie: "postern_session",
				customerIdleMinutes: 1440,
				customerHours: 336,
				staffIdleMinutes: 120,
				staffHours: 12,
				stepUpMinutes: 60,
			},
			signIn: {
				handover: [],
				email: "off",
				triesPerAccount: 10,
				triesPerSource: 60,
			},
			staffOidc: {
				issuer: undefined,
				clientId: undefined,
				clientSecret: undefined,
				clientAuth: "basic",
				label: "OpenID Connect",
			},
			customerOidc: {
				issuer: undefined,
				clientId: undefined,
				clientSecret: undefined,
				clientAuth: "basic",
				scope: "openid",
				claim: "client_number",
				label: "OpenID Connect",
			},
			mail: { smtpUrl: undefined, from: undefined },
			log: { level: "info", format: "auto" },
			worker: { concurrency: 4 },
			rate: {
				keyPerMinute: 120,
				clientPerMinute: 600,
				ticketsPerMinute: 10,
				repliesPerMinute: 20,
				agentPerMinute: 600,
				unauthenticatedPerMinute: 60,
			},
			tickets: { numberBase: 10_001 },
			port25: {
				perHour: 5,
				coolOffDays: 7,
				pendingDays: 30,
				reasonMin: 0,
				reopenHours: 24,
				policyFile: undefined,
			},
		});
	});

	test("a default that can be written as text is a value of its own option", () => {
		for (const { name, fallback } of describeOptions()) {
			const text = /^`([^` ]+)`$/.exec(fallback)?.[1];
			if (text === undefined || text.startsWith("<")) continue;
			expect(loadConfig({ [name]: text }), name).toEqual(loadConfig({}));
		}
	});

	test("an empty variable counts as not set, also one that nobody knows", () => {
		const env = {
			PORT: "",
			PORT_FILE: "",
			POSTERN_COLOUR: "",
			HOST: undefined,
		};
		expect(loadConfig(env)).toEqual(loadConfig({}));
	});

	test("the owner's login is the application's when only that is given", () => {
		const { database } = loadConfig({ DATABASE_URL: url });
		expect(database.ownerUrl?.reveal()).toBe(url);
	});

	test("the base of error links follows the public URL", () => {
		const { http } = loadConfig({
			POSTERN_PUBLIC_URL: "https://Help.example.com/",
		});
		expect(http.publicUrl).toBe("https://help.example.com");
		expect(http.errorBaseUrl).toBe("https://help.example.com/docs/errors/");
	});

	test("without a public URL the server is found where it listens", () => {
		expect(servedAt(loadConfig({}), 3001)).toEqual({
			publicUrl: "http://127.0.0.1:3001",
			errorBaseUrl: "http://127.0.0.1:3001/docs/errors/",
		});
		expect(servedAt(loadConfig({ HOST: "::1" }), 80).publicUrl).toBe(
			"http://[::1]:80",
		);
	});
});

describe("values", () => {
	test("reads every sort of value", () => {
		const config = loadConfig({
			DATABASE_URL: "postgresql:///postern?host=/run/postgresql",
			HOST: "localhost",
			PORT: "0",
			POSTERN_ERROR_BASE_URL: "https://example.com/e/",
			POSTERN_TRUSTED_PROXIES: "192.0.2.1, 2001:DB8::/32",
			POSTERN_LOG_LEVEL: "silent",
			POSTERN_V1_DEPRECATED_AT: "2027-01-01T00:00:00+01:00",
			POSTERN_V1_SUNSET_AT: "2026-12-31T23:00:00.000Z",
		});
		expect(config.database.url?.reveal()).toContain("/run/postgresql");
		expect(config.http).toMatchObject({
			host: "localhost",
			port: 0,
			errorBaseUrl: "https://example.com/e/",
			trustedProxies: ["192.0.2.1", "2001:db8::/32"],
			v1DeprecatedAt: new Date("2026-12-31T23:00:00Z"),
			v1SunsetAt: new Date("2026-12-31T23:00:00Z"),
		});
		expect(config.log.level).toBe("silent");
	});

	test.each([
		["PORT", "65536"],
		["PORT", "-1"],
		["PORT", "1e3"],
		["PORT", "080"],
		["PORT", " 80"],
		["PORT", "tcp://10.0.0.1:80"],
		["HOST", "[::1]"],
		["HOST", "10.0.0.256"],
		["HOST", "localhost:80"],
		["POSTERN_DB_POOL_MAX", "3"],
		["POSTERN_DB_POOL_MAX", "201"],
		["POSTERN_WORKER_CONCURRENCY", "0"],
		["POSTERN_WORKER_CONCURRENCY", "65"],
		["POSTERN_RATE_KEY_PER_MINUTE", "0"],
		["POSTERN_LOG_LEVEL", "INFO"],
		["POSTERN_LOG_FORMAT", "text"],
		["POSTERN_PUBLIC_URL", "help.example.com"],
		["POSTERN_PUBLIC_URL", "ftp://help.example.com"],
		["POSTERN_PUBLIC_URL", "https://help.example.com/support"],
		["POSTERN_PUBLIC_URL", "https://help.example.com?"],
		["POSTERN_PUBLIC_URL", "https://a:b@help.example.com"],
		["POSTERN_ERROR_BASE_URL", "https://help.example.com/errors"],
		["POSTERN_ERROR_BASE_URL", "https://help.example.com/?a=/"],
		["POSTERN_TRUSTED_PROXIES", "192.0.2.1,"],
		["POSTERN_TRUSTED_PROXIES", "192.0.2.1/33"],
		["POSTERN_TRUSTED_PROXIES", "loopback"],
		["POSTERN_V1_SUNSET_AT", "2027-01-31"],
		["POSTERN_V1_SUNSET_AT", "2027-01-31T00:00:00"],
		["POSTERN_V1_SUNSET_AT", "2027-02-31T00:00:00Z"],
		["POSTERN_V1_SUNSET_AT", "2027-01-31T25:00:00Z"],
		["POSTERN_CLAMD", "clamd.ctl"],
		["POSTERN_CLAMD", "127.0.0.1"],
		["POSTERN_CLAMD", "127.0.0.1:0"],
		["POSTERN_CLAMD", "[::1]:65536"],
		["POSTERN_CLAMD", "tcp://127.0.0.1:3310"],
		["POSTERN_ATTACHMENT_MIB_MAX", "0"],
		["POSTERN_UPLOADS_WAITING_HOURS", "721"],
		["POSTERN_PORT25_REASON_MIN", "2001"],
		["POSTERN_PORT25_REOPEN_HOURS", "8761"],
	])("%s refuses %j and says what is expected", (name, value) => {
		const lines = problems({ [name]: value });
		expect(lines).toHaveLength(1);
		expect(lines[0]).toMatch(`${name}: `);
		expect(lines[0]).toMatch(/ is not valid; expected \w/);
	});

	test("names the value that is wrong", () => {
		expect(problems({ PORT: "70000" })).toEqual([
			'PORT: "70000" is not valid; expected a whole number from 0 to 65535',
		]);
	});

	test("a sunset earlier than the deprecation is refused", () => {
		const lines = problems({
			POSTERN_V1_DEPRECATED_AT: "2027-01-02T00:00:00Z",
			POSTERN_V1_SUNSET_AT: "2027-01-01T00:00:00Z",
		});
		expect(lines).toEqual([
			"POSTERN_V1_SUNSET_AT: is earlier than POSTERN_V1_DEPRECATED_AT; expected the same instant or a later one",
		]);
	});

	test("a bucket wants both halves of a key, and nothing of S3 stands without a bucket", () => {
		expect(
			problems({
				POSTERN_S3_BUCKET: "tickets",
				POSTERN_S3_ACCESS_KEY_ID: "AKIAEXAMPLE",
			}),
		).toEqual([
			expect.stringMatching(/^POSTERN_S3_SECRET_ACCESS_KEY: is not set/),
		]);
		expect(problems({ POSTERN_S3_ENDPOINT: "https://s3.example.com" })).toEqual(
			[expect.stringMatching(/^POSTERN_S3_ENDPOINT: is set without/)],
		);
		const whole = {
			POSTERN_S3_BUCKET: "tickets",
			POSTERN_S3_ACCESS_KEY_ID: "AKIAEXAMPLE",
			POSTERN_S3_SECRET_ACCESS_KEY: "hunter2",
			POSTERN_S3_PREFIX: "support/attachments/",
		};
		expect(problems(whole)).toEqual([]);
		for (const [name, value] of [
			["POSTERN_S3_BUCKET", "Tickets"],
			["POSTERN_S3_PREFIX", "/support/"],
			["POSTERN_S3_PREFIX", "../"],
			["POSTERN_S3_SECRET_ACCESS_KEY", "hunter2 "],
			["POSTERN_S3_ADDRESSING", "virtual"],
		] as const) {
			const lines = problems({ ...whole, [name]: value });
			expect(lines).toEqual([
				expect.stringMatching(new RegExp(`^${name}: .* is not valid`)),
			]);
			expect(lines.join()).not.toContain("hunter2");
		}
	});

	test("clamd listens at a path or at a host and port", () => {
		for (const address of [
			"/run/clamav/clamd.ctl",
			"127.0.0.1:3310",
			"[::1]:3310",
			"clamav:3310",
		])
			expect(loadConfig({ POSTERN_CLAMD: address }).attachments.clamd).toBe(
				address,
			);
	});

	test("an owner's login without a database is refused", () => {
		expect(problems({ DATABASE_OWNER_URL: url })).toEqual([
			expect.stringMatching(/^DATABASE_OWNER_URL: is set without DATABASE_URL/),
		]);
	});

	test("all problems come at once, one line each", () => {
		const lines = problems({
			DATABASE_URL: "mysql://x",
			DATABASE_OWNER_URL: url,
			PORT: "x",
			POSTERN_LOG_LEVL: "debug",
		});
		expect(lines.map((line) => line.split(":")[0])).toEqual([
			"DATABASE_URL",
			"PORT",
			"POSTERN_LOG_LEVL",
		]);
	});
});

describe("files", () => {
	test("every option has a _FILE variant, without the newline at the end", () => {
		const config = loadConfig({
			DATABASE_URL_FILE: file("url", `${url}\n`),
			PORT_FILE: file("port", "8080\r\n"),
			POSTERN_POLICY_FILE_FILE: file("policy", "./policy.json"),
		});
		expect(config.database.url?.reveal()).toBe(url);
		expect(config.http.port).toBe(8080);
		expect(config.port25.policyFile).toBe("./policy.json");
	});

	test("the value and its file together are refused", () => {
		expect(problems({ PORT: "80", PORT_FILE: file("port", "80") })).toEqual([
			"PORT: is set, and so is PORT_FILE; expected only one of them",
		]);
	});

	test("a file that cannot be read is refused with variable and path", () => {
		const missing = join(folder, "missing");
		mkdirSync(join(folder, "directory"));
		expect(
			problems({
				DATABASE_URL_FILE: missing,
				PORT_FILE: join(folder, "directory"),
			}),
		).toEqual([
			`DATABASE_URL_FILE: cannot read ${missing} (ENOENT); expected the path of a readable file`,
			`PORT_FILE: cannot read ${join(folder, "directory")} (EISDIR); expected the path of a readable file`,
		]);
	});

	test("an empty file does not quietly start the embedded database", () => {
		expect(problems({ DATABASE_URL_FILE: file("empty", "\n") })).toEqual([
			expect.stringMatching(/^DATABASE_URL_FILE: .* is empty/),
		]);
	});

	test("a wrong value in a file is not shown: the path may be that of a secret", () => {
		const lines = problems({ PORT_FILE: file("wrong", "hunter2") });
		expect(lines).toEqual([
			"PORT_FILE: the value is not valid; expected a whole number from 0 to 65535",
		]);
	});
});

describe("unknown variables", () => {
	test.each([
		["POSTERN_LOG_LEVL", "POSTERN_LOG_LEVEL"],
		["POSTERN_PORT", "PORT"],
		["POSTERN_DATABASE_URL", "DATABASE_URL"],
		["POSTERN_PUBLIC_URL_FIL", "POSTERN_PUBLIC_URL_FILE"],
		["POSTERN_RATE_KEYS_PER_MINUTE", "POSTERN_RATE_KEY_PER_MINUTE"],
	])("%s stops the start and %s is suggested", (name, near) => {
		expect(problems({ [name]: "s3cret" })).toEqual([
			`${name}: no such option; did you mean ${near}?`,
		]);
	});

	test("variables of other programs are none of our business", () => {
		expect(problems({ PATH: "/bin", PORTS: "1", POSTERNX: "1" })).toEqual([]);
	});

	test("what Kubernetes adds for a service named postern does not stop the start", () => {
		const added = {
			POSTERN_SERVICE_HOST: "10.0.0.7",
			POSTERN_SERVICE_PORT: "3000",
			POSTERN_SERVICE_PORT_HTTP: "3000",
			POSTERN_PORT: "tcp://10.0.0.7:3000",
			POSTERN_PORT_3000_TCP: "tcp://10.0.0.7:3000",
			POSTERN_PORT_3000_TCP_PROTO: "tcp",
			POSTERN_WORKER_PORT_3000_TCP_ADDR: "10.0.0.8",
		};
		expect(problems(added)).toEqual([]);
	});
});

describe("secrets", () => {
	const config = loadConfig({ DATABASE_URL: url });

	test("do not show when the configuration is printed by accident", () => {
		const shown = [
			JSON.stringify(config),
			inspect(config, { depth: 9, showHidden: true }),
			`${config.database.url}`,
			String(config.database.url),
			JSON.stringify(structuredClone({ ...config.database.url })),
		];
		for (const text of shown) expect(text).not.toContain("hunter2");
		expect(JSON.stringify(config)).toContain('"url":"[secret]"');
	});

	test("do not show in a problem, nor does one that landed in the wrong variable", () => {
		const lines = problems({
			DATABASE_URL: "postgre://postern:hunter2@db",
			DATABASE_OWNER_URL: "postgres://postern:hunter2@db\nx",
			POSTERN_PUBLIC_URL: url,
			HOST: url,
			PORT_FILE: url,
			POSTERN_SECRET: "hunter2",
		});
		expect(lines).toHaveLength(6);
		expect(lines.join("\n")).not.toContain("hunter2");
		expect(problems({ DATABASE_URL: "hunter2" })).toEqual([
			"DATABASE_URL: the value is not valid; expected a URL like postgres://user:password@host:5432/database",
		]);
	});

	test("are rows that say only whether they are set", () => {
		const rows = describeConfig(config);
		const value = (name: string) =>
			rows.find((row) => row.name === name)?.value;
		expect(value("DATABASE_URL")).toBe("(set)");
		expect(value("PORT")).toBe("3000");
		expect(value("POSTERN_TRUSTED_PROXIES")).toBe("(none)");
		expect(value("POSTERN_POLICY_FILE")).toBe("(not set)");
		expect(JSON.stringify(rows)).not.toContain("hunter2");
		const unset = describeConfig(loadConfig({}));
		expect(unset.find((row) => row.name === "DATABASE_URL")?.value).toBe(
			"(not set)",
		);
	});
});

test("the configuration cannot be changed after the start", () => {
	const config = loadConfig({});
	for (const part of [
		config,
		config.http,
		config.http.trustedProxies,
		config.port25,
	])
		expect(Object.isFrozen(part)).toBe(true);
});

test("every declared option is read and described", () => {
	const names = describeOptions().map((row) => row.name);
	expect(describeConfig(loadConfig({})).map((row) => row.name)).toEqual(names);
	expect(new Set(names).size).toBe(names.length);
	for (const name of names)
		expect(problems({ [`${name}_FILE`]: join(folder, "absent") })[0]).toContain(
			`${name}_FILE: cannot read`,
		);
});

test("docs/configuration.md is what the declarations say", () => {
	const page = new URL("../docs/configuration.md", import.meta.url);
	expect(readFileSync(page, "utf8")).toBe(configurationPage());
});
