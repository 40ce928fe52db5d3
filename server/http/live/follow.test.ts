/**
 * Nothing is missed and nothing comes twice: the tail and who follows it, on a real database, with transactions that end in
 * another order than they began in.
 */
import type pg from "pg";
import { afterEach, describe, expect, test, vi } from "vitest";
import { useDatabase } from "../../../test/db.ts";
import { isAllFinal } from "../../../test/final-events.ts";
import { readPastEvents } from "../../domain/events/read-past-events.ts";
import type { CustomerActor } from "../../kernel/actor.ts";
import { connect } from "../../platform/db.ts";
import { sql } from "../../platform/sql.ts";
import { createEventFeed } from "./event-feed.ts";
import { follow, type News } from "./follow.ts";

const db = useDatabase();
const clientId = "client_01hxa3b4c5d6e7f8g9h0j1k2m3";
const other = "client_01hxa3b4c5d6e7f8g9h0j1k2m4";
const actor: CustomerActor = {
	kind: "customer",
	clientId,
	keyId: "key_01hxa3b4c5d6e7f8g9h0j1k2m3",
	scopes: ["read:support"],
};

const ends: (() => unknown)[] = [];
afterEach(async () => {
	for (const end of ends.splice(0)) await end();
});

/** A feed as a process has one, which can be cut off from its database. */
function createFeed() {
	const state: { asked: number; failed: number; isCut: boolean } = {
		asked: 0,
		failed: 0,
		isCut: false,
	};
	const feed = createEventFeed({
		performer: {
			async ask(asker, question, input) {
				state.asked += 1;
				if (!state.isCut) return db.performer.ask(asker, question, input);
				state.failed += 1;
				throw new Error("connect ECONNREFUSED");
			},
		},
		onError: () => {},
	});
	return Object.assign(feed, {
		state,
		/** So many more readings. */
		async readings(count: number): Promise<void> {
			const { asked } = state;
			await vi.waitUntil(() => state.asked >= asked + count, {
				timeout: 15_000,
			});
		},
	});
}

/** Somebody who follows the client's events from now on, or from a place. */
async function follower(feed = createFeed(), after?: News["place"]) {
	const ending = new AbortController();
	ends.push(() => ending.abort());
	const tail = await feed.listen(ending.signal);
	const news = follow(tail, {
		clientId,
		from: tail.end(),
		after,
		signal: ending.signal,
		idleMs: 60_000,
		readPast: (input) => db.performer.ask(actor, readPastEvents, input),
	});
	const heard: string[] = [];
	const resets: string[] = [];
	let place = after ?? tail.end().place;
	return {
		tail,
		heard,
		resets,
		place: () => place,
		end: () => ending.abort(),
		/** Takes news until there are so many events or a reset. */
		async hear(count: number): Promise<readonly string[]> {
			while (heard.length < count) {
				const { value, done } = await news.next();
				if (done === true) break;
				heard.push(...value.events.map(({ subject }) => subject));
				place = value.place;
				if (value.reset === undefined) continue;
				resets.push(value.reset);
				break;
			}
			return heard;
		},
	};
}

const insertion = `insert into events (kind, subject, client_id, data, at)
	select 'ticket.replied', prefix || n, $1, '{}', '2026-11-20T10:00:00Z' from generate_series(1, $3::int) n, (select $2::text as prefix) p`;

async function happen(
	subject: string,
	{ count = 1, owner = clientId } = {},
): Promise<void> {
	await db.pool.query(insertion, [owner, subject, count]);
}

/** A transaction of its own that has a number already. */
async function begin(): Promise<pg.Client> {
	const client = await connect(db.target);
	ends.push(() => client.end());
	await client.query("begin");
	await client.query("select pg_current_xact_id()");
	return client;
}

const names = (prefix: string, count: number) =>
	Array.from({ length: count }, (_, i) => `${prefix}${i + 1}`);

