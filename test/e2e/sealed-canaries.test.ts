/**
 * What customers and staff write in encrypted messages is nowhere but in answers: looked for in every file of a real
 * installation, in every value of its database, in its backup and in its logs.
 */
import { randomBytes } from "node:crypto";
import { chmod, copyFile, readdir, readFile, truncate } from "node:fs/promises";
import { join, relative } from "node:path";
import { gunzipSync } from "node:zlib";
import type pg from "pg";
import { beforeAll, describe, expect, test, vi } from "vitest";
import type { DemoFile } from "../../server/demo/demo-file.ts";
import { changeKeyFile } from "../../server/platform/seal/seal-key-file.ts";
import { makeKey, withKey } from "../../server/platform/seal/seal-keys.ts";
import { monthOf, monthsAfter } from "../../server/platform/seal/seal-month.ts";
import { type Database, joinDatabase } from "./open-database.ts";
import { readDemo, type Server, useProcesses } from "./postern-process.ts";

const processes = useProcesses();
const env = {
	POSTERN_DATA_DIR: processes.newDataDir(),
	POSTERN_LOG_LEVEL: "trace",
};
const backup = join(processes.folder, "one.backup");

let server: Server;
let demo: DemoFile;
let ticket: { readonly id: string };

/** Words that must be found nowhere, and words that must, so that looking is known to work. */
const secrets: string[] = [];
const control = `control-${randomBytes(12).toString("hex")}`;

function secret(): string {
	const word = `canary-${randomBytes(12).toString("hex")}`;
	secrets.push(word);
	return word;
}

interface Asked {
	readonly key?: string;
	readonly headers?: Record<string, string>;
	readonly body?: object | string;
}

/** What of an answer is looked at here. */
interface Answer {
	readonly id: string;
	readonly messages: readonly {
		readonly body: string | null;
		readonly encrypted: boolean;
	}[];
	readonly data: readonly unknown[];
}

async function ask(
	method: "GET" | "POST",
	path: string,
	{ key = demo.clients.trusted.key, headers = {}, body }: Asked = {},
	at = server,
) {
	const response = await fetch(`${at.url}${path}`, {
		method,
		headers: {
			authorization: `Bearer ${key}`,
			...(body !== undefined && { "content-type": "application/json" }),
			...headers,
		},
		...(body !== undefined && {
			body: typeof body === "string" ? body : JSON.stringify(body),
		}),
	});
	const answer: unknown = await response.json();
	return { status: response.status, body: answer as Answer };
}

const messagesOf = (id = ticket.id) => `/api/v2/support/tickets/${id}/messages`;
const sealed = (message: string) => ({ message, encrypted: true });

beforeAll(async () => {
	server = await processes.serve(env);
	demo = await readDemo(server.dataDir);
	const { body } = await ask("POST", "/api/v2/support/tickets", {
		body: {
			departmentSlug: "vps",
			subject: "Access",
			message: "Please let me in.",
		},
	});
	ticket = body;
});

/** The server process of whoever waits for the messages' table, once somebody does so for longer than a moment. */
async function waitingFor(owner: pg.Client): Promise<number | undefined> {
	const { rows } = await owner.query<{ pid: number }>(
		`select pid from pg_locks where not granted and relation = 'ticket_messages'::regclass
			and waitstart < clock_timestamp() - interval '300 ms'`,
	);
	return rows[0]?.pid;
}

