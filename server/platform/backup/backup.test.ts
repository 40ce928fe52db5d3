import { createHash } from "node:crypto";
import {
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { gunzipSync, gzipSync } from "node:zlib";
import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { useBlankDatabases } from "../../../test/blank-database.ts";
import { testNow, useDatabase } from "../../../test/db.ts";
import { createWorld } from "../../../test/world.ts";
import { rejectRequest } from "../../domain/port25/reject-request.ts";
import { requestPort25 } from "../../domain/port25/request-port25.ts";
import { connect } from "../db.ts";
import { type Migration, readMigrations } from "../migrate.ts";
import { openBackup } from "./backup-file.ts";
import { readSequences, readTables } from "./catalogue.ts";
import { loadBackup, migrationsOf } from "./load-backup.ts";
import { writeBackup } from "./write-backup.ts";

const db = useDatabase();
const world = createWorld(() => db.performer);
const openBlank = useBlankDatabases();
const folder = mkdtempSync(join(tmpdir(), "postern-backup-"));
afterAll(() => rmSync(folder, { recursive: true }));

let owner: pg.Client;
beforeAll(async () => {
	owner = await connect(db.ownerTarget);
});
afterAll(() => owner.end());

const path = join(folder, "one.backup");

function write(where = path) {
	return writeBackup(owner, { path: where, version: "9.8.7", now: testNow });
}

/** Every row of every table as text, generated columns included; without what is bound to the cluster. */
async function contentOf(client: pg.ClientBase) {
	const content: Record<string, string[]> = {};
	for (const { name } of await readTables(client)) {
		const { rows } = await client.query<{ row: string }>(
			`select (to_jsonb(t) - 'transaction')::text as row from ${name} t order by 1`,
		);
		content[name] = rows.map(({ row }) => row);
	}
	return content;
}

/** Requests in several states, with everything that follows from them, and texts that are hard to carry. */
async function populate(): Promise<void> {
	await world.begin();
	const reviewer = await world.addReviewer();
	for (const standing of ["trusted", "prepaid", "prepaid"] as const) {
		const client = await world.addClient(standing);
		const vps = await client.addVps();
		const { id, state } = await db.performer.perform(
			client.actor,
			requestPort25,
			{
				vps: { id: vps.id },
				reason: "Quote \" and ' and \\, \u2028, tab\t, newline\n, 🗝, {}, NULL.",
				requirement: "enforced",
			},
		);
		if (state === "pending" && client.legacyId % 2 === 0)
			await db.performer.perform(reviewer, rejectRequest, {
				id,
				reason: "",
			});
	}
	await owner.query(`
		insert into jobs (kind, payload, run_at, created_at, dead_at, last_error)
		values ('odd', 'null', now(), now(), now(), ''), ('odd', '{"a": [1.10, "\\u2028"]}', now(), now(), null, 'null');
		insert into api_keys (id, client_id, name, hash, last_four, is_test, scopes, created_at)
		select 'key_01hxa3b4c5d6e7f8g9h0j1k2m3', id, '"', 'x', 'abcd', false, array['read:all', '', 'a,"b\\{}', 'NULL'], now()
		from clients limit 1;
		insert into rate_windows values ('key', now(), 1);
	`);
}

describe("a backup", () => {
	beforeAll(async () => {
		await populate();
		await write();
	});

	test("brings back every row of every table, and where the sequences stand", async () => {
		const blank = await openBlank();
		const backup = await openBackup(path);
		const rows = await loadBackup(blank.client, backup, await readMigrations());
		const [before, after] = [
			await contentOf(owner),
			await contentOf(blank.client),
		];
		expect(Object.keys(after).length).toBeGreaterThan(15);
		expect(after).toEqual(before);
		expect(rows).toBe(Object.values(before).flat().length);
		expect(before["port25_requests"]).toHaveLength(3);
		expect(await readSequences(blank.client)).toEqual(
			await readSequences(owner),
		);
	});

	test("leaves out what may be forgotten: the running windows of the rate limits", async () => {
		const names = (await readTables(owner)).map(({ name }) => name);
		expect(names).not.toContain("rate_windows");
		expect(names).toContain("idempotency_keys");
	});

	test("gives loaded events a transaction of their new cluster, so that no reader waits for them", async () => {
		const blank = await openBlank();
		await owner.query("update events set transaction = '9000000000'");
		await write(join(folder, "future.backup"));
		const backup = await openBackup(join(folder, "future.backup"));
		await loadBackup(blank.client, backup, await readMigrations());
		const { rows } = await blank.client.query(
			"select count(*)::int as waiting from events where transaction > pg_current_xact_id()",
		);
		expect(rows).toEqual([{ waiting: 0 }]);
	});

	test("is one moment, whatever is written meanwhile", async () => {
		const other = await connect(db.ownerTarget);
		try {
			const before = await contentOf(owner);
			const done = new AbortController();
			const writing = (async () => {
				for (let i = 0; !done.signal.aborted; i += 1)
					await other.query(
						"insert into identity_proofs (client_id, method, verified_at) select id, 'staff', to_timestamp($1) from clients limit 1",
						[i],
					);
			})();
			const { header } = await write(join(folder, "busy.backup"));
			done.abort();
			await writing;
			await owner.query("delete from identity_proofs where method = 'staff'");
			const blank = await openBlank();
			const backup = await openBackup(join(folder, "busy.backup"));
			await loadBackup(blank.client, backup, await readMigrations());
			const { identity_proofs: proofs = [], ...rest } = await contentOf(
				blank.client,
			);
			expect(proofs.length).toBe(
				header.tables.find(({ name }) => name === "identity_proofs")?.rows,
			);
			const { identity_proofs: _, ...restBefore } = before;
			expect(rest).toEqual(restBefore);
		} finally {
			await other.end();
		}
	});

	test("is for its owner's eyes, whole or not there, and readable with zcat", async () => {
		expect(statSync(path).mode & 0o777).toBe(0o600);
		expect(readdirSync(folder).filter((name) => name.startsWith("."))).toEqual(
			[],
		);
		const lines = gunzipSync(readFileSync(path)).toString().split("\n");
		expect(JSON.parse(lines[0] ?? "")).toMatchObject({
			format: "postern-backup",
			postern: "9.8.7",
			createdAt: testNow.toISOString(),
			extras: [],
		});
		await expect(write(join(folder, "nowhere", "x"))).rejects.toThrow(
			"its folder is not there",
		);
		await expect(write(folder)).rejects.toThrow("cannot be written (EISDIR)");
	});

	test("of an older version migrates forward after its rows are in", async () => {
		const later = migration(
			"9998-later.sql",
			"alter table clients add column nick text; update clients set nick = name; alter table clients alter column nick set not null;",
		);
		const blank = await openBlank();
		const all = [...(await readMigrations()), later];
		await loadBackup(blank.client, await openBackup(path), all);
		const { rows } = await blank.client.query(
			"select count(*)::int as count from clients where nick = name",
		);
		expect(rows).toEqual([{ count: 3 }]);
		const { rows: ran } = await blank.client.query(
			"select name from migrations order by name",
		);
		expect(ran.map(({ name }) => name)).toEqual(all.map(({ name }) => name));
	});
});

function migration(name: string, sql: string): Migration {
	const text = `-- online: for a test\n${sql}`;
	const digest = createHash("sha256").update(text).digest("hex");
	return { name, text, digest, online: true };
}

describe("a file that is no whole backup of this version is refused in one line", () => {
	const bad = join(folder, "bad.backup");
	const whole = () => readFileSync(path);

	async function refusal(bytes: Uint8Array): Promise<string> {
		writeFileSync(bad, bytes);
		const error = await openBackup(bad).then(
			() => undefined,
			(reason: unknown) => reason,
		);
		expect(error).toMatchObject({ name: "StartFailure" });
		const { message } = error as Error;
		expect(message).not.toContain("\n");
		return message.replace(`${bad} `, "");
	}

	test("an empty one", async () => {
		expect(await refusal(Buffer.alloc(0))).toMatch(/^is empty/);
	});

	test.each([
		["a text", Buffer.from("postern-backup\n")],
		["a dump of another program", Buffer.from("PGDMP\x01\x0e")],
		["another gzip", gzipSync("hello")],
		["another gzip with JSON", gzipSync('{"format":"other"}\n')],
		["one without a line break", gzipSync(Buffer.alloc(300_000_000))],
		["zeros", Buffer.alloc(100_000)],
	])("a foreign one: %s", async (_, bytes) => {
		expect(await refusal(bytes)).toMatch(/^is not a backup of Postern/);
	});

	test("one that was cut short, wherever", async () => {
		const bytes = whole();
		for (const length of [1, 30, 500, bytes.length >> 1, bytes.length - 1])
			expect(await refusal(bytes.subarray(0, length))).toMatch(
				/^is (not a backup of Postern, or only a piece|cut short)/,
			);
	});

	test("one in which any bit was flipped", async () => {
		const bytes = whole();
		// Every byte of the head and of the seal, and every so many in between.
		for (let at = 0; at < bytes.length; at += at < 40 ? 1 : 97) {
			for (const place of [at, bytes.length - 1 - at]) {
				const flipped = Buffer.from(bytes);
				flipped[place] = (flipped[place] ?? 0) ^ (1 << (at % 8));
				await refusal(flipped);
			}
		}
	});

	test("one with something behind its end", async () => {
		expect(await refusal(Buffer.concat([whole(), Buffer.from("x")]))).toMatch(
			/^is cut short or was changed/,
		);
	});

	test("one that is not there, and a folder", async () => {
		await expect(openBackup(join(folder, "none"))).rejects.toThrow(
			"is not there",
		);
		await expect(openBackup(folder)).rejects.toThrow("is not a file");
	});

	test("one of a database that a newer version had migrated", async () => {
		const all = await readMigrations();
		const later = migration("9999-later.sql", "create table later (a int);");
		const blank = await openBlank();
		await loadBackup(blank.client, await openBackup(path), [...all, later]);
		const newer = join(folder, "newer.backup");
		await writeBackup(blank.client, {
			path: newer,
			version: "99.0.0",
			now: testNow,
		});
		const backup = await openBackup(newer);
		expect(() => migrationsOf(backup, all)).toThrow(
			`${newer} was made by a newer Postern (99.0.0). Restore it with that version.`,
		);
		const changed = [...all, { ...later, digest: "another" }];
		expect(() => migrationsOf(backup, changed)).toThrow(
			"another form of the migration 9999-later.sql",
		);
	});

	test("one of a newer format", async () => {
		const lines = gunzipSync(whole()).toString().split("\n");
		const header = { ...JSON.parse(lines[0] ?? ""), formatVersion: 2 };
		const content = gzipSync(`${JSON.stringify(header)}\n`);
		const digest = createHash("sha256").update(content).digest("hex");
		const seal = whole().subarray(-sealLength(whole()));
		const forged = Buffer.concat([content, resealed(seal, digest)]);
		expect(await refusal(forged)).toMatch(/^was made by a newer Postern/);
	});
});

/** The seal is the last gzip member; the tests know it only by what it decompresses to. */
function sealLength(bytes: Buffer): number {
	return bytes.length - bytes.lastIndexOf(Buffer.from([0x1f, 0x8b, 8, 0]));
}

function resealed(seal: Buffer, digest: string): Buffer {
	const text = `${JSON.stringify({ sha256: digest })}\n`;
	expect(gunzipSync(seal).length).toBe(text.length);
	const made = Buffer.from(seal);
	made.write(text, seal.length - 8 - text.length);
	const tail = gzipSync(text, { level: 0 }).subarray(-8);
	tail.copy(made, seal.length - 8);
	return made;
}

test("a database of fifty megabytes passes through in bounded memory", async () => {
	const rows = 50_000;
	const blank = await openBlank();
	await owner.query(
		`insert into events (kind, subject, data, at)
		 select 'client.saved', 'client_' || i, jsonb_build_object('text', repeat(md5(i::text), 32)), now()
		 from generate_series(1, $1::int) i`,
		[rows],
	);
	const big = join(folder, "big.backup");
	const watch = watchMemory();
	const started = performance.now();
	const { sizeBytes } = await write(big);
	const written = performance.now();
	await loadBackup(blank.client, await openBackup(big), await readMigrations());
	const loaded = performance.now();
	const grownMib = watch.stop();
	const rate = (ms: number) => Math.round(rows / (ms / 1000));
	process.stdout.write(
		`backup: ${rate(written - started)} rows/s out, ${rate(loaded - written)} rows/s in, ${Math.round(sizeBytes / 2 ** 20)} MiB file, memory grew by ${grownMib} MiB\n`,
	);
	expect(grownMib).toBeLessThan(40);
	const { rows: same } = await blank.client.query(
		"select count(*)::int as count, sum(length(data ->> 'text'))::bigint as size from events where subject like 'client\\_%' and data ? 'text'",
	);
	expect(same).toEqual([{ count: rows, size: rows * 1024 }]);
	await owner.query("delete from events where data ? 'text'");
});

/** The most that this process still held after a collection, over what it held at the start, in MiB. */
function watchMemory() {
	setFlagsFromString("--expose-gc");
	const collect: () => void = runInNewContext("gc");
	const held = () => {
		collect();
		const { heapUsed, external } = process.memoryUsage();
		return heapUsed + external;
	};
	const before = held();
	let most = before;
	const timer = setInterval(() => {
		most = Math.max(most, held());
	}, 100);
	return {
		stop() {
			clearInterval(timer);
			return Math.round((most - before) / 2 ** 20);
		},
	};
}
