import { describe, expect, test } from "vitest";
import { useDatabase } from "../../test/db.ts";
import type { CustomerActor } from "../kernel/actor.ts";
import { createPool } from "./db.ts";
import type { Question, Verb } from "./perform.ts";
import { createSharedLines } from "./shared-lines.ts";
import { type Sql, sql } from "./sql.ts";

const db = useDatabase();
const actor: CustomerActor = {
	kind: "customer",
	clientId: `client_${"1".repeat(26)}`,
	keyId: `key_${"1".repeat(26)}`,
	scopes: ["write:all"],
};

interface Answered {
	readonly n: number;
	/** Of the connection's process in the database. */
	readonly pid: number;
}

/** Takes so many seconds. */
async function ask(lines: Sql, n: number, seconds = 0): Promise<Answered> {
	const row = await lines.first(sql<Answered>`
		select ${n}::integer as n, pg_backend_pid() as pid from pg_sleep(${seconds})`);
	return row ?? { n: -1, pid: -1 };
}

function askMany(
	lines: Sql,
	count: number,
	seconds?: number,
): Promise<Answered[]> {
	return Promise.all(
		Array.from({ length: count }, (_, n) => ask(lines, n, seconds)),
	);
}

function pidsOf(answers: readonly Answered[]): Set<number> {
	return new Set(answers.map(({ pid }) => pid));
}

/** Lines on a pool of their own, with a clock that stands still until it is set. */
function given(connections: number) {
	const pool = db.openPool(connections);
	const clock = { ms: 0 };
	return { pool, clock, lines: createSharedLines(pool, () => clock.ms) };
}

/** When the database is at work on so many naps. */
async function napping(count: number): Promise<number[]> {
	for (;;) {
		const rows = await db.sql.rows(sql<{ pid: number }>`
			select pid from pg_stat_activity where wait_event = 'PgSleep' and datname = current_database()`);
		if (rows.length >= count) return rows.map(({ pid }) => pid);
	}
}

describe("questions that come together", () => {
	test("share two connections, each gets its own answer, and the connections are given back", async () => {
		const { pool, lines } = given(10);
		for (let round = 0; round < 3; round += 1) {
			const answers = await askMany(lines, 100, 0.001);
			expect(answers.map(({ n }) => n)).toEqual(
				Array.from({ length: 100 }, (_, n) => n),
			);
			expect(pidsOf(answers).size).toBe(2);
			expect([pool.idleCount, pool.totalCount]).toEqual([2, 2]);
		}
	});

	test("fail alone, and their connection is not used again", async () => {
		const { pool, lines } = given(10);
		const results = await Promise.allSettled(
			Array.from({ length: 20 }, (_, n) =>
				n % 5 === 3
					? lines.first(sql`select 1 / (${n}::integer - ${n}::integer)`)
					: ask(lines, n),
			),
		);
		expect(
			results.flatMap(({ status }, n) => (status === "rejected" ? [n] : [])),
		).toEqual([3, 8, 13, 18]);
		const failed = pidsOf(
			results.flatMap((one) =>
				one.status === "fulfilled" ? [one.value as Answered] : [],
			),
		);
		for (const pid of pidsOf(await askMany(lines, 20)))
			expect(failed).not.toContain(pid);
		expect(pool.idleCount).toBe(pool.totalCount);
	});

	test("leave a connection to those who write, also when they never stop coming", async () => {
		const { pool } = given(2);
		const performer = db.performerWith({ pool });
		const where: Question<null, number> = {
			name: "where",
			answer: async (view) => (await ask(view, 0)).pid,
		};
		const touch: Verb<null, number> = {
			name: "touch",
			run: async (tx) => (await ask(tx, 0)).pid,
		};
		const done = new AbortController();
		let answered = 0;
		const asking = Array.from({ length: 8 }, async () => {
			while (!done.signal.aborted) {
				await performer.ask(actor, where, null);
				answered += 1;
			}
		});
		for (let i = 0; i < 20; i += 1) {
			const before = answered;
			await performer.perform(actor, touch, null);
			while (answered === before) await performer.ask(actor, where, null);
		}
		done.abort();
		await Promise.all(asking);
		expect([pool.totalCount, pool.idleCount]).toEqual([2, 2]);
	});
});

