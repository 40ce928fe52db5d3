/** Uploads that wait: how many, how long, and for whom. */
import { describe, expect, test } from "vitest";
import { testNow, useDatabase } from "../../../test/db.ts";
import { form, refusalOf, useUploads } from "../../../test/upload-stage.ts";
import { sql } from "../../platform/sql.ts";
import type { IncomingForm } from "./receive-upload.ts";
import { abandonedAfterMs } from "./upload.ts";

const db = useDatabase();
const stage = useUploads(db);
const { files, receive, work, sweep, rows, events, stored, openTicket, reply } =
	stage;

describe("uploads that wait", () => {
	test("are as many as may wait, also when all of them come at once from several processes", async () => {
		const performers = [1, 2].map(() =>
			db.performerWith({ pool: db.openPool(8) }),
		);
		const settled = await Promise.allSettled(
			Array.from({ length: 30 }, (_, i) =>
				receive(form(`${i}`), files, performers[i % 2]),
			),
		);
		const taken = settled.filter(({ status }) => status === "fulfilled");
		expect(taken).toHaveLength(20);
		expect(await rows()).toHaveLength(20);
		for (const one of settled)
			if (one.status === "rejected")
				expect(one.reason).toMatchObject({ code: "upload.too_many" });
	});

	test("are removed when their time is over, file and row, and not before", async () => {
		await receive();
		const [row] = await rows();
		const hours = (count: number) =>
			new Date(testNow.getTime() + count * 60 * 60 * 1000);
		db.now = new Date(hours(24).getTime() - 1);
		expect(await sweep()).toBe(0);
		db.now = hours(24);
		await sweep();
		expect(await rows()).toMatchObject([{ state: "doomed" }]);
		await work();
		expect(await rows()).toEqual([]);
		expect(await stored()).not.toContain(row!.fileKey);
		expect(await events()).toEqual([
			"upload.received none",
			"upload.discarded expired",
		]);
	});

	test("make room for others when their time is over, swept or not", async () => {
		for (let i = 0; i < 20; i += 1) await receive(form(`${i}`));
		expect((await refusalOf(receive())).code).toBe("upload.too_many");
		db.now = new Date(testNow.getTime() + 24 * 60 * 60 * 1000);
		await receive();
	});

	test("that never arrived are swept when nobody can be at them any more", async () => {
		const gone: IncomingForm = { read: () => new Promise(() => {}) };
		void receive(gone);
		await expect.poll(rows).toMatchObject([{ state: "arriving" }]);
		db.now = new Date(testNow.getTime() + abandonedAfterMs);
		expect(await sweep()).toBe(0);
		db.now = new Date(testNow.getTime() + abandonedAfterMs + 1);
		expect(await sweep()).toBe(1);
		await work();
		expect(await rows()).toEqual([]);
		expect(await events()).toEqual(["upload.discarded abandoned"]);
	});

	test("that come to an end after they were swept are not answered as if they were there", async () => {
		const { promise, resolve } = Promise.withResolvers<void>();
		const slow: IncomingForm = {
			async read(take) {
				const whole = form("slow");
				const read = await whole.read(take);
				await promise;
				return read;
			},
		};
		const late = receive(slow);
		await expect.poll(rows).toMatchObject([{ state: "arriving" }]);
		db.now = new Date(testNow.getTime() + 2 * abandonedAfterMs);
		await sweep();
		resolve();
		expect((await refusalOf(late)).code).toBe("server.unavailable");
		await work();
		expect(await rows()).toEqual([]);
	});

	test("are swept by several processes without one getting in another's way", async () => {
		for (let i = 0; i < 10; i += 1) await receive(form(`${i}`));
		db.now = new Date(testNow.getTime() + 25 * 60 * 60 * 1000);
		const swept = await Promise.all(
			[1, 2, 3].map(() => sweep(db.performerWith({ pool: db.openPool(2) }))),
		);
		expect(swept.reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(
			10,
		);
		const discarded = await db.sql.rows(sql<{ subject: string }>`
			select subject from events where kind = 'upload.discarded' and client_id = ${stage.client.id}`);
		expect(new Set(discarded.map(({ subject }) => subject)).size).toBe(10);
		expect(discarded).toHaveLength(10);
	});
});

describe("replies that want the same upload at the same time", () => {
	test("have it once between them, and the others are not written", async () => {
		const ticket = await openTicket();
		const upload = await receive();
		const performers = [1, 2, 3, 4].map(() =>
			db.performerWith({ pool: db.openPool(2) }),
		);
		const settled = await Promise.allSettled(
			performers.map((performer) => reply(ticket, [upload], performer)),
		);
		expect(settled.filter(({ status }) => status === "fulfilled")).toHaveLength(
			1,
		);
		const found = await db.sql.rows(
			sql`select upload_id from attachments where upload_id = ${upload.id}`,
		);
		expect(found).toHaveLength(1);
		const messages = await db.sql.rows(
			sql`select id from ticket_messages where ticket_id = ${ticket}`,
		);
		expect(messages).toHaveLength(1);
	});

	test("have it once, too, when it goes with whichever comes first", async () => {
		const ticket = await openTicket();
		await receive(form("pinned", { ticketId: ticket }));
		const performers = [1, 2, 3, 4].map(() =>
			db.performerWith({ pool: db.openPool(2) }),
		);
		const replies = await Promise.all(
			performers.map((performer) => reply(ticket, [], performer)),
		);
		expect(replies.flatMap(({ attachments }) => attachments)).toHaveLength(1);
		expect(await rows()).toEqual([]);
	});
});