describe("encrypted messages of a running installation", () => {
	const texts: string[] = [];

	/** One that is kept. */
	async function send(
		message: string,
		path = messagesOf(),
		asked: Asked = {},
	): Promise<void> {
		const { status, body } = await ask("POST", path, {
			...asked,
			body: sealed(message),
		});
		expect(body).toMatchObject({ body: message, encrypted: true });
		expect(status).toBe(201);
	}

	async function sendOne(message: string): Promise<void> {
		await send(message);
		texts.push(message);
	}

	test("are kept and given back: short and long, from customers and staff, once and again", async () => {
		await sendOne(secret());
		await sendOne(`${secret()} ${"and a long word ".repeat(4_000)}`);
		const once = { headers: { "idempotency-key": '"canary"' } };
		const repeated = secret();
		await send(repeated, messagesOf(), once);
		await send(repeated, messagesOf(), once);
		texts.push(repeated);
		const answer = secret();
		await send(answer, `/api/desk/tickets/${ticket.id}/messages`, {
			key: demo.staffKey,
		});
		texts.push(answer);
		const inClear = await ask("POST", messagesOf(), {
			body: { message: control },
		});
		expect(inClear.status).toBe(201);
		texts.push(control);
	});

	test("are read by their client and by staff, who stand in the record for it", async () => {
		const bodies = ({ body }: { readonly body: Answer }) =>
			body.messages.map((message) => message.body);
		const path = `/tickets/${ticket.id}`;
		expect(bodies(await ask("GET", `/api/v2/support${path}`))).toEqual(texts);
		const key = demo.staffKey;
		expect(bodies(await ask("GET", `/api/desk${path}`, { key }))).toEqual(
			texts,
		);
		const { body } = await ask(
			"GET",
			`/api/desk/audit?subject=${ticket.id}&kind=ticket.read_by_staff`,
			{ key },
		);
		expect(body.data).toHaveLength(1);
	});

	test("are refused in many ways, which say nothing of them", async () => {
		const once = { "idempotency-key": '"canary"' };
		const foreign = { key: demo.clients.other.key };
		const reused = { headers: once, body: sealed(secret()) };
		const broken = `{"encrypted": true, "message": "${secret()}`;
		const large = sealed(`${secret()}${"x".repeat(1_100_000)}`);
		const refused: [number, Asked][] = [
			[404, { ...foreign, body: sealed(secret()) }],
			[401, { key: "pst_live_none", body: sealed(secret()) }],
			[422, reused],
			[400, { body: { message: [secret()], encrypted: true } }],
			[400, { body: { ...sealed("x"), [secret()]: secret() } }],
			[400, { body: broken }],
			[413, { body: large }],
			[415, { headers: { "content-type": "text/plain" }, body: secret() }],
		];
		for (const [status, asked] of refused)
			expect((await ask("POST", messagesOf(), asked)).status).toBe(status);
		const close = `/api/v2/support/tickets/${ticket.id}/actions/close`;
		expect((await ask("POST", close)).status).toBe(200);
		const closed = await ask("POST", messagesOf(), { body: sealed(secret()) });
		expect(closed).toMatchObject({ status: 409 });
		const open = close.replace("close", "reopen");
		expect((await ask("POST", open)).status).toBe(200);
	});

	test("break off when the database connection does, and that is logged without them", async () => {
		const database = await joinDatabase(server.dataDir);
		try {
			const { owner } = database;
			await owner.query("begin; lock table ticket_messages");
			const waiting = ask("POST", messagesOf(), { body: sealed(secret()) });
			const pid = await vi.waitUntil(() => waitingFor(owner), {
				timeout: 10_000,
				interval: 5,
			});
			process.kill(pid, "SIGTERM");
			await owner.query("rollback");
			expect([201, 503]).toContain((await waiting).status);
		} finally {
			await database.close();
		}
	});
});

