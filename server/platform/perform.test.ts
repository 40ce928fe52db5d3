import { beforeEach, describe, expect, test, vi } from "vitest";
import { testNow, useDatabase } from "../../test/db.ts";
import { system } from "../kernel/actor.ts";
import { refuse } from "../kernel/errors.ts";
import { newId } from "../kernel/id.ts";
import type { IdempotentCall } from "./idempotency.ts";
import type { RecallableVerb, Verb } from "./perform.ts";
import { sql } from "./sql.ts";

const db = useDatabase();
const actor = system("test");

/** A real verb: adds a member of staff and says so. */
const hire: RecallableVerb<
	{ readonly name: string; readonly lastly?: () => void },
	{ readonly id: string; readonly name: string }
> = {
	name: "hire",
	async run(tx, { name, lastly }) {
		const id = newId("staff", tx.now);
		await tx.run(
			sql`insert into staff (id, name, role, created_at) values (${id}, ${name}, 'agent', ${tx.now})`,
		);
		tx.emit({
			kind: "staff.added",
			subject: id,
			clientId: null,
			data: { role: "agent" },
		});
		lastly?.();
		return { id, name };
	},
	async recall(tx, id) {
		const row = await tx.first(
			sql<{
				id: string;
				name: string;
			}>`select id, name from staff where id = ${id}`,
		);
		return row ?? refuse("resource.not_found");
	},
};

beforeEach(async () => {
	await db.ownerSql.run(
		sql`truncate events, audit, jobs, staff, idempotency_keys cascade`,
	);
});

async function counts() {
	const row = await db.ownerSql.first(sql<{
		staff: number;
		events: number;
		audit: number;
		jobs: number;
	}>`
		select (select count(*) from staff) as staff, (select count(*) from events) as events,
		       (select count(*) from audit) as audit, (select count(*) from jobs) as jobs`);
	return row;
}

describe("perform", () => {
	test("commits the change with its event and its audit row, at the time of the transaction", async () => {
		const { id } = await db.performer.perform(actor, hire, { name: "Ada" });
		expect(await counts()).toEqual({ staff: 1, events: 1, audit: 1, jobs: 0 });
		const row = await db.sql.first(sql<Record<string, unknown>>`
			select e.kind, e.subject, e.at, a.verb, a.actor_kind, a.actor_id, a.key_id, a.seq, a.at as audited_at
			from events e join audit a on a.event_id = e.id`);
		expect(row).toMatchObject({
			kind: "staff.added",
			subject: id,
			at: testNow,
			verb: "hire",
			actorKind: "system",
			actorId: "test",
			keyId: null,
			auditedAt: testNow,
		});
	});

	test("leaves nothing behind when the verb refuses", async () => {
		const refused = db.performer.perform(actor, hire, {
			name: "Ada",
			lastly: () => refuse("resource.not_found"),
		});
		await expect(refused).rejects.toMatchObject({ code: "resource.not_found" });
		expect(await counts()).toEqual({ staff: 0, events: 0, audit: 0, jobs: 0 });
	});

	test("leaves nothing behind when the verb swallows the error of a statement", async () => {
		const careless: Verb<null, null> = {
			name: "careless",
			async run(tx) {
				await tx.run(sql`select 1 / ${0}::integer`).catch(() => 0);
				return null;
			},
		};
		await expect(db.performer.perform(actor, careless, null)).rejects.toThrow(
			/went on after one of its statements had failed/,
		);
	});

	test("runs a verb again when the database asks for another try", async () => {
		let runs = 0;
		const flaky: Verb<null, number> = {
			name: "flaky",
			async run(tx) {
				runs += 1;
				if (runs < 3)
					await tx.run(
						sql`do $$ begin raise exception 'again' using errcode = 'serialization_failure'; end $$`,
					);
				return runs;
			},
		};
		expect(await db.performer.perform(actor, flaky, null)).toBe(3);
	});

	test("runs it again also when other statements travelled with the one that failed, whose errors arrive first", async () => {
		let runs = 0;
		const wait = async (work: Promise<unknown>) => {
			for (let i = 0; i < 5; i += 1) await null;
			return work;
		};
		const flaky: Verb<null, number> = {
			name: "flaky",
			async run(tx) {
				runs += 1;
				if (runs < 3)
					await Promise.all([
						wait(
							tx.first(
								sql`do $$ begin raise exception 'again' using errcode = 'deadlock_detected'; end $$`,
							),
						),
						tx.run(sql`select 1`),
					]);
				return runs;
			},
		};
		expect(await db.performer.perform(actor, flaky, null)).toBe(3);
	});

	test("gives up after five tries", async () => {
		let runs = 0;
		const hopeless: Verb<null, null> = {
			name: "hopeless",
			async run(tx) {
				runs += 1;
				await tx.run(
					sql`do $$ begin raise exception 'again' using errcode = 'deadlock_detected'; end $$`,
				);
				return null;
			},
		};
		await expect(db.performer.perform(actor, hopeless, null)).rejects.toThrow();
		expect(runs).toBe(5);
	});

	test("writes the jobs an event causes and wakes the worker only when one is due", async () => {
		const onJobs = vi.fn();
		const later = new Date(testNow.getTime() + 60_000);
		const performer = db.performerWith({
			onJobs,
			reactions: (event) => [
				{ kind: "greet", payload: { id: event.subject } },
				{ kind: "remind", payload: { id: event.subject }, runAt: later },
			],
		});
		const { id } = await performer.perform(actor, hire, { name: "Ada" });
		const jobs = await db.sql.rows(
			sql<
				Record<string, unknown>
			>`select j.kind, j.payload, j.run_at, e.subject from jobs j join events e on e.id = j.event_id order by j.kind`,
		);
		expect(jobs).toEqual([
			{ kind: "greet", payload: { id }, runAt: testNow, subject: id },
			{ kind: "remind", payload: { id }, runAt: later, subject: id },
		]);
		expect(onJobs).toHaveBeenCalledTimes(1);
	});

	test("writes what happened early where the verb asks for it, and still all or nothing", async () => {
		const onEvents = vi.fn();
		const performer = db.performerWith({ pool: db.openPool(1), onEvents });
		const hireMany: Verb<{ readonly fails: boolean }, null> = {
			name: "hire-many",
			async run(tx, { fails }) {
				await hire.run(tx, { name: "Ada" });
				await tx.flush();
				await tx.flush();
				await hire.run(tx, { name: "Ben" });
				await hire.run(tx, { name: "Cleo" });
				await tx.flush();
				return fails ? refuse("resource.not_found") : null;
			},
		};
		await performer.perform(actor, hireMany, { fails: false });
		await expect(
			performer.perform(actor, hireMany, { fails: true }),
		).rejects.toMatchObject({ code: "resource.not_found" });
		await performer.perform(actor, hire, { name: "Dan" });
		expect(await counts()).toEqual({ staff: 4, events: 4, audit: 4, jobs: 0 });
		const rows = await db.sql.rows(sql`
			select a.seq, s.name from audit a join staff s on s.id = a.subject order by a.event_id`);
		expect(rows).toEqual([
			{ seq: 1, name: "Ada" },
			{ seq: 2, name: "Ben" },
			{ seq: 3, name: "Cleo" },
			{ seq: 4, name: "Dan" },
		]);
		expect(onEvents.mock.calls).toEqual([
			[[{ kind: "staff.added" }]],
			[[{ kind: "staff.added" }]],
		]);
	});

	test("numbers the audit rows of each connection without a gap, refusals in between or not", async () => {
		const performer = db.performerWith({ pool: db.openPool(4) });
		const results = await Promise.allSettled(
			Array.from({ length: 60 }, (_, i) =>
				performer.perform(actor, hire, {
					name: `n${i}`,
					...(i % 3 === 0 && { lastly: () => refuse("resource.not_found") }),
				}),
			),
		);
		expect(results.filter((r) => r.status === "fulfilled")).toHaveLength(40);
		const streams = await db.sql.rows(
			sql<{
				rows: number;
				first: number;
				last: number;
			}>`select count(*) as rows, min(seq) as first, max(seq) as last from audit group by stream`,
		);
		expect(streams.length).toBeGreaterThan(1);
		for (const { rows, first, last } of streams) {
			expect(first).toBe(1);
			expect(last).toBe(rows);
		}
	});
});

