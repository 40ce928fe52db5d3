/** What happens to a ticket from several processes at the same moment, whose clocks do not agree. */
import { beforeAll, describe, expect, test } from "vitest";
import { testNow, useDatabase } from "../../../test/db.ts";
import { createWorld, type TestClient } from "../../../test/world.ts";
import type { StaffActor } from "../../kernel/actor.ts";
import { Refusal } from "../../kernel/errors.ts";
import type { Performer } from "../../platform/perform.ts";
import { answerTicket } from "./answer-ticket.ts";
import { closeTicket } from "./close-ticket.ts";
import { noteOnTicket } from "./note-on-ticket.ts";
import { openTicket } from "./open-ticket.ts";
import { readTicket } from "./read-desk-ticket.ts";
import { getOwnTicket } from "./read-ticket.ts";
import { reopenTicket } from "./reopen-ticket.ts";
import { replyToTicket } from "./reply-to-ticket.ts";

const db = useDatabase();
const world = createWorld(() => db.performer);
let client: TestClient;
let staff: StaffActor;
let processes: Performer[];

beforeAll(async () => {
	await world.begin();
	client = await world.addClient("prepaid");
	staff = await world.addReviewer();
	// One is right, one is slow and one is fast by minutes.
	processes = [0, -90_000, 200_000].map((skewMs) =>
		db.performerWith({
			pool: db.openPool(12),
			clock: () => new Date(db.now.getTime() + skewMs),
		}),
	);
});

function open(performer: Performer = db.performer, as = client) {
	return performer.perform(as.actor, openTicket, {
		departmentSlug: "vps",
		subject: "All at once",
		message: "Hello.",
	});
}

describe("messages that are written at the same moment", () => {
	test("are numbered in the order in which they are committed: nobody ever sees one come in before another", async () => {
		const { id: ticket } = await open();
		const count = 90;
		const writing = new AbortController();
		const read = async (): Promise<string[]> => {
			const { messages } = await db.performer.ask(client.actor, getOwnTicket, {
				ticket,
			});
			return messages.map((message) => message.id);
		};
		const seen: string[][] = [];
		const readers = [1, 2].map(async () => {
			while (!writing.signal.aborted) seen.push(await read());
		});
		await Promise.all(
			Array.from({ length: count }, (_, i) => {
				const performer = processes[i % 3]!;
				const input = { ticket, message: `Message ${i}` };
				if (i % 5 === 0) return performer.perform(staff, answerTicket, input);
				return i % 5 === 1
					? performer.perform(staff, noteOnTicket, input)
					: performer.perform(client.actor, replyToTicket, input);
			}),
		);
		writing.abort();
		await Promise.all(readers);
		const last = await read();
		expect(seen.length).toBeGreaterThan(3);
		for (const earlier of seen)
			expect(earlier).toEqual(last.slice(0, earlier.length));
	});

	test("are counted, each of them, and never go back in time", async () => {
		const { id: ticket } = await open();
		await Promise.all(
			Array.from({ length: 60 }, (_, i) =>
				processes[i % 3]!.perform(
					i % 2 === 0 ? client.actor : staff,
					i % 2 === 0 ? replyToTicket : answerTicket,
					{ ticket, message: `Message ${i}` },
				),
			),
		);
		const own = await db.performer.ask(client.actor, getOwnTicket, { ticket });
		expect(own.messageCount).toBe(61);
		expect(new Set(own.messages.map(({ body }) => body)).size).toBe(60);
		const times = own.messages.map(({ sentAt }) => sentAt.getTime());
		expect(times).toEqual(times.toSorted((a, b) => a - b));
		expect(own.lastMessageAt).toEqual(own.messages.at(-1)?.sentAt);
		expect(own.updatedAt.getTime()).toBeGreaterThanOrEqual(
			own.lastMessageAt.getTime(),
		);
		const { rows } = await db.pool.query<{ place: number }>(
			"select place from ticket_messages where ticket_id = $1 order by place",
			[ticket],
		);
		expect(rows.map(({ place }) => place)).toEqual(
			Array.from({ length: 60 }, (_, i) => i + 1),
		);
	});

	test("stand before the close or are refused after it, and closing happens once", async () => {
		const { id: ticket } = await open();
		const replies = Array.from({ length: 30 }, (_, i) =>
			processes[i % 3]!.perform(client.actor, replyToTicket, {
				ticket,
				message: `${i}`,
			}).then(
				() => true,
				(error: unknown) => {
					expect((error as Refusal).code).toBe("ticket.closed");
					return false;
				},
			),
		);
		const closes = processes.map((performer) =>
			performer.perform(client.actor, closeTicket, { ticket }),
		);
		const written = (await Promise.all(replies)).filter(Boolean).length;
		await Promise.all(closes);
		const own = await db.performer.ask(client.actor, getOwnTicket, { ticket });
		expect(own.status).toBe("closed");
		expect(own.messages).toHaveLength(written);
		const { rows } = await db.pool.query<{ kind: string }>(
			"select kind from events where subject = $1 and kind <> 'ticket.replied' order by id",
			[ticket],
		);
		expect(rows.map(({ kind }) => kind)).toEqual([
			"ticket.opened",
			"ticket.closed",
		]);
	});
});

