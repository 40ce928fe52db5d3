/** The tails of sites and the streams that follow them, without HTTP: what is told, in which order, and when it ends. */
import { afterEach, beforeAll, expect, test } from "vitest";
import { testNow, useDatabase } from "../../../test/db.ts";
import { positionOf } from "../../../test/edge.ts";
import { createWorld } from "../../../test/world.ts";
import { addEntryByHand } from "../../domain/allowlist/add-entry-by-hand.ts";
import { beginEpoch } from "../../domain/allowlist/begin-epoch.ts";
import { resumeEntry } from "../../domain/allowlist/resume-entry.ts";
import { saveSite } from "../../domain/allowlist/save-site.ts";
import { suspendEntry } from "../../domain/allowlist/suspend-entry.ts";
import { trimDeltas } from "../../domain/allowlist/trim-deltas.ts";
import { type StaffActor, system } from "../../kernel/actor.ts";
import type { Performer } from "../../platform/perform.ts";
import { sql } from "../../platform/sql.ts";
import type { StreamEvent } from "../live/event-text.ts";
import { openChangeStream } from "./change-stream.ts";
import { createSiteTails, type SiteTails } from "./site-tails.ts";

const db = useDatabase();
const world = createWorld(() => db.performer);
const operator = system("test");
let reviewer: StaffActor;
let counter = 0;

beforeAll(async () => {
	await world.begin();
	reviewer = await world.addReviewer();
});

const open: { tails: SiteTails; ending: AbortController }[] = [];

afterEach(async () => {
	db.now = testNow;
	for (const { tails, ending } of open.splice(0)) {
		ending.abort();
		await tails.stop();
	}
});

/** A site with one entry, which can be turned off and on: each time is a revision. */
async function newSite() {
	counter += 1;
	const siteId = `site-${counter}`;
	const address = `5.6.${counter}.1`;
	await db.performer.perform(operator, saveSite, {
		id: siteId,
		prefixes: [`5.6.${counter}.0/24`],
	});
	await (await world.addClient("prepaid")).addVps({ addresses: [address] });
	const { id } = await db.performer.perform(reviewer, addEntryByHand, {
		address,
		note: "x",
	});
	let isOn = true;
	return {
		siteId,
		address,
		async turn(times = 1): Promise<void> {
			for (let i = 0; i < times; i += 1) {
				await (isOn
					? db.performer.perform(reviewer, suspendEntry, { id, reason: "x" })
					: db.performer.perform(reviewer, resumeEntry, { id }));
				isOn = !isOn;
			}
		},
		epoch: async () => (await positionOf(db, siteId)).epoch,
	};
}

function startTails(performer: Pick<Performer, "ask"> = db.performer) {
	const ending = new AbortController();
	const tails = createSiteTails({
		performer,
		onError: (error) => {
			throw error;
		},
	});
	open.push({ tails, ending });
	return { tails, signal: ending.signal, end: () => ending.abort() };
}

async function stream(
	siteId: string,
	cursor: { epoch: string; revision: number },
	parts = startTails(),
) {
	const events = await openChangeStream(parts.tails, siteId, {
		cursor,
		signal: parts.signal,
	});
	const iterator = events[Symbol.asyncIterator]();
	return {
		...parts,
		/** The next event as the agent reads it; undefined at the end. */
		async next(): Promise<
			{ event?: string; data?: unknown; id?: string } | undefined
		> {
			const { value, done } = await iterator.next();
			if (done === true) return undefined;
			const { data, ...rest } = value as StreamEvent;
			return { ...rest, ...(data !== undefined && { data: JSON.parse(data) }) };
		},
	};
}

/** Past the two that say where the stream begins. */
async function begun(
	siteId: string,
	cursor: { epoch: string; revision: number },
	parts = startTails(),
) {
	const reading = await stream(siteId, cursor, parts);
	await reading.next();
	await reading.next();
	return reading;
}

