import { utimesSync, writeFileSync } from "node:fs";
import { mkdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { useDatabase } from "../../test/db.ts";
import { form, useUploads } from "../../test/upload-stage.ts";
import { newFileKey } from "../kernel/file-key.ts";
import { sql } from "../platform/sql.ts";
import { checkFiles } from "./attachments.ts";

const db = useDatabase();
const stage = useUploads(db);
const { files, receive, rows, stored, openTicket, reply } = stage;

const pathOf = (key: string) => join(files.folder, key);

async function check(change: { isReading?: boolean; sweepBefore?: Date } = {}) {
	const bad: string[] = [];
	const found = await checkFiles({
		db: db.sql,
		storage: files.storage,
		isReading: change.isReading ?? false,
		sweepBefore: change.sweepBefore,
		onBad: ({ id }, why) => bad.push(`${id} ${why}`),
	});
	return { ...found, named: bad };
}

/** A file of the form of ours that no row knows, as old as that. */
async function orphan(at: Date): Promise<string> {
	const key = newFileKey();
	await mkdir(dirname(pathOf(key)), { recursive: true });
	writeFileSync(pathOf(key), "of nobody");
	utimesSync(pathOf(key), at, at);
	return key;
}

beforeEach(async () => {
	await db.ownerSql.run(sql`truncate attachments, uploads`);
	await rm(files.folder, { recursive: true, force: true });
});

describe("files and rows", () => {
	test("agree after uploads and replies", async () => {
		const ticket = await openTicket();
		await reply(ticket, [await receive(form("a")), await receive(form("b"))]);
		await receive(form("c"));
		for (const isReading of [false, true])
			expect(await check({ isReading })).toEqual({
				whole: 3,
				bad: 0,
				orphans: 0,
				swept: 0,
				named: [],
			});
	});

	test("are compared in any number", async () => {
		for (let i = 0; i < 3; i += 1) await orphan(new Date(0));
		await db.ownerSql.run(sql`
				insert into uploads (id, owner_id, state, file_key, filename, content_type, byte_length, sha256, created_at, expires_at)
				select 'satt_' || lpad(i::text, 26, '0'), ${stage.client.id}, 'ready', left(h, 2) || '/' || h, 'a.txt', 'text/plain', 1, repeat('0', 64), now(), now()
				from (select i, md5(i::text) as h from generate_series(1, 1200) i) s`);
		expect(await check()).toMatchObject({ whole: 0, bad: 1200, orphans: 3 });
	});

	test("that do not agree are named: missing, of another length, of another content", async () => {
		const [a, b, c] = [
			await receive(form("aaaa")),
			await receive(form("bbbb")),
			await receive(form("cccc")),
		];
		const keys = new Map(
			(await rows()).map(({ id, fileKey }) => [id, fileKey]),
		);
		await rm(pathOf(keys.get(a.id)!));
		writeFileSync(pathOf(keys.get(b.id)!), "bb");
		writeFileSync(pathOf(keys.get(c.id)!), "cccX");
		expect(await check()).toMatchObject({ whole: 1, bad: 2 });
		const { named } = await check({ isReading: true });
		expect(new Set(named)).toEqual(
			new Set([
				`${a.id} missing`,
				`${b.id} damaged: another length`,
				`${c.id} damaged: another content`,
			]),
		);
	});

	test("that no row knows are counted, and deleted only when they are old and that is asked for", async () => {
		await receive(form("a"));
		const [old, fresh] = [
			await orphan(new Date("2026-01-01")),
			await orphan(new Date("2026-11-20")),
		];
		expect(await check()).toMatchObject({ whole: 1, orphans: 2, swept: 0 });
		const sweepBefore = new Date("2026-06-01");
		expect(await check({ sweepBefore })).toMatchObject({
			orphans: 2,
			swept: 1,
		});
		expect(await stored()).toContain(fresh);
		expect(await stored()).not.toContain(old);
	});
});
