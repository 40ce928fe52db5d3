import { beforeEach, describe, expect, test } from "vitest";
import { testNow, useDatabase } from "../../test/db.ts";
import type { CustomerActor } from "../kernel/actor.ts";
import { refuse } from "../kernel/errors.ts";
import { newId } from "../kernel/id.ts";
import type { Performer, Tx, Verb } from "./perform.ts";
import { sql } from "./sql.ts";

const db = useDatabase();

function customer(n: number): CustomerActor {
	return {
		kind: "customer",
		clientId: `client_${String(n).padStart(26, "0")}`,
		keyId: `key_${String(n).padStart(26, "0")}`,
		scopes: ["write:all"],
	};
}

/** Adds a row under a name, and does something before or after it. */
const add: Verb<
	{
		readonly name: string;
		readonly before?: (tx: Tx) => Promise<unknown>;
		readonly after?: (tx: Tx) => Promise<unknown>;
	},
	string
> = {
	name: "add",
	async run(tx, { name, before, after }) {
		const id = newId("staff", tx.now);
		await before?.(tx);
		await tx.run(
			sql`insert into staff (id, name, role, created_at) values (${id}, ${name}, 'agent', ${tx.now})`,
		);
		tx.emit({
			kind: "staff.added",
			subject: id,
			clientId: null,
			data: { role: "agent" },
		});
		await after?.(tx);
		return name;
	},
};

beforeEach(async () => {
	await db.ownerSql.run(sql`truncate events, audit, jobs, staff cascade`);
});

/** Who was added in which transaction, oldest first. */
async function added() {
	return db.ownerSql.rows(sql<{ name: string; transaction: string }>`
		select s.name, e.transaction::text as transaction from events e join staff s on s.id = e.subject order by e.id`);
}

async function names(): Promise<string[]> {
	return (await added())
		.map(({ name }) => name)
		.sort((a, b) => a.localeCompare(b));
}

function addEach(
	performer: Performer,
	count: number,
): Promise<PromiseSettledResult<string>[]> {
	return Promise.allSettled(
		Array.from({ length: count }, (_, i) =>
			performer.perform(customer(i), add, { name: `n${i}` }),
		),
	);
}

const refusal = { code: "resource.not_found" };