describe("looking for them", () => {
	/** Which words are in these bytes, in whatever form they may have been written. */
	function found(bytes: Buffer, words: readonly string[]): string[] {
		return words.filter((word) =>
			formsOf(word).some((form) => bytes.includes(form)),
		);
	}

	function formsOf(word: string): Buffer[] {
		const plain = Buffer.from(word);
		const hex = plain.toString("hex");
		// In base64 a word looks different at each of three offsets; its ends depend on what is beside it.
		const base64 = [0, 1, 2].map((offset) =>
			Buffer.concat([Buffer.alloc(offset), plain])
				.toString("base64")
				.slice(4, -4),
		);
		const texts = [word, hex, hex.toUpperCase(), ...base64];
		return [
			...texts.map((text) => Buffer.from(text)),
			Buffer.from(word, "utf16le"),
		];
	}

	async function filesWith(words: readonly string[]): Promise<string[]> {
		const { dataDir } = server;
		const entries = await readdir(dataDir, {
			recursive: true,
			withFileTypes: true,
		});
		const hits: string[] = [];
		for (const entry of entries) {
			if (!entry.isFile()) continue;
			const path = join(entry.parentPath, entry.name);
			const bytes = await readFile(path).catch(
				(error: NodeJS.ErrnoException) => {
					// PostgreSQL has taken it away meanwhile.
					if (error.code === "ENOENT") return Buffer.alloc(0);
					throw error;
				},
			);
			if (found(bytes, words).length > 0) hits.push(relative(dataDir, path));
		}
		return hits;
	}

	/** Every value of every table as text, that of bytes in two ways. */
	async function dump({ owner }: Database): Promise<Buffer> {
		const { rows: tables } = await owner.query<{ name: string }>(
			"select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname not in ('pg_catalog', 'information_schema')",
		);
		const { rows: binary } = await owner.query<{ text: string }>(
			`select format('select encode(%I, ''escape'') as text from %I.%I', column_name, table_schema, table_name) as text
			 from information_schema.columns where data_type = 'bytea' and table_schema = 'public'`,
		);
		const statements = [
			...tables.map(({ name }) => `select t::text as text from ${name} t`),
			...binary.map(({ text }) => text),
		];
		expect(binary.length).toBeGreaterThan(0);
		const texts: string[] = [];
		for (const statement of statements) {
			const { rows } = await owner.query<{ text: string | null }>(statement);
			texts.push(...rows.map(({ text }) => text ?? ""));
		}
		return Buffer.from(texts.join("\n"));
	}

	test("finds none in a dump of every table, and finds what is in clear", async () => {
		const database = await joinDatabase(server.dataDir);
		try {
			const text = await dump(database);
			expect(found(text, [control])).toEqual([control]);
			expect(found(text, secrets)).toEqual([]);
		} finally {
			await database.close();
		}
	});

	test("finds none in a backup, in which the keys are not either", async () => {
		const { code } = await processes.run(["backup", backup], env);
		expect(code).toBe(0);
		const text = gunzipSync(await readFile(backup));
		expect(found(text, [control])).toEqual([control]);
		expect(found(text, secrets)).toEqual([]);
		const file = JSON.parse(
			await readFile(join(server.dataDir, "seal.keys"), "utf8"),
		);
		expect(file.keys.length).toBeGreaterThan(0);
		for (const { key } of file.keys) {
			const bytes = Buffer.from(key, "base64url");
			for (const form of [key, bytes.toString("hex"), bytes.toString("base64")])
				expect(text.includes(form)).toBe(false);
			expect(text.includes(bytes)).toBe(false);
		}
	});

	test("finds none in any file of the installation, tables and write-ahead log among them", async () => {
		const inClear = await filesWith([control]);
		expect(inClear.some((path) => path.includes("pg_wal"))).toBe(true);
		expect(await filesWith(secrets)).toEqual([]);
	});

	test("finds none in what the processes wrote, nor in the files after their end", async () => {
		const { code } = await server.stop();
		expect(code).toBe(0);
		const written = Buffer.from(server.written());
		expect(written.length).toBeGreaterThan(10_000);
		expect(found(written, [...secrets, control])).toEqual([]);
		const inClear = await filesWith([control]);
		expect(inClear.some((path) => path.includes("base"))).toBe(true);
		expect(await filesWith(secrets)).toEqual([]);
	});
});

