import { copyFile, rename } from "node:fs/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { testNow, useDatabase } from "../../../test/db.ts";
import { createTestSeals, type TestSeals } from "../../../test/seals.ts";
import { open } from "../../../test/tickets.ts";
import { createWorld, type TestClient } from "../../../test/world.ts";
import type { Performer } from "../../platform/perform.ts";
import {
	changeKeyFile,
	readKeyFile,
} from "../../platform/seal/seal-key-file.ts";
import { makeKey, shred, withKey } from "../../platform/seal/seal-keys.ts";
import { sql } from "../../platform/sql.ts";
import { countSealed } from "./read-sealed.ts";
import { getOwnTicket } from "./read-ticket.ts";
import { replyToTicket } from "./reply-to-ticket.ts";
import type { Message, TicketDetail } from "./ticket.ts";

const db = useDatabase();
let seals: TestSeals;
let client: TestClient;
let performer: Performer;

beforeAll(async () => {
	seals = await createTestSeals();
	performer = db.performerWith({ seals: seals.ring });
	client = await createWorld(() => db.performer).addClient("prepaid");
});
afterAll(() => seals.remove());

const secret = "The door code is 4711 — hemligt, även för åskådare.";

function ticket(): Promise<TicketDetail> {
	return open({ db }, { client });
}

function replySealed(
	{ id }: Pick<TicketDetail, "id">,
	message = secret,
	by = performer,
): Promise<Message> {
	const input = { ticket: id, message, encrypted: true };
	return by.perform(client.actor, replyToTicket, input);
}

function read({ id }: Pick<TicketDetail, "id">, by = performer) {
	return by.ask(client.actor, getOwnTicket, { ticket: id });
}

async function bodiesOf(one: Pick<TicketDetail, "id">, by = performer) {
	const { messages } = await read(one, by);
	return messages.map(({ isEncrypted, body }) => ({ isEncrypted, body }));
}

function row(id: string) {
	return db.ownerSql.first(sql<{
		body: string | null;
		sealed: Buffer | null;
		isEncrypted: boolean;
		textBytes: number;
	}>`
		select m.body, m.sealed, m.is_encrypted, t.text_bytes from ticket_messages m, tickets t
		where m.id = ${id} and t.id = m.ticket_id`);
}

describe("a sensitive reply", () => {
	test("is stored sealed, and read back in clear by its client", async () => {
		const one = await ticket();
		const reply = await replySealed(one);
		expect(reply).toMatchObject({ isEncrypted: true, body: secret });
		const stored = await row(reply.id);
		expect(stored).toMatchObject({ isEncrypted: true, body: null });
		expect(stored?.sealed?.includes("4711")).toBe(false);
		expect(await bodiesOf(one)).toEqual([{ isEncrypted: true, body: secret }]);
	});

	test("comes back byte for byte, as long and as odd as a message may be", async () => {
		const odd =
			"a\u0301e\u200d\u{1F468}\u200d\u{1F469}\u202e\ufeff\u{10FFFF}\r\n\t\u0001\\\"'%00";
		const texts = [
			odd.repeat(4_000).slice(0, 65_000),
			"\u{1F993}".repeat(65_535),
		];
		const one = await ticket();
		for (const text of texts) await replySealed(one, text);
		expect((await bodiesOf(one)).map(({ body }) => body)).toEqual(texts);
	});

	test("counts as the text that it is, so a ticket cannot grow without a bound by it", async () => {
		const one = await ticket();
		const before = await row((await replySealed(one, "x")).id);
		const after = await row((await replySealed(one, "åäö")).id);
		expect((after?.textBytes ?? 0) - (before?.textBytes ?? 0)).toBe(6);
	});

	test("that is repeated with its Idempotency-Key is given again, and its text is not kept there", async () => {
		const one = await ticket();
		const once = () =>
			performer.performOnce(client.actor, replyToTicket, {
				input: { ticket: one.id, message: secret, encrypted: true },
				key: { scope: "test", key: "k", bodyDigest: "d" },
			});
		const first = await once();
		const second = await once();
		expect(second).toEqual({
			...first,
			replayed: true,
			output: expect.anything(),
		});
		expect(second.output).toMatchObject({ id: first.output.id, body: secret });
		const kept = await db.ownerSql.rows(
			sql<{ text: string }>`select k::text as text from idempotency_keys k`,
		);
		expect(JSON.stringify(kept)).not.toContain("4711");
	});
});

