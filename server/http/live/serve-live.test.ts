/** A stream from its first byte to its end, over real connections; the database is real, the events are the test's. */
import { once } from "node:events";
import { connect } from "node:net";
import Type from "typebox";
import { afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { useDatabase } from "../../../test/db.ts";
import { type EventReader, readEvents } from "../../../test/event-reader.ts";
import { addKey, buildServer, type TestServer } from "../../../test/server.ts";
import { createWorld } from "../../../test/world.ts";
import { parseKey } from "../../domain/accounts/api-key.ts";
import { beginSession } from "../../domain/accounts/begin-session.ts";
import { revokeApiKey } from "../../domain/accounts/revoke-api-key.ts";
import { system } from "../../kernel/actor.ts";
import { refuse } from "../../kernel/errors.ts";
import { createPlaces } from "../../platform/places.ts";
import { sql } from "../../platform/sql.ts";
import { liveRoute } from "../live-route.ts";
import type { ServerParts } from "../parts.ts";
import type { StreamEvent } from "./event-text.ts";
import { createOpenStreams } from "./open-streams.ts";

const db = useDatabase();
const world = createWorld(() => db.performer);
let clientId = "";
beforeAll(async () => {
	clientId = (await world.addClient("trusted")).id;
});

/** What the test tells, in its own time. */
interface Source {
	tell(event: StreamEvent): void;
	finish(error?: Error): void;
	readonly lastEventId: string | undefined;
	readonly signal: AbortSignal;
}

const sources: Source[] = [];

const watch = liveRoute({
	method: "GET",
	path: "/api/v2/watch",
	name: "watch",
	summary: "Watches",
	tag: "Things",
	scope: "read:support",
	orScopes: ["read:vm"],
	streamsMax: 2,
	query: Type.Object({ say: Type.Optional(Type.String()) }),
	stream: { description: "What the test tells.", events: {} },
	async open({ query, lastEventId, signal }) {
		if (query.say === "no") refuse("resource.not_found");
		let wake = () => {};
		let isOver = false;
		let failure: Error | undefined;
		const told: StreamEvent[] = [];
		signal.addEventListener("abort", () => wake());
		sources.push({
			tell(event) {
				told.push(event);
				wake();
			},
			finish(error) {
				isOver = true;
				failure = error;
				wake();
			},
			lastEventId,
			signal,
		});
		return (async function* () {
			for (;;) {
				const next = told.shift();
				if (next !== undefined) yield next;
				else if (failure !== undefined) throw failure;
				else if (isOver || signal.aborted) return;
				else
					await new Promise<void>((resolve) => {
						wake = resolve;
					});
			}
		})();
	},
});

const faces = [{ name: "v2", prefix: "/api/v2", routes: [watch] }] as const;
const opened: { server: TestServer; readers: EventReader[] }[] = [];

afterEach(async () => {
	for (const { server, readers } of opened.splice(0)) {
		for (const reader of readers) reader.close();
		await server.app.close();
	}
	sources.length = 0;
});

async function serve(change: Partial<ServerParts> = {}) {
	const server = buildServer(db, faces, change);
	const url = await server.app.listen({ host: "127.0.0.1", port: 0 });
	const readers: EventReader[] = [];
	opened.push({ server, readers });
	const key = await addKey(db, { clientId }, ["read:support"]);
	return {
		...server,
		url,
		key,
		async open(
			headers: Readonly<Record<string, string>> = {},
			query = "",
		): Promise<EventReader> {
			const reader = await readEvents(`${url}/api/v2/watch${query}`, {
				authorization: `Bearer ${key}`,
				...headers,
			});
			readers.push(reader);
			return reader;
		},
		/** What the log says about the requests that were answered by a stream. */
		ends: () =>
			server.lines
				.filter((line) => line["streamEndedBy"] !== undefined)
				.map((line) => line["streamEndedBy"]),
	};
}

async function revoke(key: string): Promise<void> {
	const found = await db.sql.first(
		sql<{
			id: string;
		}>`select id from api_keys where hash = ${parseKey(key)?.hash}`,
	);
	const keyId = found?.id ?? "";
	await db.performer.perform(system("test"), revokeApiKey, { keyId });
}

/** Far more than it takes: a machine may be slow. */
const patient = { timeout: 15_000 };
/** Promised is a second; a machine that is five times slower keeps it in this. */
const soonMs = 5_000;

const sourceOf = async (i = 0): Promise<Source> =>
	vi.waitUntil(() => sources[i], patient);

describe("a stream", () => {
	test("begins at once, with the headers that proxies need, and tells what happens as it happens", async () => {
		const { open } = await serve();
		const reader = await open({ "last-event-id": "a place" });
		expect(reader.status).toBe(200);
		expect(reader.headers).toMatchObject({
			"content-type": "text/event-stream; charset=utf-8",
			"cache-control": "no-store",
			"x-accel-buffering": "no",
			"x-content-type-options": "nosniff",
			"x-request-id": expect.stringMatching(/^req_/),
			"x-ratelimit-limit": expect.any(String),
		});
		expect(reader.headers).not.toHaveProperty("content-length");
		await reader.until(({ text }) => /^retry: [12]\d{3}\n\n/.test(text()));
		const source = await sourceOf();
		expect(source.lastEventId).toBe("a place");
		source.tell({ id: "1", event: "change", data: '{"a":1}' });
		await reader.until(({ events }) => events.length === 1);
		source.tell({ id: "2" });
		await reader.until(({ lastEventId }) => lastEventId() === "2");
		expect(reader.events).toEqual([
			{ id: "1", event: "change", data: '{"a":1}' },
		]);
	});

	test("ends in order when there are no more events, and is one line of the log", async () => {
		const { open, ends, lines, app } = await serve();
		const reader = await open();
		(await sourceOf()).finish();
		expect(await reader.ended).toBe(true);
		await app.close();
		expect(ends()).toEqual(["done"]);
		expect(lines.filter((line) => line["msg"] === "request")).toEqual([
			expect.objectContaining({
				path: "/api/v2/watch",
				status: 200,
				actor: "customer",
			}),
		]);
	});

	test("ends when its events fail, and the failure is in the log alone", async () => {
		const { open, ends, lines } = await serve();
		const reader = await open();
		(await sourceOf()).finish(new Error("of the inside"));
		await reader.ended;
		expect(reader.text()).not.toContain("inside");
		await vi.waitUntil(() => ends().length === 1, patient);
		expect(ends()).toEqual(["failed"]);
		expect(lines.filter((line) => line["msg"] === "a stream failed")).toEqual([
			expect.objectContaining({
				level: "error",
				requestId: reader.headers["x-request-id"],
			}),
		]);
	});

	test("tells its events that the reader has gone", async () => {
		const { open, ends } = await serve();
		const reader = await open();
		const source = await sourceOf();
		reader.close();
		await vi.waitUntil(() => source.signal.aborted, patient);
		expect(ends()).toEqual(["reader"]);
	});

	test("writes a comment when nothing has happened for a while", async () => {
		const pace = { heartbeatMs: 20, stallMs: 1_000 };
		const { open } = await serve({ pace });
		const reader = await open();
		await reader.until(({ text }) => text().endsWith("\n\n:\n\n:\n\n"));
		expect(reader.events).toEqual([]);
	});

	test("drops a reader that does not read, and keeps no more for it than its connection holds", async () => {
		const pace = { heartbeatMs: 15_000, stallMs: 200 };
		const { open, ends } = await serve({ pace });
		const reader = await open();
		reader.pause();
		const source = await sourceOf();
		const data = "x".repeat(1024 * 1024);
		for (let i = 0; i < 64; i += 1) source.tell({ data });
		await vi.waitUntil(() => source.signal.aborted, { timeout: 10_000 });
		expect(ends()).toEqual(["slow"]);
		reader.resume();
		expect(await reader.ended).toBe(false);
		expect(reader.events.length).toBeLessThan(64);
	});

	test("brings an event of many megabytes to a reader that takes it slowly", async () => {
		const pace = { heartbeatMs: 15_000, stallMs: 10_000 };
		const { open } = await serve({ pace });
		const reader = await open();
		const data = "ö".repeat(2 * 1024 * 1024);
		(await sourceOf()).tell({ data });
		await reader.until(({ events }) => events.length === 1);
		expect(reader.events[0]?.data.length).toBe(data.length);
	});
});

describe("before it begins, a stream", () => {
	test("is refused like any other request", async () => {
		const { open, url } = await serve();
		const bad = await readEvents(`${url}/api/v2/watch`, {});
		expect([bad.status, bad.body]).toEqual([
			401,
			expect.objectContaining({ code: "unauthorized" }),
		]);
		const other = await addKey(db, { clientId }, ["write:support"]);
		const forbidden = await open({ authorization: `Bearer ${other}` });
		expect(forbidden.status).toBe(403);
		const query = await open({}, "?x=1");
		expect([query.status, query.body]).toEqual([
			400,
			expect.objectContaining({ errors: [expect.anything()] }),
		]);
		expect((await open({}, "?say=no")).status).toBe(404);
		expect(sources).toEqual([]);
	});

	test("needs one of the scopes, not all", async () => {
		const { open } = await serve();
		const other = await addKey(db, { clientId }, ["read:vm"]);
		expect((await open({ authorization: `Bearer ${other}` })).status).toBe(200);
	});

	test("is refused when the key has as many as it may, until one of them ends", async () => {
		const { open } = await serve();
		const [first] = [await open(), await open()];
		const third = await open();
		expect([third.status, third.body]).toEqual([
			429,
			expect.objectContaining({ code: "stream_limit_reached" }),
		]);
		expect(third.headers).toMatchObject({
			"retry-after": "5",
			"x-ratelimit-limit": "2",
			"x-ratelimit-remaining": "0",
		});
		const source = await sourceOf();
		first.close();
		await vi.waitUntil(() => source.signal.aborted, patient);
		expect((await open()).status).toBe(200);
	});

	test("gives its place back when it is refused", async () => {
		const { open } = await serve();
		for (let i = 0; i < 3; i += 1)
			expect((await open({}, "?say=no")).status).toBe(404);
		expect((await open()).status).toBe(200);
	});

	test("is asked for by HEAD without being opened", async () => {
		const { url, key } = await serve();
		const answer = await fetch(`${url}/api/v2/watch`, {
			method: "HEAD",
			headers: { authorization: `Bearer ${key}` },
		});
		expect(answer.status).toBe(200);
		expect(answer.headers.get("content-type")).toMatch(/^text\/event-stream/);
		expect(await answer.text()).toBe("");
		expect(sources).toEqual([]);
	});
});

describe("a stream ends with its key", () => {
	test("about a second after its revocation, also when nobody told this process", async () => {
		const { open, key, ends } = await serve();
		const reader = await open();
		await sourceOf();
		await revoke(key);
		const revokedAt = performance.now();
		expect(await reader.ended).toBe(true);
		expect(performance.now() - revokedAt).toBeLessThan(soonMs);
		expect(ends()).toEqual(["key"]);
	});

	test("when it expires, and when what it may do changes", async () => {
		const before = db.now;
		const { open, ends } = await serve();
		const key = await addKey(db, { clientId }, ["read:support"]);
		const reader = await open({ authorization: `Bearer ${key}` });
		const other = await open();
		await sourceOf(1);
		await db.sql.run(
			sql`update api_keys set expires_at = ${new Date(before.getTime() + 60_000)} where last_four = ${key.slice(-4)}`,
		);
		db.now = new Date(before.getTime() + 60_000);
		await reader.ended;
		expect(ends()).toEqual(["key"]);
		await db.sql.run(
			sql`update api_keys set scopes = '{read:support,read:vm}' where client_id = ${clientId}`,
		);
		await other.ended;
		expect(ends()).toEqual(["key", "key"]);
		db.now = before;
	});

	test("about a second after the end of its session, also when nobody told this process", async () => {
		const { url, ends } = await serve();
		const { id } = await world.addClient("prepaid");
		const begun = await db.performer.perform(system("test"), beginSession, {
			holder: { clientId: id },
			how: "email",
			from: { address: null, userAgent: null },
		});
		const reader = await readEvents(`${url}/api/v2/watch`, {
			cookie: `__Host-postern_session=${begun.token}`,
		});
		expect(reader.status).toBe(200);
		await sourceOf();
		await db.sql.run(sql`
			update sessions set ended_at = ${db.now}, end_reason = 'ended' where id = ${begun.session.id}`);
		const endedAt = performance.now();
		expect(await reader.ended).toBe(true);
		expect(performance.now() - endedAt).toBeLessThan(soonMs);
		expect(ends()).toEqual(["key"]);
	});

	test("and is told nothing while nobody knows whether it has ended", async () => {
		const reading: { isCut: boolean; failures: number } = {
			isCut: false,
			failures: 0,
		};
		const { ask } = db.performer;
		const streams = createOpenStreams({
			places: createPlaces({ db: db.sql, number: 1 }),
			performer: {
				async ask(actor, question, input) {
					if (reading.isCut) {
						reading.failures += 1;
						throw new Error("connect ECONNREFUSED");
					}
					return ask(actor, question, input);
				},
			},
			clock: () => db.now,
			onError: () => {},
		});
		const { open, key } = await serve({ streams });
		const reader = await open();
		const source = await sourceOf();
		source.tell({ data: "before" });
		await reader.until(({ events }) => events.length === 1);
		reading.isCut = true;
		// The third comes more than a second after the last good reading, which then holds no longer.
		await vi.waitUntil(() => reading.failures >= 3, patient);
		source.tell({ data: "meanwhile" });
		await revoke(key);
		reading.isCut = false;
		expect(await reader.ended).toBe(true);
		expect(reader.events.map(({ data }) => data)).toEqual(["before"]);
	});
});

describe("when the server closes", () => {
	test("streams end in order, also those of readers that do not read, and no more begin", async () => {
		const { open, app, ends, url, key } = await serve();
		const [reader, stalled] = [await open(), await open()];
		stalled.pause();
		(await sourceOf(1)).tell({ data: "x".repeat(32 * 1024 * 1024) });
		const late = connect(Number(new URL(url).port), "127.0.0.1");
		await once(late, "connect");
		late.write("GET /api/v2/watch HTTP/1.1\r\nHost: localhost\r\n");
		const began = performance.now();
		const closed = app.close();
		late.write(`Authorization: Bearer ${key}\r\n\r\n`);
		late.on("error", () => {});
		await closed;
		expect(performance.now() - began).toBeLessThan(soonMs);
		expect(await reader.ended).toBe(true);
		expect(ends()).toEqual(["closing", "closing"]);
		expect(sources.length).toBe(2);
		late.destroy();
	});
});
