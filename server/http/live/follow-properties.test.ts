/**
 * Transactions that begin, write and end in any order, and followers that begin, end and go on at any time: each hears, from
 * its place on, exactly what was committed, in the one order that all of them share.
 */
import fc from "fast-check";
import type pg from "pg";
import { expect, test } from "vitest";
import { useDatabase } from "../../../test/db.ts";
import { seed } from "../../../test/seed.ts";
import { readPastEvents } from "../../domain/events/read-past-events.ts";
import type { CustomerActor } from "../../kernel/actor.ts";
import { connect } from "../../platform/db.ts";
import { createEventFeed } from "./event-feed.ts";
import { follow, type News } from "./follow.ts";

const db = useDatabase();
const writersMax = 4;

type Step =
	| { readonly do: "write" | "commit" | "rollback"; readonly writer: number }
	| { readonly do: "follow" }
	/** Somebody who has followed is cut off and goes on behind what it had, in another process. */
	| { readonly do: "go on"; readonly follower: number };

const writer = fc.nat({ max: writersMax - 1 });
const step: fc.Arbitrary<Step> = fc.oneof(
	{ weight: 6, arbitrary: fc.record({ do: fc.constant("write"), writer }) },
	{ weight: 3, arbitrary: fc.record({ do: fc.constant("commit"), writer }) },
	{ weight: 1, arbitrary: fc.record({ do: fc.constant("rollback"), writer }) },
	{ weight: 1, arbitrary: fc.record({ do: fc.constant("follow") }) },
	{
		weight: 2,
		arbitrary: fc.record({ do: fc.constant("go on"), follower: fc.nat() }),
	},
) as fc.Arbitrary<Step>;

/** A connection with a transaction, when it has written. */
interface Writer {
	readonly client: pg.Client;
	isOpen: boolean;
}

/** Follows until it is stopped; what it had heard by then, and where it stood. */
async function listen(clientId: string, after: News["place"] | undefined) {
	const actor: CustomerActor = {
		...{ kind: "customer", clientId, keyId: "key_1" },
		scopes: ["read:support"],
	};
	const ending = new AbortController();
	const { signal } = ending;
	const feed = createEventFeed({ performer: db.performer, onError: () => {} });
	const tail = await feed.listen(signal);
	if (after !== undefined) await tail.reach(after, signal);
	const from = tail.end();
	const heard: string[] = [];
	let place = after ?? from.place;
	const running = (async () => {
		for await (const news of follow(tail, {
			...{ clientId, from, after, signal, idleMs: 60_000 },
			readPast: (input) => db.performer.ask(actor, readPastEvents, input),
		})) {
			expect(news.reset).toBeUndefined();
			heard.push(...news.events.map(({ subject }) => subject));
			place = news.place;
		}
	})();
	return {
		heard,
		async stop() {
			ending.abort();
			await running;
			return place;
		},
	};
}

interface Follower {
	/** Heard before it was cut off. */
	readonly before: readonly string[];
	readonly now: Awaited<ReturnType<typeof listen>>;
}

async function play(
	clientId: string,
	writers: readonly Writer[],
	steps: readonly Step[],
): Promise<readonly Follower[]> {
	const followers: Follower[] = [
		{ before: [], now: await listen(clientId, undefined) },
	];
	let written = 0;
	for (const one of steps) {
		if (one.do === "follow")
			followers.push({ before: [], now: await listen(clientId, undefined) });
		else if (one.do === "go on") {
			const i = one.follower % followers.length;
			const { before, now } = followers[i]!;
			const place = await now.stop();
			followers[i] = {
				before: [...before, ...now.heard],
				now: await listen(clientId, place),
			};
		} else {
			const at = writers[one.writer]!;
			if (one.do === "write") {
				if (!at.isOpen) await at.client.query("begin");
				at.isOpen = true;
				written += 1;
				await at.client.query(
					"insert into events (kind, subject, client_id, data, at) values ('ticket.replied', $1, $2, '{}', now())",
					[`e${written}`, clientId],
				);
			} else if (at.isOpen) {
				await at.client.query(one.do);
				at.isOpen = false;
			}
		}
	}
	return followers;
}

test("each follower hears what was committed behind its place, once and in the same order", async () => {
	const writers: Writer[] = [];
	for (let i = 0; i < writersMax; i += 1)
		writers.push({ client: await connect(db.target), isOpen: false });
	let runs = 0;
	await fc.assert(
		fc.asyncProperty(
			fc.array(step, { minLength: 5, maxLength: 40 }),
			async (steps) => {
				runs += 1;
				const clientId = `client_${runs}`;
				const followers = await play(clientId, writers, steps);
				for (const one of writers)
					if (one.isOpen) await one.client.query("commit");
				for (const one of writers) one.isOpen = false;
				// What everybody will hear last.
				await db.pool.query(
					"insert into events (kind, subject, client_id, data, at) values ('ticket.replied', 'last', $1, '{}', now())",
					[clientId],
				);
				const { rows } = await db.pool.query<{ subject: string }>(
					"select subject from events where client_id = $1 order by transaction, id",
					[clientId],
				);
				const all = rows.map(({ subject }) => subject);
				for (const { before, now } of followers) {
					await expect
						.poll(() => now.heard.at(-1), { timeout: 15_000, interval: 5 })
						.toBe("last");
					const heard = [...before, ...now.heard];
					expect(heard).toEqual(all.slice(all.length - heard.length));
				}
				// The first was there before anything happened.
				expect([...followers[0]!.before, ...followers[0]!.now.heard]).toEqual(
					all,
				);
				for (const { now } of followers) await now.stop();
			},
		),
		{ seed, numRuns: 25 },
	);
	await Promise.all(writers.map(({ client }) => client.end()));
}, 120_000);
