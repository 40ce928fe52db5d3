/** Starts that cannot be: each says why in one line that a person can act on, and ends with exit code 1. */
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { beforeAll, describe, expect, onTestFinished, test } from "vitest";
import {
	type ExternalPostgres,
	findFreePort,
	startExternalPostgres,
} from "./external-postgres.ts";
import { startOldPostgres } from "./old-postgres.ts";
import {
	type Environment,
	type Server,
	useProcesses,
} from "./postern-process.ts";

const processes = useProcesses();

/** What a start that fails says: lines of standard error. Nothing of it is a stack trace or one of the secrets. */
async function refusalOf(
	env: Environment,
	more: {
		readonly words?: readonly string[];
		readonly secrets?: readonly string[];
	} = {},
): Promise<readonly string[]> {
	const { words = ["serve"], secrets = [] } = more;
	const { code, stdout, stderr } = await processes.run(words, env);
	expect(code, stderr).toBe(1);
	expect(stderr).not.toMatch(/^\s+at |node:internal|Error:/m);
	expect(stdout).not.toMatch(/"level":"(error|fatal)"/);
	for (const secret of secrets) expect(stderr + stdout).not.toContain(secret);
	return stderr.trimEnd().split("\n");
}

describe("a data folder", () => {
	const dataDir = processes.newDataDir();
	const env = { POSTERN_DATA_DIR: dataDir };
	let server: Server;

	beforeAll(async () => {
		server = await processes.serve(env);
	});

	test("that another server has: its process is named, and it goes on", async () => {
		expect(await refusalOf(env)).toEqual([
			`postern: Postern is already running on this data folder (process ${server.pid}). Stop it first, or choose another POSTERN_DATA_DIR.`,
		]);
		expect((await fetch(`${server.url}/readyz`)).status).toBe(200);
	});

	test("is let go of when the port is in use", async () => {
		const port = Number(new URL(server.url).port);
		await server.stop();
		const other = createServer().listen(port, "127.0.0.1");
		onTestFinished(() => void other.close());
		expect(await refusalOf({ ...env, PORT: String(port) })).toEqual([
			`postern: 127.0.0.1:${port} is in use by another process. Stop it, or choose another PORT.`,
		]);
	});

	test("is let go of when HOST is not this machine's", async () => {
		const lines = await refusalOf(
			{ ...env, HOST: "192.0.2.77" },
			{ words: ["serve", "--demo"] },
		);
		expect(lines).toEqual([
			"postern: HOST 192.0.2.77 is no address of this machine. Correct it.",
		]);
	});

	test("that is a file", async () => {
		const path = join(processes.folder, "a-file");
		writeFileSync(path, "");
		expect(await refusalOf({ POSTERN_DATA_DIR: path })).toEqual([
			`postern: The data folder ${path} is a file, or lies below one. Remove it, or choose another POSTERN_DATA_DIR.`,
		]);
	});

	test.skipIf(process.getuid?.() === 0)("without rights", async () => {
		const path = join(processes.folder, "not-mine");
		mkdirSync(path);
		chmodSync(path, 0o500);
		expect(await refusalOf({ POSTERN_DATA_DIR: path })).toEqual([
			expect.stringMatching(
				/^postern: The data folder .* cannot be used by .*\(EACCES\)\. Give this user the folder, or choose another POSTERN_DATA_DIR\.$/,
			),
		]);
	});

	test("that does not hold what PostgreSQL needs any more", async () => {
		const path = processes.newDataDir();
		mkdirSync(join(path, "postgres"), { recursive: true, mode: 0o700 });
		writeFileSync(join(path, "postgres/PG_VERSION"), "12\n");
		expect(await refusalOf({ POSTERN_DATA_DIR: path })).toHaveLength(1);
	});
});