describe("performOnce", () => {
	const key: IdempotentCall = {
		scope: "client_x POST /api/v2/x",
		key: "k1",
		bodyDigest: "a",
	};
	const once = (
		name: string,
		call: IdempotentCall = key,
		lastly?: () => void,
	) =>
		db.performer.performOnce(actor, hire, {
			input: { name, ...(lastly && { lastly }) },
			key: call,
		});

	test("has its effect once and answers a repeat as the first time", async () => {
		const first = await once("Ada");
		const second = await once("Ada");
		expect(first.replayed).toBe(false);
		expect(second).toEqual({ output: first.output, replayed: true });
		expect(await counts()).toMatchObject({ staff: 1, events: 1 });
	});

	test("refuses the same key with another body", async () => {
		await once("Ada");
		await expect(once("Bo", { ...key, bodyDigest: "b" })).rejects.toMatchObject(
			{
				code: "idempotency.reused",
			},
		);
	});

	test("keeps a refusal and gives it again without running the verb", async () => {
		const refusing = () =>
			refuse("resource.not_found", { detail: "Not this one." });
		await expect(once("Ada", key, refusing)).rejects.toMatchObject({
			detail: "Not this one.",
		});
		await expect(once("Ada")).rejects.toMatchObject({
			code: "resource.not_found",
			detail: "Not this one.",
		});
		expect(await counts()).toMatchObject({ staff: 0 });
	});

	test("does not keep a refusal that the moment caused", async () => {
		await expect(
			once("Ada", key, () => refuse("rate.exceeded")),
		).rejects.toMatchObject({ code: "rate.exceeded" });
		expect((await once("Ada")).replayed).toBe(false);
	});

	test("lets exactly one of many parallel repeats through, the others wait outside", async () => {
		const results = await Promise.allSettled(
			Array.from({ length: 30 }, () => once("Ada")),
		);
		for (const result of results)
			if (result.status === "rejected")
				expect(result.reason).toMatchObject({ code: "idempotency.in_use" });
		expect(await counts()).toMatchObject({ staff: 1, events: 1, audit: 1 });
	});

	test("forgets a key after 24 hours", async () => {
		await once("Ada");
		db.now = new Date(testNow.getTime() + 24 * 60 * 60 * 1000 + 1);
		try {
			expect((await once("Bo")).replayed).toBe(false);
			expect((await once("Bo")).replayed).toBe(true);
		} finally {
			db.now = testNow;
		}
	});
});