test("a stream says where it begins and where the site stands, then what changed, then what changes", async () => {
	const { siteId, address, turn, epoch } = await newSite();
	const e = await epoch();
	await turn();
	const { next } = await stream(siteId, { epoch: e, revision: 0 });
	expect(await next()).toEqual({ id: `${e}:0` });
	const { revision, size, sum } = await positionOf(db, siteId);
	expect(await next()).toEqual({
		event: "heartbeat",
		data: { epoch: e, rev: revision, n: size, sum },
	});
	const one = {
		id: `${e}:1`,
		event: "change",
		data: {
			epoch: e,
			prev: 0,
			rev: 1,
			n: 1,
			sum: expect.stringMatching(/^[0-9a-f]{32}$/),
			del: [],
			add: [address],
			at: testNow.toISOString(),
		},
	};
	expect(await next()).toEqual(one);
	expect(await next()).toMatchObject({
		data: {
			prev: 1,
			rev: 2,
			n: 0,
			sum: "0".repeat(32),
			del: [address],
			add: [],
		},
	});
	const coming = next();
	await turn();
	expect(await coming).toMatchObject({
		data: {
			prev: 2,
			rev: 3,
			n: 1,
			add: [address],
			sum: expect.not.stringMatching(/^0+$/),
		},
	});
});

test("a stream that is woken is told at once; one that is not finds out within half a second", async () => {
	const { siteId, turn, epoch } = await newSite();
	const cursor = { epoch: await epoch(), revision: 1 };
	const woken = await begun(siteId, cursor);
	const coming = woken.next();
	await turn();
	woken.tails.wake();
	expect(await coming).toMatchObject({ data: { rev: 2 } });
	const polled = woken.next();
	await turn();
	expect(await polled).toMatchObject({ data: { rev: 3 } });
});

test("a hundred streams of a site cost as many readings as one", async () => {
	const { siteId, turn, epoch } = await newSite();
	let asked = 0;
	const parts = startTails({
		ask(actor, question, input) {
			asked += 1;
			return db.performer.ask(actor, question, input);
		},
	});
	const cursor = { epoch: await epoch(), revision: 1 };
	const all = await Promise.all(
		Array.from({ length: 100 }, () => begun(siteId, cursor, parts)),
	);
	expect(asked, "to begin the tail").toBe(2);
	const coming = all.map(({ next }) => next());
	await turn();
	parts.tails.wake();
	for (const one of await Promise.all(coming))
		expect(one).toMatchObject({ data: { rev: 2 } });
	// One for the positions and one for the deltas; a poll may have come between.
	expect(asked).toBeLessThan(40);
});

test("a reader that is far behind reads the database for itself, and then the tail", async () => {
	const { siteId, turn, epoch } = await newSite();
	await turn(450);
	const cursor = { epoch: await epoch(), revision: 3 };
	const { next, tails } = await begun(siteId, cursor);
	for (let rev = 4; rev <= 451; rev += 1)
		expect(await next()).toMatchObject({ data: { rev, prev: rev - 1 } });
	const coming = next();
	await turn();
	tails.wake();
	expect(await coming).toMatchObject({ data: { rev: 452 } });
});

test.each([
	[
		"of another epoch",
		() => "0c5e9d1e-8f3b-4c0a-9a51-3f6d9c2b7a10",
		1,
		"edge.cursor_gone",
	],
	["ahead of the site", (own: string) => own, 2, "edge.cursor_ahead"],
] as const)("a cursor %s is refused", async (_, epochOf, revision, code) => {
	const { siteId, epoch } = await newSite();
	const cursor = { epoch: epochOf(await epoch()), revision };
	await expect(stream(siteId, cursor)).rejects.toMatchObject({
		code,
	});
});

test("a cursor that only another process has heard of is looked up before it is refused", async () => {
	const { siteId, turn, epoch } = await newSite();
	const parts = startTails();
	const cursor = { epoch: await epoch(), revision: 1 };
	await begun(siteId, cursor, parts);
	await turn();
	const { next } = await begun(siteId, { ...cursor, revision: 2 }, parts);
	const coming = next();
	await turn();
	parts.tails.wake();
	expect(await coming).toMatchObject({ data: { rev: 3 } });
});

test("a new epoch ends the streams with a reset, and they begin anew", async () => {
	const { siteId, turn, epoch } = await newSite();
	const { next, tails } = await begun(siteId, {
		epoch: await epoch(),
		revision: 1,
	});
	const coming = next();
	await db.performer.perform(operator, beginEpoch, { reason: "asked" });
	tails.wake();
	expect(await coming).toEqual({ event: "reset", data: { reason: "epoch" } });
	expect(await next()).toBeUndefined();
	const again = await begun(siteId, { epoch: await epoch(), revision: 1 });
	const fresh = again.next();
	await turn();
	again.tails.wake();
	expect(await fresh).toMatchObject({ data: { rev: 2 } });
});

