import { beforeEach, describe, expect, test } from "vitest";
import { testNow, useDatabase } from "../../../test/db.ts";
import { retry } from "../../cli/jobs.ts";
import { type Actor, system } from "../../kernel/actor.ts";
import { sql } from "../../platform/sql.ts";
import { dropJob } from "./drop-job.ts";
import { listQueued } from "./list-queued.ts";
import { stateOf } from "./queued-job.ts";
import { retryJob } from "./retry-job.ts";

const db = useDatabase();
const actor = system("test");
const minute = 60_000;
const before = new Date(testNow.getTime() - minute);
const later = new Date(testNow.getTime() + minute);

interface JobRow {
	readonly runAt: Date;
	readonly attempts: number;
	readonly leasedUntil: Date | null;
	readonly deadAt: Date | null;
}

async function add(change: Partial<JobRow> = {}): Promise<number> {
	const { runAt = later, attempts = 3, leasedUntil = null } = change;
	const lease =
		leasedUntil === null ? null : "00000000-0000-4000-8000-000000000000";
	const row = await db.sql.first(sql<{ id: number }>`
		insert into jobs (kind, payload, run_at, attempts, lease, leased_until, dead_at, last_error, created_at)
		values ('test', '{}', ${runAt}, ${attempts}, ${lease}, ${leasedUntil}, ${change.deadAt ?? null}, 'It broke.', ${before})
		returning id`);
	return row?.id ?? 0;
}

function find(id: number) {
	return db.sql.first(
		sql<JobRow>`select run_at, attempts, leased_until, dead_at from jobs where id = ${id}`,
	);
}

async function eventsOf(id: number) {
	const rows = await db.sql.rows(
		sql<{ kind: string; data: unknown; verb: string }>`
			select e.kind, e.data, a.verb from events e join audit a on a.event_id = e.id
			where e.subject = ${String(id)} and e.kind like 'job.%' order by e.id`,
	);
	return rows;
}

beforeEach(async () => {
	await db.sql.run(sql`delete from jobs`);
});

describe("retry-job", () => {
	test.each([
		["dead", { deadAt: before }],
		["waiting", {}],
		["left behind by a worker that died", { leasedUntil: before }],
	])(
		"makes a job due that is %s, with all its attempts, on the record",
		async (_, change) => {
			const id = await add(change);
			expect(await db.performer.perform(actor, retryJob, { which: id })).toBe(
				1,
			);
			expect(await find(id)).toEqual({
				runAt: testNow,
				attempts: 0,
				leasedUntil: null,
				deadAt: null,
			});
			expect(await eventsOf(id)).toEqual([
				{ kind: "job.retried", data: { kind: "test" }, verb: "retry-job" },
			]);
		},
	);

	test("refuses one that runs, and one that is not there", async () => {
		const id = await add({ leasedUntil: later });
		for (const which of [id, 999_999])
			await expect(
				db.performer.perform(actor, retryJob, { which }),
			).rejects.toMatchObject({ code: "resource.not_found" });
		expect(await find(id)).toMatchObject({ attempts: 3, leasedUntil: later });
	});

	test("takes all dead jobs and no others", async () => {
		const dead = [await add({ deadAt: before }), await add({ deadAt: before })];
		const waiting = await add();
		expect(await retry(db.performer, "dead")).toBe(2);
		for (const id of dead)
			expect(await find(id)).toMatchObject({ deadAt: null });
		expect(await find(waiting)).toMatchObject({ runAt: later, attempts: 3 });
		expect(await retry(db.performer, "dead")).toBe(0);
	});

	test("takes more dead jobs than fit one transaction", async () => {
		await db.sql.run(sql`
			insert into jobs (kind, payload, run_at, dead_at, created_at)
			select 'test', '{}', now(), now(), now() from generate_series(1, 1500)`);
		expect(await retry(db.performer, "dead")).toBe(1500);
	});
});

describe("drop-job", () => {
	test("deletes a dead or waiting job, on the record", async () => {
		for (const change of [{ deadAt: before }, {}]) {
			const id = await add(change);
			expect(await db.performer.perform(actor, dropJob, { id })).toEqual({
				id,
				kind: "test",
			});
			expect(await find(id)).toBeUndefined();
			expect(await eventsOf(id)).toEqual([
				{ kind: "job.dropped", data: { kind: "test" }, verb: "drop-job" },
			]);
		}
	});

	test("refuses one that runs, and one that is not there", async () => {
		const id = await add({ leasedUntil: later });
		for (const which of [id, 999_999])
			await expect(
				db.performer.perform(actor, dropJob, { id: which }),
			).rejects.toMatchObject({ code: "resource.not_found" });
		expect(await find(id)).toBeDefined();
	});
});

describe("list-queued", () => {
	test("pages through all jobs or the dead ones, the oldest first", async () => {
		const ids = [
			await add(),
			await add({ deadAt: before }),
			await add({ leasedUntil: later }),
		];
		const ask = (onlyDead: boolean, after: number) =>
			db.performer.ask(actor, listQueued, { onlyDead, after, limit: 2 });
		const page = await ask(false, 0);
		expect(page.map(({ id }) => id)).toEqual(ids.slice(0, 2));
		const rest = await ask(false, page[1]?.id ?? 0);
		expect(rest.map((job) => stateOf(job, testNow))).toEqual(["running"]);
		expect((await ask(true, 0)).map(({ id }) => id)).toEqual([ids[1]]);
	});
});

test("a job's state is told in one word", () => {
	const job = { deadAt: null, leasedUntil: null, lastError: null };
	expect(stateOf(job, testNow)).toBe("waiting");
	expect(stateOf({ ...job, lastError: "x" }, testNow)).toBe("retrying");
	expect(stateOf({ ...job, leasedUntil: later }, testNow)).toBe("running");
	expect(stateOf({ ...job, leasedUntil: before }, testNow)).toBe("waiting");
	expect(stateOf({ ...job, deadAt: before, lastError: "x" }, testNow)).toBe(
		"dead",
	);
});

test("the queue is for the system and administrators", async () => {
	const agent: Actor = {
		kind: "staff",
		staffId: "staff_x",
		name: "Sam",
		keyId: "key_x",
		scopes: ["desk:review", "desk:inventory", "desk:tickets"],
	};
	const page = { onlyDead: false, after: 0, limit: 1 };
	const attempts = [
		() => db.performer.perform(agent, retryJob, { which: "dead" }),
		() => db.performer.perform(agent, dropJob, { id: 1 }),
		async () => db.performer.ask(agent, listQueued, page),
	];
	for (const attempt of attempts)
		await expect(attempt()).rejects.toMatchObject({ code: "auth.forbidden" });
});