describe("a question that takes long", () => {
	test("is passed by those that come when its line has not moved for a while", async () => {
		const { clock, lines } = given(10);
		let isPassed = false;
		const slow = [0, 1].map(async (n) => {
			await ask(lines, n, 5);
			expect(isPassed).toBe(true);
		});
		const held = await napping(2);
		// Behind the two while they might be about to answer …
		const behind = ask(lines, 2);
		// … and past them when they are not.
		clock.ms = 50;
		const past = await askMany(lines, 10);
		isPassed = true;
		expect(past.some(({ pid }) => held.includes(pid))).toBe(false);
		await Promise.all(slow);
		expect(held).toContain((await behind).pid);
		// They are the same two lines as before when they move again.
		expect(pidsOf(await askMany(lines, 40)).size).toBe(2);
	});

	test("is asked on a connection of its own when it says so", async () => {
		const { pool } = given(10);
		const performer = db.performerWith({ pool });
		const nap: Question<number, Answered> = {
			name: "nap",
			takesLong: (seconds) => seconds > 0,
			answer: (view, seconds) => ask(view, 0, seconds),
		};
		const slow = Array.from({ length: 4 }, () =>
			performer.ask(actor, nap, 600).catch(() => undefined),
		);
		const held = await napping(4);
		const quick = await Promise.all(
			Array.from({ length: 40 }, () => performer.ask(actor, nap, 0)),
		);
		expect(quick.some(({ pid }) => held.includes(pid))).toBe(false);
		expect(new Set(held).size).toBe(4);
		for (const pid of held)
			await db.sql.run(sql`select pg_cancel_backend(${pid})`);
		await Promise.all(slow);
	});
});

describe("a connection that is lost", () => {
	test("fails the question that was being answered; those behind it are asked again", async () => {
		const { pool, lines } = given(3);
		const slow = [0, 1].map((n) => ask(lines, n, 30));
		const failed = Promise.allSettled(slow);
		const held = await napping(2);
		const behind = askMany(lines, 20);
		for (const pid of held)
			await db.sql.run(sql`select pg_terminate_backend(${pid})`);
		expect((await behind).map(({ n }) => n)).toEqual(
			Array.from({ length: 20 }, (_, n) => n),
		);
		for (const { status } of await failed) expect(status).toBe("rejected");
		expect(pidsOf(await askMany(lines, 5)).size).toBeLessThanOrEqual(2);
		expect(pool.idleCount).toBe(pool.totalCount);
	});

	test("makes room at once for those who are asked again", async () => {
		const { pool, lines } = given(2);
		const slow = ask(lines, 0, 30).catch(() => "failed");
		const [held] = await napping(1);
		const other = await pool.connect();
		const behind = askMany(lines, 20);
		await db.sql.run(sql`select pg_terminate_backend(${held})`);
		expect(pidsOf(await behind)).not.toContain(held);
		expect(await slow).toBe("failed");
		other.release();
	});

	test("that cannot be had at all fails each with the reason, and the next may have one", async () => {
		const nowhere = createPool(
			{ ...db.target, host: "/nonexistent" },
			{ max: 3, onError: () => {} },
		);
		const lines = createSharedLines(nowhere);
		const results = await Promise.allSettled(
			Array.from({ length: 5 }, (_, n) => ask(lines, n)),
		);
		for (const result of results)
			expect(result).toMatchObject({
				status: "rejected",
				reason: { code: "ENOENT" },
			});
		await expect(ask(lines, 6)).rejects.toThrow(/ENOENT/);
		await nowhere.end();
	});
});