describe("where nothing can be sealed", () => {
	test("a sensitive reply is refused and leaves nothing; another one is taken", async () => {
		const one = await ticket();
		const before = await read(one);
		await expect(replySealed(one, secret, db.performer)).rejects.toThrow(
			"sealing.unavailable",
		);
		expect(await read(one)).toEqual(before);
		const input = { ticket: one.id, message: "in clear" };
		await db.performer.perform(client.actor, replyToTicket, input);
		expect(await bodiesOf(one)).toEqual([
			{ isEncrypted: false, body: "in clear" },
		]);
	});

	test("what was sealed before is there without its text, beside the others", async () => {
		const one = await ticket();
		await replySealed(one);
		expect(await bodiesOf(one, db.performer)).toEqual([
			{ isEncrypted: true, body: null },
		]);
	});
});

describe("bytes in the wrong place", () => {
	test("do not open on another message, of the same ticket or another", async () => {
		const [one, other] = [await ticket(), await ticket()];
		const replies = [
			await replySealed(one, "first"),
			await replySealed(one, "second"),
			await replySealed(other, "third"),
		];
		const [first, second, third] = replies.map(({ id }) => id);
		await db.ownerSql.run(sql`
			update ticket_messages set sealed = (select sealed from ticket_messages where id = ${first})
			where id in (${second}, ${third})`);
		seals.broken.length = 0;
		expect((await bodiesOf(one)).map(({ body }) => body)).toEqual([
			"first",
			null,
		]);
		expect((await bodiesOf(other)).map(({ body }) => body)).toEqual([null]);
		expect(seals.broken).toEqual([second, third]);
	});
});

describe("the turn of a month", () => {
	test("brings another key, and a process that had the file before reads what another one wrote", async () => {
		const late = db.performerWith({ seals: seals.another() });
		const one = await ticket();
		await replySealed(one, "november", late);
		await bodiesOf(one);
		db.now = new Date("2026-12-01T00:00:00.000Z");
		try {
			await replySealed(one, "december", late);
			expect((await bodiesOf(one)).map(({ body }) => body)).toEqual([
				"november",
				"december",
			]);
		} finally {
			db.now = testNow;
		}
		const named = await countSealed(db.sql);
		expect(named.length).toBe(2);
		expect(named.map(({ messages }) => messages > 0)).toEqual([true, true]);
	});
});

describe("keys that are gone", () => {
	test("by shredding their months take the texts of these months along, whatever database is put back", async () => {
		const own = await createTestSeals();
		try {
			const by = db.performerWith({ seals: own.ring });
			const one = await ticket();
			db.now = new Date("2026-10-31T23:59:59.999Z");
			await replySealed(one, "october", by);
			db.now = testNow;
			await replySealed(one, "november", by);
			await changeKeyFile(own.path, (keys) => shred(keys, "2026-11"));
			const next = db.performerWith({ seals: own.another() });
			expect(await bodiesOf(one, next)).toEqual([
				{ isEncrypted: true, body: null },
				{ isEncrypted: true, body: "november" },
			]);
		} finally {
			db.now = testNow;
			await own.remove();
		}
	});

	test("with their file leave null, and bring the text back when the file comes back", async () => {
		const own = await createTestSeals();
		try {
			const one = await ticket();
			await replySealed(one, secret, db.performerWith({ seals: own.ring }));
			await rename(own.path, `${own.path}.copy`);
			const without = own.another();
			const by = db.performerWith({ seals: without });
			expect((await bodiesOf(one, by))[0]?.body).toBeNull();
			await copyFile(`${own.path}.copy`, own.path);
			await without.watch();
			expect((await bodiesOf(one, by))[0]?.body).toBe(secret);
		} finally {
			await own.remove();
		}
	});

	test("of another installation open nothing and break nothing", async () => {
		const own = await createTestSeals();
		try {
			await changeKeyFile(own.path, (keys) =>
				withKey(keys, makeKey("2026-11", testNow)),
			);
			const one = await ticket();
			await replySealed(one);
			const by = db.performerWith({ seals: own.ring });
			expect((await bodiesOf(one, by))[0]?.body).toBeNull();
			expect(own.broken).toEqual([]);
			const file = await readKeyFile(own.path);
			expect(file?.keys.keys).toHaveLength(1);
		} finally {
			await own.remove();
		}
	});
});