describe("a backup put back elsewhere", () => {
	const elsewhere = { POSTERN_DATA_DIR: processes.newDataDir() };

	async function bodies(): Promise<unknown[]> {
		const other = await processes.serve(elsewhere);
		try {
			// The demo hands out new keys where its file is not.
			const { key } = (await readDemo(other.dataDir)).clients.trusted;
			const path = `/api/v2/support/tickets/${ticket.id}`;
			const { body } = await ask("GET", path, { key }, other);
			return body.messages
				.filter(({ encrypted }) => encrypted)
				.map((message) => message.body);
		} finally {
			await other.stop();
		}
	}

	test("has every message but the encrypted texts, and the doctor says what is missing", async () => {
		const restored = await processes.run(["restore", backup], elsewhere);
		expect(restored.code, restored.stderr).toBe(0);
		const without = await bodies();
		expect(without.length).toBeGreaterThan(3);
		expect(new Set(without)).toEqual(new Set([null]));
		const { code, stdout } = await processes.run(["doctor"], elsewhere);
		expect(code).toBe(1);
		expect(stdout).toMatch(
			/^FAIL {2}seals +\d messages are sealed with \d{4}-\d\d-[0-9a-f]{16}, and there is no file at .* Put the copy of it back\.$/m,
		);
	}, 120_000);

	test("has them again with the key file of then", async () => {
		const dataDir = elsewhere.POSTERN_DATA_DIR;
		await copyFile(
			join(server.dataDir, "seal.keys"),
			join(dataDir, "seal.keys"),
		);
		const again = await bodies();
		expect(again).not.toContain(null);
		expect(again).toContain(secrets[0]);
		const { stdout } = await processes.run(["doctor"], elsewhere);
		expect(stdout).toMatch(/^ok {4}seals +1 key in /m);
	}, 120_000);
});

describe("the commands", () => {
	const month = monthOf(new Date());
	const before = monthsAfter(month, -1);
	const path = join(env.POSTERN_DATA_DIR, "seal.keys");

	const seal = (...words: string[]) => processes.run(["seal", ...words], env);

	test("make keys and destroy those of earlier months, on record, and never the current one's", async () => {
		const rotated = await seal("rotate");
		expect(rotated).toMatchObject({ code: 0, stderr: "" });
		expect(rotated.stdout).toMatch(
			new RegExp(`^Made ${month}-[0-9a-f]{16}\\.\nKeep a copy of `),
		);
		const ahead = await seal("rotate", "--ahead", "2");
		expect(ahead.stdout.match(/^Made /gm)).toHaveLength(2);
		await changeKeyFile(path, (keys) =>
			withKey(keys, makeKey(before, new Date())),
		);
		const foreseen = await seal("shred", "--before", month);
		expect(foreseen.stdout).toBe(
			`Would destroy 1 key of ${before}, and with them 0 messages.\nNothing has changed. Run it again with --yes.\n`,
		);
		const held = await readFile(path, "utf8");
		const done = await seal("shred", "--before", month, "--yes");
		expect(done.stdout).toMatch(/^Destroyed 1 key of /);
		expect(await readFile(path, "utf8")).not.toBe(held);
		expect(await readFile(path, "utf8")).not.toContain(`"${before}-`);
		const refused = await seal(
			"shred",
			"--before",
			monthsAfter(month, 1),
			"--yes",
		);
		expect(refused).toMatchObject({
			code: 1,
			stderr: `postern: The keys of ${month} are in use and cannot be destroyed. Give --before ${month}, or an earlier month.\n`,
		});
		const database = await joinDatabase(env.POSTERN_DATA_DIR);
		try {
			const { rows } = await database.owner.query(
				"select kind from audit where kind like 'seal.%' order by at, kind",
			);
			expect(rows.map(({ kind }) => kind)).toEqual([
				"seal.keys_made",
				"seal.keys_made",
				"seal.keys_destroyed",
			]);
		} finally {
			await database.close();
		}
	}, 120_000);
});

test("a start refuses a key file that others may read, or that was cut short, and leaves it as it is", async () => {
	const path = join(env.POSTERN_DATA_DIR, "seal.keys");
	await chmod(path, 0o644);
	const open = await processes.run(["serve"], env);
	expect(open).toMatchObject({ code: 1 });
	expect(open.stderr).toContain(
		`postern: The seal keys ${path} have the mode 0644 and are open to others. Run: chmod 0640 ${path}\n`,
	);
	await chmod(path, 0o600);
	const whole = await readFile(path);
	await truncate(path, Math.floor(whole.length / 2));
	const cut = await processes.run(["serve"], env);
	expect(cut).toMatchObject({ code: 1 });
	expect(cut.stderr).toContain(
		`postern: ${path} is not a whole file of seal keys. Put back a copy of the one that belongs to this installation.\n`,
	);
	expect((await readFile(path)).length).toBe(Math.floor(whole.length / 2));
});