describe("calls of different clients", () => {
	test("that come together are committed together, and each is answered with its own output", async () => {
		const results = await addEach(db.performer, 40);
		expect(results.map((r) => r.status === "fulfilled" && r.value)).toEqual(
			Array.from({ length: 40 }, (_, i) => `n${i}`),
		);
		const transactions = new Set(
			(await added()).map(({ transaction }) => transaction),
		);
		expect(transactions.size).toBeLessThanOrEqual(2);
	});

	test("keep their own actors, verbs and times in the audit log, numbered without a gap", async () => {
		await addEach(db.performer, 30);
		const rows = await db.ownerSql.rows(
			sql<{
				actorId: string;
				keyId: string;
				verb: string;
				name: string;
				at: Date;
			}>`select a.actor_id, a.key_id, a.verb, a.at, s.name from audit a join staff s on s.id = a.subject`,
		);
		expect(rows).toHaveLength(30);
		for (const { actorId, keyId, verb, name, at } of rows) {
			const { clientId, keyId: own } = customer(Number(name.slice(1)));
			expect({ actorId, keyId, verb, at }).toEqual({
				actorId: clientId,
				keyId: own,
				verb: "add",
				at: testNow,
			});
		}
		const streams = await db.ownerSql.rows(
			sql<{
				rows: number;
				last: number;
			}>`select count(*) as rows, max(seq) - min(seq) + 1 as last from audit group by stream`,
		);
		for (const { rows: count, last } of streams) expect(last).toBe(count);
	});

	test("are not harmed by one among them that refuses before it wrote anything", async () => {
		const calls = [0, 1, 2, 3].map((i) =>
			db.performer.perform(customer(i), add, {
				name: `n${i}`,
				...(i === 2 && { before: async () => refuse("resource.not_found") }),
			}),
		);
		const results = await Promise.allSettled(calls);
		expect(results[2]).toMatchObject({ status: "rejected", reason: refusal });
		expect(await names()).toEqual(["n0", "n1", "n3"]);
		const transactions = (await added()).map(({ transaction }) => transaction);
		expect(new Set(transactions).size).toBe(1);
	});

	test("are not harmed by one among them that refuses after it wrote, and nothing of that one is left", async () => {
		const calls = [0, 1, 2, 3].map((i) =>
			db.performer.perform(customer(i), add, {
				name: `n${i}`,
				...(i === 2 && { after: async () => refuse("resource.not_found") }),
			}),
		);
		const results = await Promise.allSettled(calls);
		expect(results[2]).toMatchObject({ status: "rejected", reason: refusal });
		expect(await names()).toEqual(["n0", "n1", "n3"]);
	});

	test("are not harmed by one among them whose statement the database refuses", async () => {
		const calls = [0, 1, 2, 3].map((i) =>
			db.performer.perform(customer(i), add, {
				name: `n${i}`,
				...(i === 1 && {
					after: (tx: Tx) => tx.run(sql`select 1 / ${0}::integer`),
				}),
			}),
		);
		const results = await Promise.allSettled(calls);
		expect(results.map(({ status }) => status)).toEqual([
			"fulfilled",
			"rejected",
			"fulfilled",
			"fulfilled",
		]);
		expect(await names()).toEqual(["n0", "n2", "n3"]);
	});

	test("are not held up by one among them that waits for a lock, which is done when it has the lock", async () => {
		await db.performer.perform(customer(9), add, { name: "locked" });
		const holder = await db.pool.connect();
		await holder.query("begin");
		await holder.query("select from staff where name = 'locked' for update");
		const waiting = db.performer.perform(customer(0), add, {
			name: "patient",
			before: (tx) =>
				tx.rows(sql`select from staff where name = 'locked' for update`),
		});
		const others = await Promise.all(
			[1, 2, 3].map((i) =>
				db.performer.perform(customer(i), add, { name: `n${i}` }),
			),
		);
		expect(others).toEqual(["n1", "n2", "n3"]);
		expect(await names()).not.toContain("patient");
		await holder.query("commit");
		holder.release();
		expect(await waiting).toBe("patient");
	});

	test("are told so, and done once or not at all, when the connection is lost", async () => {
		const pool = db.openPool(2);
		const performer = db.performerWith({ pool });
		const calls = [0, 1, 2].map((i) =>
			performer.perform(customer(i), add, {
				name: `n${i}`,
				...(i === 1 && {
					after: (tx: Tx) =>
						tx.run(sql`select pg_terminate_backend(pg_backend_pid())`),
				}),
			}),
		);
		const results = await Promise.allSettled(calls);
		expect(results.map(({ status }) => status)).toEqual([
			"rejected",
			"rejected",
			"rejected",
		]);
		expect(await names()).toEqual([]);
		expect(await performer.perform(customer(1), add, { name: "next" })).toBe(
			"next",
		);
	});
});

describe("calls of one client", () => {
	test("never share a transaction, so that looking before writing is as safe as ever", async () => {
		const addOnce: Verb<null, boolean> = {
			name: "add-once",
			async run(tx) {
				// As a verb that locks its client first; within one transaction the lock would let both through.
				await tx.rows(sql`select pg_advisory_xact_lock(4711)`);
				const found = await tx.rows(sql`select from staff where name = 'only'`);
				if (found.length > 0) return false;
				await add.run(tx, { name: "only" });
				return true;
			},
		};
		const results = await Promise.all(
			Array.from({ length: 20 }, () =>
				db.performer.perform(customer(1), addOnce, null),
			),
		);
		expect(results.filter(Boolean)).toHaveLength(1);
		expect(await names()).toEqual(["only"]);
	});

	test("are done in the order in which they came", async () => {
		const order: string[] = [];
		await Promise.all(
			["a", "b", "c", "d"].map((name) =>
				db.performer.perform(customer(1), add, {
					name,
					before: async () => order.push(name),
				}),
			),
		);
		expect(order).toEqual(["a", "b", "c", "d"]);
	});
});

test("a thousand calls of two hundred clients, a third of them refused somewhere on the way, end as they would alone", async () => {
	const calls = Array.from({ length: 1000 }, (_, i) => {
		const name = `n${i}`;
		const no = async () => refuse("resource.not_found");
		return db.performer.perform(customer(i % 200), add, {
			name,
			...(i % 6 === 1 && { before: no }),
			...(i % 90 === 2 && { after: no }),
		});
	});
	const results = await Promise.allSettled(calls);
	const done = results.flatMap((r) =>
		r.status === "fulfilled" ? r.value : [],
	);
	for (const [i, result] of results.entries())
		expect(result.status, `n${i}`).toBe(
			i % 6 === 1 || i % 90 === 2 ? "rejected" : "fulfilled",
		);
	expect(await names()).toEqual([...done].sort((a, b) => a.localeCompare(b)));
});
