import { beforeEach, describe, expect, test } from "vitest";
import { testNow, useDatabase } from "../../test/db.ts";
import { sqlOn } from "./db.ts";
import {
	type Bucket,
	createRateLimit,
	type RateLimit,
	type RateResult,
	rateRefusal,
	sweepRateWindows,
} from "./rate-limit.ts";
import { type Sql, sql } from "./sql.ts";

const db = useDatabase();
const minuteMs = 60_000;

beforeEach(async () => {
	await db.ownerSql.run(sql`delete from rate_windows`);
});

/** A rate limit as another process has it, on connections of its own, with its round trips counted. */
interface Process {
	readonly limit: RateLimit;
	readonly errors: unknown[];
	trips: number;
}

function startProcess(options: { connections?: number } = {}): Process {
	const inner = sqlOn(db.openPool(options.connections ?? 2));
	const process: Process = {
		limit: createRateLimit({
			db: counted(inner, () => {
				process.trips += 1;
			}),
			onError: (error) => process.errors.push(error),
		}),
		errors: [],
		trips: 0,
	};
	return process;
}

function counted(inner: Sql, onTrip: () => void): Sql {
	return {
		...inner,
		rows(statement) {
			onTrip();
			return inner.rows(statement);
		},
	};
}

function passed(results: readonly RateResult[]): number {
	return results.filter((result) => result.isAllowed).length;
}

function at(ms: number): Date {
	return new Date(testNow.getTime() + ms);
}

const key: Bucket = { name: "key key_1", limit: 120 };
const client: Bucket = { name: "client client_1", limit: 600 };

describe("a rate limit", () => {
	test("lets the limit through and no more, and counts down to it", async () => {
		const { limit } = startProcess();
		const results: RateResult[] = [];
		for (let i = 0; i < 130; i += 1)
			results.push(await limit.take([key], at(0)));
		expect(passed(results)).toBe(120);
		expect(results.slice(0, 3).map((result) => result.remaining)).toEqual([
			119, 118, 117,
		]);
		expect(results.at(-1)).toEqual({
			isAllowed: false,
			bucket: key.name,
			limit: 120,
			remaining: 0,
			resetAt: new Date("2026-11-20T10:01:00.000Z"),
			resetAfterS: 60,
		});
	});

	test("starts over with the next window, and says when that is", async () => {
		const { limit } = startProcess();
		const one: Bucket = { name: "key key_2", limit: 1 };
		expect(await limit.take([one], at(500))).toMatchObject({
			isAllowed: true,
			resetAfterS: 60,
		});
		const refused = await limit.take([one], at(59_999));
		expect(refused).toMatchObject({ isAllowed: false, resetAfterS: 1 });
		expect(rateRefusal(refused)).toMatchObject({
			code: "rate.exceeded",
			retryAt: at(minuteMs),
		});
		expect((await limit.take([one], at(minuteMs))).isAllowed).toBe(true);
	});

	test("counts a request in the window in which it arrived, also when a later one was faster", async () => {
		const { limit } = startProcess();
		const one: Bucket = { name: "key key_3", limit: 1 };
		expect((await limit.take([one], at(minuteMs))).isAllowed).toBe(true);
		expect((await limit.take([one], at(minuteMs - 1))).isAllowed).toBe(true);
		expect((await limit.take([one], at(minuteMs + 1))).isAllowed).toBe(false);
		expect((await limit.take([one], at(minuteMs - 1))).isAllowed).toBe(false);
	});

	test("names the bucket that tells: the exhausted one, else the one with the least left", async () => {
		const { limit } = startProcess();
		const two: Bucket = { name: "client client_1 replies", limit: 2 };
		const many: Bucket = { name: "key key_5", limit: 120 };
		const results = [];
		for (let i = 0; i < 3; i += 1)
			results.push(await limit.take([many, two], at(0)));
		expect(results.map(({ isAllowed, bucket }) => [isAllowed, bucket])).toEqual(
			[
				[true, two.name],
				[true, two.name],
				[false, two.name],
			],
		);
		expect(rateRefusal(results[2]!, "rate.route_exceeded").title).toBe(
			"Rate limit exceeded",
		);
	});

	test("asks the database nothing more once it is exhausted", async () => {
		const process = startProcess();
		const one: Bucket = { name: "key key_4", limit: 1 };
		await process.limit.take([one], at(0));
		const { trips } = process;
		for (let i = 0; i < 1_000; i += 1) await process.limit.take([one], at(i));
		expect(process.trips).toBe(trips);
	});

	test("is asked for once by requests that come together", async () => {
		const process = startProcess();
		const results = await Promise.all(
			Array.from({ length: 64 }, () =>
				process.limit.take([key, client], at(0)),
			),
		);
		expect(passed(results)).toBe(64);
		// One for the first, and a few for all who had to wait; while both buckets are empty, one statement fills both.
		expect(process.trips).toBeLessThanOrEqual(6);
	});

	test("tells of the bucket with the least left", async () => {
		const { limit } = startProcess();
		expect(await limit.take([key, client], at(0))).toMatchObject({
			limit: 120,
			remaining: 119,
		});
		const narrow: Bucket = { name: "client client_2", limit: 10 };
		expect(await limit.take([key, narrow], at(0))).toMatchObject({
			limit: 10,
			remaining: 9,
		});
	});

	test("takes nothing from one bucket when another refuses", async () => {
		const { limit } = startProcess();
		const spent: Bucket = { name: "key key_5", limit: 5 };
		for (let i = 0; i < 50; i += 1) await limit.take([spent, client], at(0));
		const { remaining } = await limit.take([client], at(0));
		expect(remaining).toBe(600 - 5 - 1);
	});

	test("refuses for want of the database rather than letting through, and recovers", async () => {
		const process = startProcess();
		await db.ownerSql.run(sql`alter table rate_windows rename to hidden`);
		try {
			const results = await Promise.allSettled(
				Array.from({ length: 10 }, () => process.limit.take([key], at(0))),
			);
			for (const result of results)
				expect(result).toMatchObject({
					status: "rejected",
					reason: { code: "server.unavailable" },
				});
			expect(process.errors).toHaveLength(1);
		} finally {
			await db.ownerSql.run(sql`alter table hidden rename to rate_windows`);
		}
		expect((await process.limit.take([key], at(0))).isAllowed).toBe(true);
	});
});