test("closing and opening again at once leaves as many events as there were changes", async () => {
	const { id: ticket } = await open();
	await Promise.all(
		Array.from({ length: 40 }, (_, i) =>
			processes[i % 3]!.perform(
				client.actor,
				i % 2 === 0 ? closeTicket : reopenTicket,
				{ ticket },
			),
		),
	);
	const { status } = await db.performer.perform(staff, readTicket, { ticket });
	const { rows } = await db.pool.query<{ kind: string }>(
		"select kind from events where subject = $1 and kind in ('ticket.closed', 'ticket.reopened') order by id",
		[ticket],
	);
	const turns = rows.map(({ kind }) => kind);
	const closed = turns.filter((kind) => kind === "ticket.closed").length;
	// One after the other: what was closed is opened before it is closed again.
	expect(closed - (turns.length - closed)).toBe(status === "closed" ? 1 : 0);
});

describe("critical tickets that are sent at the same moment", () => {
	const send = (performer: Performer, as: TestClient) =>
		performer
			.perform(as.actor, openTicket, {
				departmentSlug: "vps",
				subject: "Everything is down",
				message: "All of it.",
				priority: "critical",
				criticalReason: "All our customers are without mail.",
			})
			.then(
				() => undefined,
				(error: unknown) => error,
			);

	test("let one of the account through, and tell the others when the hour is over", async () => {
		const reporter = await world.addClient("prepaid");
		const right = [0, 1, 2].map(() =>
			db.performerWith({ pool: db.openPool(4) }),
		);
		const answers = await Promise.all(
			Array.from({ length: 12 }, (_, i) => send(right[i % 3]!, reporter)),
		);
		const refused = answers.filter((error) => error instanceof Refusal);
		expect(answers.filter((error) => error === undefined)).toHaveLength(1);
		expect(refused).toHaveLength(11);
		for (const { code, retryAt } of refused) {
			expect(code).toBe("ticket.critical_cooldown");
			expect(retryAt).toEqual(new Date(testNow.getTime() + 3_600_000));
		}
		const other = await world.addClient("prepaid");
		expect(await send(db.performer, other)).toBeUndefined();
	});

	test("are let through again when an hour is over, to the millisecond", async () => {
		const reporter = await world.addClient("prepaid");
		try {
			expect(await send(db.performer, reporter)).toBeUndefined();
			db.now = new Date(testNow.getTime() + 3_600_000 - 1);
			expect(await send(db.performer, reporter)).toBeInstanceOf(Refusal);
			db.now = new Date(testNow.getTime() + 3_600_000);
			expect(await send(db.performer, reporter)).toBeUndefined();
			expect(await send(db.performer, reporter)).toBeInstanceOf(Refusal);
		} finally {
			db.now = testNow;
		}
	});

	test("that are refused for another reason do not use the hour up", async () => {
		const reporter = await world.addClient("prepaid");
		await expect(
			db.performer.perform(reporter.actor, openTicket, {
				departmentSlug: "nowhere",
				subject: "Everything is down",
				message: "All of it.",
				priority: "critical",
				criticalReason: "All our customers are without mail.",
			}),
		).rejects.toMatchObject({ code: "request.invalid" });
		expect(await send(db.performer, reporter)).toBeUndefined();
	});
});

test("tickets that are opened at once have numbers of their own, and wait for nobody", async () => {
	const clients = await Promise.all([
		client,
		world.addClient("prepaid"),
		world.addClient("prepaid"),
	]);
	const holder = await db.pool.connect();
	try {
		// Somebody holds what all of them name: departments and clients.
		await holder.query("begin");
		await holder.query("select from departments for update");
		await holder.query("select from clients for update");
		const opened = await Promise.all(
			Array.from({ length: 30 }, (_, i) =>
				open(processes[i % 3], clients[i % clients.length]),
			),
		);
		expect(new Set(opened.map(({ number }) => number)).size).toBe(30);
	} finally {
		await holder.query("rollback");
		holder.release();
	}
});