describe("who follows", () => {
	test("hears of what happens to its client, in order, and of nobody else", async () => {
		const { hear } = await follower();
		await happen("a", { count: 2 });
		await happen("x", { owner: other });
		await happen("b");
		expect(await hear(3)).toEqual(["a1", "a2", "b1"]);
	});

	test("waits for a transaction that is under way, and then hears of everything behind it", async () => {
		const feed = createFeed();
		const { hear, heard, tail } = await follower(feed);
		const slow = await begin();
		await slow.query(insertion, [clientId, "slow", 1]);
		await happen("quick");
		const before = tail.end();
		const hearing = hear(2);
		await feed.readings(3);
		expect(heard).toEqual([]);
		expect(tail.end()).toEqual(before);
		await slow.query("commit");
		expect(await hearing).toEqual(["slow1", "quick1"]);
	});

	test("is held up by a transaction that writes something else, and loses nothing by it", async () => {
		const feed = createFeed();
		const { hear, heard } = await follower(feed);
		const long = await begin();
		await happen("a", { count: 3 });
		const hearing = hear(3);
		await feed.readings(3);
		expect(heard).toEqual([]);
		await long.query("rollback");
		expect(await hearing).toEqual(["a1", "a2", "a3"]);
	});

	test("misses no event with a smaller id that is committed after one with a larger id was told", async () => {
		const live = await follower();
		const [first, second] = [await begin(), await begin()];
		await second.query(insertion, [clientId, "small", 1]);
		await first.query(insertion, [clientId, "large", 1]);
		await first.query("commit");
		expect(await live.hear(1)).toEqual(["large1"]);
		const place = live.place();
		await second.query("commit");
		expect(await live.hear(2)).toEqual(["large1", "small1"]);
		const resumed = await follower(createFeed(), place);
		expect(await resumed.hear(1)).toEqual(["small1"]);
	});

	test("goes on from a place in another process, without a gap and without a repetition", async () => {
		const one = await follower();
		await happen("a", { count: 700 });
		await one.hear(1);
		const heard = [...one.heard];
		const place = one.place();
		one.end();
		await happen("b", { count: 1_300 });
		const two = await follower(createFeed(), place);
		await happen("c", { count: 3 });
		await two.hear(700 + 1_300 + 3 - heard.length);
		expect([...heard, ...two.heard]).toEqual([
			...names("a", 700),
			...names("b", 1_300),
			...names("c", 3),
		]);
	});

	test("catches up from the database when it has been slower than the memory of the process", async () => {
		const { hear, tail } = await follower();
		await happen("a");
		await hear(1);
		const { count } = tail.end();
		await happen("b", { count: 6_500 });
		await vi.waitUntil(() => tail.end().count === count + 6_500, {
			timeout: 60_000,
		});
		await happen("c");
		expect(await hear(6_502)).toEqual(["a1", ...names("b", 6_500), "c1"]);
	});

	test("is told to begin anew when it is too far behind, and goes on from there", async () => {
		const one = await follower();
		const place = one.place();
		one.end();
		await happen("a", { count: 20_500 });
		await vi.waitUntil(() => isAllFinal(db.pool), { timeout: 60_000 });
		const two = await follower(createFeed(), place);
		await two.hear(30_000);
		expect(two.resets).toEqual(["old"]);
		const heard = two.heard.length;
		expect(heard).toBe(20_000);
		await happen("b");
		await two.hear(heard + 1);
		expect(two.heard.at(-1)).toBe("b1");
	});

	test("is told to begin anew when the database has gone back in time", async () => {
		const feed = createFeed();
		const { hear, tail, resets, heard } = await follower(feed);
		await happen("kept");
		await happen("lost");
		await hear(2);
		feed.state.isCut = true;
		await vi.waitUntil(() => feed.state.failed > 0, { timeout: 15_000 });
		await db.ownerSql.run(sql`delete from events where subject = 'lost1'`);
		const before = tail.end();
		feed.state.isCut = false;
		await hear(3);
		expect(resets).toEqual(["restored"]);
		expect(tail.end().life).toBe(before.life + 1);
		await happen("new");
		await hear(3);
		expect(heard).toEqual(["kept1", "lost1", "new1"]);
	});
});

test("a feed that nobody listens to asks the database nothing", async () => {
	const feed = createFeed();
	const { state } = feed;
	feed.wake();
	expect(state.asked).toBe(0);
	const { end, hear } = await follower(feed);
	await happen("a");
	feed.wake();
	await hear(1);
	end();
	const before = state.asked;
	feed.wake();
	expect(state.asked).toBe(before);
});