describe("several processes on one database", () => {
	test("together never let more than the limit through, however many requests come at once", async () => {
		const processes = Array.from({ length: 5 }, () => startProcess());
		const bucket: Bucket = { name: "client client_3", limit: 1_000 };
		for (let round = 0; round < 5; round += 1) {
			const now = at(round * minuteMs);
			const results = await Promise.all(
				Array.from({ length: 5_000 }, (_, i) =>
					processes[i % 5]!.limit.take([bucket], now),
				),
			);
			expect(passed(results)).toBeLessThanOrEqual(1_000);
			expect(passed(results)).toBeGreaterThanOrEqual(950);
		}
		expect(processes.flatMap((process) => process.errors)).toEqual([]);
	});

	test("hold both limits, of the key and of the client, and neither deadlock nor starve", async () => {
		const processes = Array.from({ length: 4 }, () => startProcess());
		const keys = Array.from({ length: 8 }, (_, i): Bucket => {
			return { name: `key key_b${i}`, limit: 120 };
		});
		const results = await Promise.all(
			Array.from({ length: 4_000 }, async (_, i) => {
				const key = keys[i % 8]!;
				const { limit } = processes[(i * 7) % 4]!;
				return { key, ...(await limit.take([key, client], at(0))) };
			}),
		);
		for (const key of keys)
			expect(
				passed(results.filter((result) => result.key === key)),
			).toBeLessThanOrEqual(120);
		expect(passed(results)).toBeLessThanOrEqual(600);
		process.stdout.write(
			`rate-limit.test.ts: 4000 requests at once of 8 keys on 4 processes, ${passed(results)} of 600 through\n`,
		);
		expect(passed(results)).toBeGreaterThanOrEqual(500);
		expect(processes.flatMap((process) => process.errors)).toEqual([]);
	});

	test("need well under one round trip a request, when requests come one after another", async () => {
		const processes = Array.from({ length: 3 }, () => startProcess());
		const requests = 120;
		const rounds = 5;
		let through = 0;
		for (let i = 0; i < requests * rounds; i += 1) {
			const { limit } = processes[i % 3]!;
			const now = at(Math.floor(i / requests) * minuteMs);
			through += passed([await limit.take([key, client], now)]);
		}
		const trips = processes.reduce((sum, process) => sum + process.trips, 0);
		process.stdout.write(
			`rate-limit.test.ts: ${requests * rounds} requests in turn on 3 processes, ${through} through, ${(trips / requests / rounds).toFixed(3)} round trips a request\n`,
		);
		expect(trips / requests / rounds).toBeLessThan(0.4);
		expect(through).toBeGreaterThanOrEqual(0.97 * requests * rounds);
	});

	test("give a process all of the limit when the others ask for nothing", async () => {
		const [busy, idle] = [startProcess(), startProcess()];
		await idle.limit.take([key], at(0));
		const results: RateResult[] = [];
		for (let i = 0; i < 200; i += 1)
			results.push(await busy.limit.take([key], at(0)));
		// The idle one has eight leased and spent one of them.
		expect(passed(results)).toBe(112);
	});
});

describe("sweepRateWindows", () => {
	test("deletes what is long over and keeps what may still be counted", async () => {
		const { limit } = startProcess();
		await limit.take([key], at(0));
		await limit.take([key], at(9 * minuteMs));
		expect(await sweepRateWindows(db.sql, at(9 * minuteMs))).toBe(0);
		expect(await sweepRateWindows(db.sql, at(11 * minuteMs))).toBe(1);
		const rows = await db.sql.rows(sql`select starts_at from rate_windows`);
		expect(rows).toEqual([{ startsAt: at(9 * minuteMs) }]);
	});
});
