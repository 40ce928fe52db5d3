import { randomInt } from "node:crypto";
import type pg from "pg";
import { afterEach, describe, expect, test } from "vitest";
import { useDatabase } from "../../test/db.ts";
import { connect } from "./db.ts";
import { createPlaces, type Place, processLocks } from "./places.ts";
import { sql } from "./sql.ts";
import { startWaking } from "./waking.ts";

const db = useDatabase();
const clients: pg.Client[] = [];
let keys = 0;

afterEach(async () => {
	await Promise.all(clients.splice(0).map((client) => client.end()));
});

/** What a process has: a number that it holds a lock on, and its places. */
async function process() {
	const number = randomInt(2 ** 31);
	const client = await connect(db.target);
	clients.push(client);
	await client.query("select pg_advisory_lock($1, $2)", [processLocks, number]);
	const places = createPlaces({ db: db.sql, number });
	return {
		...places,
		async die() {
			await client
				.query("select pg_terminate_backend(pg_backend_pid())")
				.catch(() => {});
		},
	};
}

function newKey(): string {
	keys += 1;
	return `key_${keys}`;
}

async function takenOf(key: string): Promise<number> {
	const rows = await db.sql.rows(
		sql`select 1 from open_streams where key_id = ${key}`,
	);
	return rows.length;
}

describe("the places of a key", () => {
	test("are counted over all processes, and a freed one can be taken by another", async () => {
		const [one, two] = [await process(), await process()];
		const key = newKey();
		const first = await one.take(key, 2);
		expect(first).toBeDefined();
		expect(await two.take(key, 2)).toBeDefined();
		expect(await one.take(key, 2)).toBeUndefined();
		expect(await two.take(key, 2)).toBeUndefined();
		expect(await two.take(newKey(), 2), "another key's").toBeDefined();
		first?.free();
		const next = await one.take(key, 2);
		expect(next, "by the one who has just freed it").toBeDefined();
		next?.free();
		await one.settle();
		expect(await two.take(key, 2)).toBeDefined();
		expect(await one.take(key, 2)).toBeUndefined();
	});

	test("are never given twice, however many want one at once", async () => {
		const all = [await process(), await process()];
		const key = newKey();
		const taken = await Promise.all(
			Array.from({ length: 40 }, (_, i) => all[i % 2]?.take(key, 5)),
		);
		expect(taken.filter((place) => place !== undefined)).toHaveLength(5);
		expect(await takenOf(key)).toBe(5);
	});

	test("of a process that has died are free at once", async () => {
		const [one, two] = [await process(), await process()];
		const key = newKey();
		for (let i = 0; i < 5; i += 1) await one.take(key, 5);
		expect(await two.take(key, 5)).toBeUndefined();
		await one.die();
		// The database lets go of the lock a moment after it has said goodbye.
		await expect.poll(() => two.take(key, 5)).toBeDefined();
		const all = await Promise.all(
			Array.from({ length: 8 }, () => two.take(key, 5)),
		);
		expect(all.filter((place) => place !== undefined)).toHaveLength(4);
	});

	test("are freed together, and are freed later when the database was away", async () => {
		const one = await process();
		const [key, other] = [newKey(), newKey()];
		const taken: (Place | undefined)[] = [];
		for (let i = 0; i < 5; i += 1) taken.push(await one.take(key, 5));
		await one.take(other, 5);
		await db.ownerSql.run(sql`alter table open_streams rename to hidden`);
		for (const place of taken) place?.free();
		await one.settle();
		await db.ownerSql.run(sql`alter table hidden rename to open_streams`);
		await expect.poll(() => takenOf(key), { timeout: 15_000 }).toBe(0);
		expect(await takenOf(other)).toBe(1);
	});
});

test("a process that listens holds the lock of its number, also after its connection was lost", async () => {
	const number = randomInt(2 ** 31);
	const waking = startWaking({
		target: db.target,
		number,
		onTopic: () => {},
		onError: () => {},
	});
	const holder = async () => {
		const found = await db.sql.first(sql<{ pid: number }>`
			select pid from pg_locks where locktype = 'advisory' and classid = ${processLocks} and objid = ${number}`);
		return found?.pid;
	};
	await expect.poll(holder).toBeGreaterThan(0);
	const first = await holder();
	await db.sql.run(sql`select pg_terminate_backend(${first})`);
	await expect
		.poll(async () => ![undefined, first].includes(await holder()), {
			timeout: 15_000,
		})
		.toBe(true);
	await waking.stop();
});