describe("DATABASE_URL", () => {
	let postgres: ExternalPostgres;
	beforeAll(async () => {
		postgres = await startExternalPostgres(processes);
	});

	const commands = [["serve"], ["keys", "list"]];

	test("does not answer, to a server or a command", async () => {
		const port = await findFreePort();
		const secret = "s3cret-of-the-url";
		const DATABASE_URL = `postgres://postern:${secret}@127.0.0.1:${port}/postern`;
		const said = await Promise.all(
			commands.map((words) =>
				refusalOf({ DATABASE_URL }, { words, secrets: [secret] }),
			),
		);
		for (const lines of said)
			expect(lines).toEqual([
				"postern: The database of DATABASE_URL does not answer (ECONNREFUSED). Start it, or correct host and port.",
			]);
	});

	test("has a wrong password, in either variable", async () => {
		const { url, password } = await postgres.newDatabase();
		const secrets = [password, "wr0ng-passw0rd"];
		const wrong = url.replace(password, "wr0ng-passw0rd");
		expect(await refusalOf({ DATABASE_URL: wrong }, { secrets })).toEqual([
			"postern: The database of DATABASE_URL refuses the login. Check user and password.",
		]);
		const env = { DATABASE_URL: url, DATABASE_OWNER_URL: wrong };
		expect(await refusalOf(env, { secrets })).toEqual([
			"postern: The database of DATABASE_OWNER_URL refuses the login. Check user and password.",
		]);
		const swapped = { DATABASE_URL: wrong, DATABASE_OWNER_URL: url };
		expect(await refusalOf(swapped, { secrets })).toEqual([
			"postern: The database of DATABASE_URL refuses the login. Check user and password.",
		]);
		const none = url.replace(`:${password}@`, "@");
		expect(await refusalOf({ DATABASE_URL: none }, { secrets })).toEqual([
			"postern: The database of DATABASE_URL asks for a password, and the URL has none. Add it.",
		]);
	});

	test("names a database that is not there", async () => {
		const { url, password } = await postgres.newDatabase();
		const wrong = Object.assign(new URL(url), { pathname: "/elsewhere" }).href;
		expect(
			await refusalOf({ DATABASE_URL: wrong }, { secrets: [password] }),
		).toEqual([
			"postern: The database of DATABASE_URL does not exist on that server. Create it, or correct the name.",
		]);
	});

	test("has a user who may not become the application's role", async () => {
		const { url, password } = await postgres.newDatabase(false);
		expect(
			await refusalOf({ DATABASE_URL: url }, { secrets: [password] }),
		).toEqual([
			"postern: The database of DATABASE_URL does not let its user become postern_app. As an administrator run: grant postern_app to the user of DATABASE_URL;",
		]);
	});

	test("is a PostgreSQL older than 15", async () => {
		const old = await startOldPostgres("14.19 (Debian 14.19-1)", "140019");
		onTestFinished(() => old.stop());
		const DATABASE_URL = `postgres://postern:s3cret@127.0.0.1:${old.port}/postern`;
		expect(await refusalOf({ DATABASE_URL }, { secrets: ["s3cret"] })).toEqual([
			"postern: PostgreSQL 14.19 (Debian 14.19-1) is too old: Postern needs 15 or newer. Upgrade the server or point DATABASE_URL at another one.",
		]);
	});
});

describe("a configuration", () => {
	test("with several faults names each in a line of its own, and no secret", async () => {
		const secret = "s3cret-of-the-url";
		const env = {
			PORT: "eighty",
			DATABASE_URL: `postgres//postern:${secret}@127.0.0.1/postern`,
			POSTERN_DATADIR: secret,
			POSTERN_NOTHING_LIKE_IT: secret,
			POSTERN_RATE_KEY_PER_MINUTE: "0",
		};
		const lines = await refusalOf(env, { secrets: [secret] });
		expect([...lines].sort()).toEqual([
			"postern: DATABASE_URL: the value is not valid; expected a URL like postgres://user:password@host:5432/database",
			`postern: PORT: "eighty" is not valid; expected a whole number from 0 to 65535`,
			"postern: POSTERN_DATADIR: no such option; did you mean POSTERN_DATA_DIR?",
			"postern: POSTERN_NOTHING_LIKE_IT: no such option; docs/configuration.md lists every one",
			`postern: POSTERN_RATE_KEY_PER_MINUTE: "0" is not valid; expected a whole number from 1 to 1000000`,
		]);
	});

	test("with a policy that is none", async () => {
		const path = join(processes.folder, "policy.json");
		writeFileSync(path, "{}");
		const lines = await refusalOf({ POSTERN_POLICY_FILE: path });
		expect(lines).toHaveLength(1);
		expect(lines[0]).toContain(`POSTERN_POLICY_FILE: ${path} is not a policy`);
	});
});
