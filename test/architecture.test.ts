/**
 * The rules of the house, as docs/decisions/0001 and ARCHITECTURE.md state them. A rule that is in the way is changed
 * here, with its reason, never worked around.
 */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, test } from "vitest";

interface Import {
	readonly from: string;
	/** A path from the root for our own files, otherwise the specifier: `node:fs`, `fastify`. */
	readonly to: string;
	readonly isOwn: boolean;
	readonly isTypeOnly: boolean;
}

const root = new URL("..", import.meta.url).pathname;

const tracked = execFileSync(
	"git",
	["ls-files", "--cached", "--others", "--exclude-standard"],
	{ cwd: root, encoding: "utf8" },
)
	.split("\n")
	.filter((path) => path !== "" && existsSync(join(root, path)));

const sources = tracked.filter((path) => /\.tsx?$/.test(path));
const production = sources.filter(
	(path) =>
		/^(server|agent|web|contract)\//.test(path) && !path.endsWith(".test.ts"),
);

const textOf = new Map(
	sources.map((path) => [path, readFileSync(join(root, path), "utf8")]),
);

function importsOf(path: string): Import[] {
	const text = textOf.get(path) ?? "";
	const found: Import[] = [];
	const statement =
		/^(?:import|export)\s+(type\s+)?(?:[^"';]*?\sfrom\s+)?"([^"]+)"/gm;
	for (const [, type, specifier = ""] of text.matchAll(statement))
		found.push(resolve(path, specifier, type !== undefined));
	for (const [, specifier = ""] of text.matchAll(/\bimport\("([^"]+)"\)/g))
		found.push(resolve(path, specifier, false));
	return found;
}

function resolve(from: string, specifier: string, isTypeOnly: boolean): Import {
	const isOwn = specifier.startsWith(".");
	const to = isOwn ? normalize(join(dirname(from), specifier)) : specifier;
	return { from, to, isOwn, isTypeOnly };
}

/** A file's room: which row of the table it stands in. */
function roomOf(path: string): string {
	if (path.startsWith("server/kernel/")) return "kernel";
	if (path.startsWith("contract/")) return "contract";
	if (path.startsWith("server/platform/")) return "platform";
	if (path.startsWith("server/outside/")) return "outside";
	if (path.startsWith("server/domain/port25/policy/")) return "policy";
	if (/^server\/domain\/[^/]+\/[^/]+-store\.ts$/.test(path)) return "store";
	if (/^server\/domain\/[^/]+\/[^/]+-sql\.ts$/.test(path)) return "lent";
	if (/^server\/domain\/[^/]+\/[^/]+-jobs\.ts$/.test(path)) return "jobs";
	if (path.startsWith("server/domain/")) return "domain";
	if (path.startsWith("server/http/")) return "http";
	if (path.startsWith("agent/")) return "agent";
	if (path.startsWith("web/")) return "web";
	if (path.startsWith("server/")) return "top";
	return "elsewhere";
}

function featureOf(path: string): string | undefined {
	return /^server\/domain\/([^/]+)\//.exec(path)?.[1];
}

function faceOf(path: string): string | undefined {
	return /^server\/http\/(v1|v2|desk|edge|docs|web)\//.exec(path)?.[1];
}

/** The nouns: pure, known by their names, one list for the whole house. */
const nouns = new Set([
	"server/domain/accounts/api-key.ts",
	"server/domain/accounts/client.ts",
	"server/domain/accounts/client-report.ts",
	"server/domain/accounts/key-grant.ts",
	"server/domain/accounts/observation.ts",
	"server/domain/accounts/session.ts",
	"server/domain/accounts/sign-in-pass.ts",
	"server/domain/accounts/staff.ts",
	"server/domain/credentials/credential.ts",
	"server/domain/credentials/flow.ts",
	"server/domain/attachments/attachment.ts",
	"server/domain/attachments/file-content.ts",
	"server/domain/attachments/file-kind.ts",
	"server/domain/attachments/file-name.ts",
	"server/domain/attachments/owner.ts",
	"server/domain/attachments/upload.ts",
	"server/domain/attachments/zip-directory.ts",
	"server/domain/allowlist/entry.ts",
	"server/domain/allowlist/epoch.ts",
	"server/domain/allowlist/site.ts",
	"server/domain/audit/audit.ts",
	"server/domain/edge/agent.ts",
	"server/domain/edge/alarm.ts",
	"server/domain/edge/report.ts",
	"server/domain/events/audience.ts",
	"server/domain/events/place.ts",
	"server/domain/inventory/lease.ts",
	"server/domain/inventory/service.ts",
	"server/domain/inventory/service-details.ts",
	"server/domain/port25/request.ts",
	"server/domain/queue/queued-job.ts",
	"server/domain/tickets/department.ts",
	"server/domain/tickets/desk-ticket.ts",
	"server/domain/tickets/ticket.ts",
]);

/** What of the platform a domain file may know: how to speak SQL, what a transaction is, what a job is. */
const platformForDomain = new Set([
	"server/platform/sql.ts",
	"server/platform/perform.ts",
]);
const platformForJobs = new Set([
	...platformForDomain,
	"server/platform/outbox.ts",
	"server/platform/worker.ts",
]);

/** What a feature may know of the world, as types alone; what is behind them `cli/` puts together. */
const outsideTypes = "server/outside/outside.ts";

/** The places where a request meets the outside, which are no verbs (docs/decisions/0022 and 0039). */
const meetsOutside = new Set([
	"server/domain/credentials/oidc-sign-in.ts",
	"server/domain/attachments/receive-upload.ts",
	"server/domain/attachments/open-file.ts",
]);

/** npm packages by room; `node:` is listed where it is allowed. */
const packages: Record<string, RegExp> = {
	// Decision 38 for what of signing in is arithmetic.
	platform:
		/^(node:|pg$|pino$|pino-pretty$|prom-client$|@node-rs\/argon2$|otpauth$|@simplewebauthn\/server)/,
	outside: /./,
	http: /^(node:(crypto|net|http|stream|buffer|zlib)$|fastify$|@fastify\/|typebox$|ajv|jose$)/,
	agent: /^node:/,
	web: /^(?!node:)/,
	top: /./,
};

/** Why an import breaks the table, or undefined. */
function whyNot({ from, to, isOwn, isTypeOnly }: Import): string | undefined {
	const room = roomOf(from);
	if (!isOwn)
		return packages[room]?.test(to) ? undefined : `${room} imports ${to}`;
	const target = roomOf(to);
	const ownFeature = featureOf(from) === featureOf(to);
	const no = `${room} imports ${target} (${to})`;
	if (nouns.has(from))
		// Of another feature's nouns it may name the types (docs/decisions/0022).
		return target === "kernel" || (nouns.has(to) && (ownFeature || isTypeOnly))
			? undefined
			: `a noun imports ${to}`;
	switch (room) {
		case "kernel":
			return target === "kernel" ? undefined : no;
		case "contract":
			return no;
		case "platform":
			return target === "kernel" || target === "platform" ? undefined : no;
		case "outside":
			return target === "kernel" || target === "outside" ? undefined : no;
		case "policy":
			return target === "kernel" || target === "policy" ? undefined : no;
		case "store":
			if (
				target === "kernel" ||
				target === "lent" ||
				to === "server/platform/sql.ts"
			)
				return undefined;
			// A store reads its own noun and the shapes its rows are made of, never a verb.
			return ownFeature && (nouns.has(to) || target === "store" || isTypeOnly)
				? undefined
				: no;
		case "lent":
			// Expressions that a feature lends to the statements of others (docs/decisions/0018).
			if (target === "kernel" || to === "server/platform/sql.ts")
				return undefined;
			return ownFeature && nouns.has(to) ? undefined : no;
		case "domain":
			if (target === "lent") return isTypeOnly ? undefined : no;
			if (target === "kernel" || platformForDomain.has(to)) return undefined;
			if (target === "contract") return undefined;
			if (target === "store") return ownFeature ? undefined : no;
			if (target === "policy") return ownFeature ? undefined : no;
			if (to === outsideTypes)
				return isTypeOnly && meetsOutside.has(from) ? undefined : no;
			return target === "domain" ? undefined : no;
		case "jobs":
			if (to === outsideTypes) return isTypeOnly ? undefined : no;
			if (target === "kernel" || platformForJobs.has(to)) return undefined;
			return target === "domain" ? undefined : no;
		case "http":
			return whyNotHttp(from, to, target);
		case "agent":
			return target === "agent" || target === "contract" ? undefined : no;
		case "web":
			return target === "web" || target === "contract" ? undefined : no;
		default:
			return undefined;
	}
}

function whyNotHttp(
	from: string,
	to: string,
	target: string,
): string | undefined {
	const [own, other] = [faceOf(from), faceOf(to)];
	if (target === "http")
		return own === undefined || other === undefined || own === other
			? undefined
			: `face ${own} imports face ${other} (${to})`;
	// What crosses to another process is shapes and limits, and imports nothing (decision 28).
	const allowed = [
		"kernel",
		"contract",
		"domain",
		"policy",
		"platform",
		"http",
	];
	return allowed.includes(target)
		? undefined
		: `http imports ${target} (${to})`;
}

const allImports = production.flatMap(importsOf);

describe("who may import whom", () => {
	test("the table holds for every import", () => {
		const broken = allImports.flatMap((one) => {
			const why = whyNot(one);
			return why === undefined ? [] : [`${one.from}: ${why}`];
		});
		expect(broken).toEqual([]);
	});

	test("every noun in the list exists", () => {
		for (const noun of nouns) expect(textOf.has(noun), noun).toBe(true);
	});

	test("relative imports name an existing file with its ending", () => {
		const missing = sources
			.flatMap(importsOf)
			.filter(({ isOwn, to }) => isOwn && !tracked.includes(to));
		expect(missing.map(({ from, to }) => `${from} → ${to}`)).toEqual([]);
	});

	test("no import cycle, types included", () => {
		const edges = new Map<string, string[]>();
		for (const { from, to, isOwn } of allImports)
			if (isOwn) edges.set(from, [...(edges.get(from) ?? []), to]);
		const done = new Set<string>();
		const cycles: string[] = [];
		const visit = (path: string, trail: readonly string[]) => {
			if (trail.includes(path)) {
				cycles.push([...trail.slice(trail.indexOf(path)), path].join(" → "));
				return;
			}
			if (done.has(path)) return;
			for (const next of edges.get(path) ?? []) visit(next, [...trail, path]);
			done.add(path);
		};
		for (const path of edges.keys()) visit(path, []);
		expect(cycles).toEqual([]);
	});
});

/** Files of the production code whose text matches, outside comments. */
function matching(pattern: RegExp, where: (path: string) => boolean): string[] {
	return production.filter((path) => {
		if (!where(path)) return false;
		const code = (textOf.get(path) ?? "")
			.replace(/\/\*[\s\S]*?\*\//g, "")
			.replace(/^\s*\/\/.*$/gm, "");
		return pattern.test(code);
	});
}

describe("absences", () => {
	test("only perform, migrate, and what fills a new database, begin a transaction", () => {
		expect(matching(/["`]begin(?: \$|[;"`])/, () => true)).toEqual([
			"server/platform/backup/in-transaction.ts",
			"server/platform/migrate.ts",
			"server/platform/transaction.ts",
		]);
	});

	test("only config.ts reads the environment, one of the server and one of the agent", () => {
		const readers = matching(/process\.env\b/, () => true);
		expect(readers).toEqual(["agent/config.ts", "server/config.ts"]);
	});

	test("nobody in kernel, domain and faces reads the clock", () => {
		const rooms = ["kernel", "policy", "store", "jobs", "domain", "http"];
		expect(
			matching(/\bDate\.now\(|new Date\(\)/, (path) =>
				rooms.includes(roomOf(path)),
			),
		).toEqual([]);
	});

	test("SQL stands in stores and the platform only", () => {
		const rooms = ["kernel", "policy", "jobs", "domain", "http"];
		expect(
			matching(/\bsql(<[^`]*>)?`/, (path) => rooms.includes(roomOf(path))),
		).toEqual([]);
	});

	test("a type assertion has its reason on the line before", () => {
		const found = production.flatMap((path) => {
			const lines = (textOf.get(path) ?? "").split("\n");
			return lines.flatMap((line, i) => {
				const isAssertion =
					/\bas (?!const\b)[A-Za-z{[]/.test(line) &&
					!/^\s*(\*|\/\/|\/\*|import|export \{)|["'`].*\bas .*["'`]|\* as |^\s*(type )?\w+ as \w+,?$/.test(
						line,
					) &&
					!isInsideText(lines, i);
				return isAssertion && !/^\s*(\/\/|\*)/.test(lines[i - 1] ?? "")
					? [`${path}:${i + 1}: ${line.trim()}`]
					: [];
			});
		});
		expect(found).toEqual([]);
	});

	test("no lint rule is switched off in the code", () => {
		expect(
			sources.filter(
				(path) =>
					path !== "test/architecture.test.ts" &&
					/biome-ignore|@ts-ignore|@ts-expect-error|@ts-nocheck/.test(
						textOf.get(path) ?? "",
					),
			),
		).toEqual([]);
	});
});

/** Whether a line lies in a template literal (SQL says `as` on every other line). */
function isInsideText(lines: readonly string[], i: number): boolean {
	const before = lines.slice(0, i).join("\n");
	const ticks = before.replace(/\\`/g, "").split("`").length - 1;
	return ticks % 2 === 1 || (lines[i] ?? "").includes("`");
}

describe("names and sizes", () => {
	test("no path has a word that names no room", () => {
		const empty =
			/(^|[/-])(utils?|helpers?|common|misc|managers?|services|impl|base|index)([.-][a-z.]+)?(\/|$)/;
		expect(sources.filter((path) => empty.test(path))).toEqual([]);
	});

	test("files are in kebab-case", () => {
		const odd = sources.filter(
			(path) => !/^[a-z0-9./-]+$/.test(path) && !path.startsWith("web/"),
		);
		expect(odd).toEqual([]);
	});

	test("no file is over 400 lines", () => {
		const long = production
			.filter((path) => !path.includes("/generated"))
			.map((path) => [path, textOf.get(path)?.split("\n").length ?? 0] as const)
			.filter(([, lines]) => lines > 400);
		expect(long).toEqual([]);
	});

	test("no default export outside configuration files", () => {
		const found = sources.filter(
			(path) =>
				!path.endsWith(".config.ts") &&
				/^export default\b/m.test(textOf.get(path) ?? ""),
		);
		expect(found).toEqual([]);
	});
});

test("the lock file records no download addresses", () => {
	const lock = readFileSync(join(root, "package-lock.json"), "utf8");
	expect(lock).not.toMatch(/"resolved":\s*"http/);
});