test("a step with which the networks of the site change is told to nobody: whoever stands before it takes a snapshot", async () => {
	const { siteId, turn, epoch } = await newSite();
	const e = await epoch();
	const { next, tails } = await begun(siteId, { epoch: e, revision: 1 });
	await turn();
	await db.performer.perform(operator, saveSite, {
		id: siteId,
		prefixes: [`5.6.${counter}.0/24`, `5.7.${counter}.0/24`],
	});
	await turn();
	tails.wake();
	expect(await next()).toMatchObject({ data: { rev: 2 } });
	expect(await next()).toEqual({ event: "reset", data: { reason: "gone" } });
	for (const revision of [1, 3, 4]) await begun(siteId, { epoch: e, revision });
	await expect(stream(siteId, { epoch: e, revision: 2 })).rejects.toMatchObject(
		{ code: "edge.cursor_gone" },
	);
	const late = await begun(siteId, { epoch: e, revision: 3 });
	expect(await late.next()).toMatchObject({ data: { rev: 4, prev: 3 } });
});

test("the last stream of a site leaves nothing behind that reads", async () => {
	const { siteId, turn, epoch } = await newSite();
	let asked = 0;
	const parts = startTails({
		ask(actor, question, input) {
			asked += 1;
			return db.performer.ask(actor, question, input);
		},
	});
	const { next, end } = await begun(
		siteId,
		{ epoch: await epoch(), revision: 1 },
		parts,
	);
	const coming = next();
	end();
	expect(await coming).toBeUndefined();
	await parts.tails.stop();
	const before = asked;
	await turn();
	parts.tails.wake();
	expect(asked).toBe(before);
});

test("a reading that fails is made again, and nothing is left out", async () => {
	const { siteId, turn, epoch } = await newSite();
	const database: { ask: Performer["ask"] } = { ask: db.performer.ask };
	const away: Performer["ask"] = () =>
		Promise.reject(new Error("connect ECONNREFUSED"));
	const errors: unknown[] = [];
	const ending = new AbortController();
	const tails = createSiteTails({
		performer: {
			ask: (actor, question, input) => database.ask(actor, question, input),
		},
		onError: (error) => errors.push(error),
	});
	open.push({ tails, ending });
	const parts = { tails, signal: ending.signal, end: () => ending.abort() };
	const { next } = await begun(
		siteId,
		{ epoch: await epoch(), revision: 1 },
		parts,
	);
	const coming = next();
	database.ask = away;
	await turn(2);
	tails.wake();
	await tails.watch(siteId).then((tail) => tail.refresh().catch(() => {}));
	expect(errors).toHaveLength(1);
	database.ask = db.performer.ask;
	expect(await coming).toMatchObject({ data: { rev: 2 } });
	expect(await next()).toMatchObject({ data: { rev: 3 } });
});

test("deltas older than a week are forgotten from the oldest on, but for the newest; a cursor among them is refused", async () => {
	const { siteId, turn, epoch } = await newSite();
	const days = (n: number) => new Date(testNow.getTime() + n * 86_400_000);
	await turn(2);
	db.now = days(5);
	await turn(2);
	db.now = days(8);
	const trim = () => db.performer.perform(operator, trimDeltas, {});
	expect(await trim()).toEqual({ deleted: expect.any(Number) });
	const kept = async () =>
		(
			await db.sql.rows(sql<{ revision: number }>`
				select revision from allowlist_deltas where site_id = ${siteId} order by revision`)
		).map(({ revision }) => revision);
	expect(await kept()).toEqual([4, 5]);
	const e = await epoch();
	await expect(stream(siteId, { epoch: e, revision: 2 })).rejects.toMatchObject(
		{ code: "edge.cursor_gone", detail: expect.stringContaining("not kept") },
	);
	const { next } = await begun(siteId, { epoch: e, revision: 3 });
	expect(await next()).toMatchObject({ data: { rev: 4 } });
	db.now = days(30);
	await trim();
	expect(await kept()).toEqual([5]);
	expect(await trim()).toEqual({ deleted: 0 });
	const { next: last } = await begun(siteId, { epoch: e, revision: 5 });
	const coming = last();
	await turn();
	expect(await coming).toMatchObject({ data: { rev: 6 } });
});

test("only the system trims and reads for others", async () => {
	await expect(
		db.performer.perform(reviewer, trimDeltas, {}),
	).rejects.toMatchObject({ code: "auth.forbidden" });
});
