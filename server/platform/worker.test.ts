import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { useDatabase } from "../../test/db.ts";
import { system } from "../kernel/actor.ts";
import type { Verb } from "./perform.ts";
import { sql } from "./sql.ts";
import { type JobHandler, startWorker, type Worker } from "./worker.ts";

const db = useDatabase();
const actor = system("test");
const workers: Worker[] = [];

beforeEach(() => db.ownerSql.run(sql`truncate jobs, staff, events cascade`));

afterEach(async () => {
	await Promise.all(workers.map((worker) => worker.stop()));
	workers.length = 0;
});

function work(handlers: readonly JobHandler[], concurrency = 4) {
	const outcomes: string[] = [];
	const worker = startWorker({
		db: db.sql,
		performer: db.performer,
		handlers,
		concurrency,
		onFailure: () => {},
		onDone: (kind, outcome) => outcomes.push(`${kind} ${outcome}`),
	});
	workers.push(worker);
	return { worker, outcomes };
}

function enqueue(kind: string, runAt = "now()") {
	return db.ownerSql.run(sql`
		insert into jobs (kind, payload, run_at, created_at)
		values (${kind}, '{"name": "Ada"}', now() + ${runAt === "now()" ? "0" : runAt}::interval, now())`);
}

const hire: Verb<string, null> = {
	name: "hire",
	async run(tx, name) {
		await tx.run(
			sql`insert into staff (id, name, role, created_at)
			    values ('staff_' || lpad(floor(random() * 1e15)::text, 26, '0'), ${name}, 'agent', ${tx.now})`,
		);
		return null;
	},
};

async function left() {
	const rows = await db.sql.rows(
		sql<{
			attempts: number;
			dead: boolean;
			leased: boolean;
			lastError: string | null;
		}>`
			select attempts, dead_at is not null as dead, lease is not null as leased, last_error from jobs`,
	);
	return rows;
}

async function staffCount() {
	const row = await db.sql.first(
		sql<{ n: number }>`select count(*) as n from staff`,
	);
	return row?.n;
}

describe("the worker", () => {
	test("does a due job and finishes it in the transaction of its effect", async () => {
		await enqueue("hire");
		const { worker, outcomes } = work([
			{
				kind: "hire",
				attemptsMax: 3,
				run: ({ name }, context) =>
					context.finish(actor, hire, String(name)).then(() => {}),
			},
		]);
		await worker.idle();
		expect(await staffCount()).toBe(1);
		expect(await left()).toEqual([]);
		expect(outcomes).toEqual(["hire done"]);
	});

	test("leaves a job alone until its time has come", async () => {
		await enqueue("hire", "1 hour");
		const { worker } = work([
			{ kind: "hire", attemptsMax: 1, run: async () => {} },
		]);
		await worker.idle();
		expect(await left()).toHaveLength(1);
	});

	test("leaves jobs of a kind it does not know to others", async () => {
		await enqueue("unknown");
		const { worker } = work([
			{ kind: "hire", attemptsMax: 1, run: async () => {} },
		]);
		await worker.idle();
		expect(await left()).toMatchObject([{ attempts: 0 }]);
	});

	test("sets a failed job back with its error, and aside as dead after the last attempt", async () => {
		await enqueue("hire");
		const { worker, outcomes } = work([
			{
				kind: "hire",
				attemptsMax: 2,
				run: () => Promise.reject(new Error("the outside is away")),
			},
		]);
		await worker.idle();
		expect(await left()).toEqual([
			{
				attempts: 1,
				dead: false,
				leased: false,
				lastError: "the outside is away",
			},
		]);
		await db.ownerSql.run(sql`update jobs set run_at = now()`);
		worker.wake();
		await worker.idle();
		expect(await left()).toMatchObject([{ attempts: 2, dead: true }]);
		expect(outcomes).toEqual(["hire retried", "hire dead"]);
	});

	test("takes over a job whose worker died, and the late one changes nothing", async () => {
		await enqueue("hire");
		const late = Promise.withResolvers<void>();
		const claimed = Promise.withResolvers<void>();
		const first = work([
			{
				kind: "hire",
				attemptsMax: 3,
				async run(_, context) {
					claimed.resolve();
					await late.promise;
					await context.finish(actor, hire, "late");
				},
			},
		]);
		await claimed.promise;
		await db.ownerSql.run(
			sql`update jobs set leased_until = now() - interval '1 s'`,
		);
		const second = work([
			{
				kind: "hire",
				attemptsMax: 3,
				run: (_, context) =>
					context.finish(actor, hire, "second").then(() => {}),
			},
		]);
		await second.worker.idle();
		late.resolve();
		await first.worker.stop();
		expect(await staffCount()).toBe(1);
		expect(first.outcomes).toEqual(["hire retried"]);
		expect(second.outcomes).toEqual(["hire done"]);
	});

	test("two workers share the jobs and do each once", async () => {
		await db.ownerSql.run(sql`
			insert into jobs (kind, payload, run_at, created_at)
			select 'hire', '{"name": "n"}', now(), now() from generate_series(1, 200)`);
		const handler: JobHandler = {
			kind: "hire",
			attemptsMax: 1,
			run: ({ name }, context) =>
				context.finish(actor, hire, String(name)).then(() => {}),
		};
		const one = work([handler]);
		const two = work([handler]);
		await Promise.all([one.worker.idle(), two.worker.idle()]);
		expect(one.outcomes.length + two.outcomes.length).toBe(200);
		expect(await staffCount()).toBe(200);
	});

	test("waits for its running jobs when it stops, and takes no more", async () => {
		await enqueue("hire");
		await enqueue("hire");
		const started = Promise.withResolvers<void>();
		const go = Promise.withResolvers<void>();
		const { worker, outcomes } = work(
			[
				{
					kind: "hire",
					attemptsMax: 1,
					async run() {
						started.resolve();
						await go.promise;
					},
				},
			],
			1,
		);
		await started.promise;
		const stopped = worker.stop();
		go.resolve();
		await stopped;
		await worker.stop();
		expect(outcomes).toEqual(["hire done"]);
		expect(await left()).toHaveLength(1);
	});
});
