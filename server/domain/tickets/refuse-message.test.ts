import { beforeAll, describe, expect, test } from "vitest";
import { useDatabase } from "../../../test/db.ts";
import { open } from "../../../test/tickets.ts";
import { createWorld, type TestClient } from "../../../test/world.ts";
import { sql } from "../../platform/sql.ts";
import { closeTicket } from "./close-ticket.ts";
import { refuseMessage } from "./refuse-message.ts";
import { replyToTicket } from "./reply-to-ticket.ts";
import { messagesMax, type TicketDetail, textBytesMax } from "./ticket.ts";

const db = useDatabase();
let client: TestClient;

beforeAll(async () => {
	client = await createWorld(() => db.performer).addClient("trusted");
});

const customer = { kind: "customer" } as const;
const staff = { kind: "staff", staffId: "staff_x", isInternal: false } as const;

function whyNot(
	{ id }: Pick<TicketDetail, "id">,
	writer: typeof customer | typeof staff,
) {
	const which = { whose: { clientId: client.id }, name: { id } };
	return refuseMessage(db.sql, which, { writer, textBytes: 1 });
}

async function filled(): Promise<TicketDetail> {
	const ticket = await open({ db }, { client });
	await db.ownerSql.run(
		sql`update tickets set text_bytes = ${textBytesMax} where id = ${ticket.id}`,
	);
	return ticket;
}

describe("a message that met a ticket that was", () => {
	test("full is told so, unless it comes from the staff", async () => {
		const ticket = await filled();
		await expect(whyNot(ticket, customer)).rejects.toThrow(
			expect.objectContaining({ code: "ticket.full" }),
		);
		await expect(whyNot(ticket, staff)).rejects.toThrow(
			expect.objectContaining({ code: "ticket.closed" }),
		);
	});

	test("full of short messages is told so as well", async () => {
		const { id } = await open({ db }, { client });
		await db.ownerSql.run(
			sql`update tickets set message_count = ${messagesMax}, last_place = ${messagesMax} where id = ${id}`,
		);
		const reply = { ticket: id, message: "One more." };
		await expect(
			db.performer.perform(client.actor, replyToTicket, reply),
		).rejects.toThrow(expect.objectContaining({ code: "ticket.full" }));
	});

	test("full and closed is told to open it again", async () => {
		const ticket = await filled();
		await db.performer.perform(client.actor, closeTicket, {
			ticket: ticket.id,
		});
		await expect(whyNot(ticket, customer)).rejects.toThrow(
			expect.objectContaining({ code: "ticket.closed" }),
		);
	});

	test("closed, and was opened again at once, is not told that it is full", async () => {
		const ticket = await open({ db }, { client });
		for (const writer of [customer, staff])
			await expect(whyNot(ticket, writer)).rejects.toThrow(
				expect.objectContaining({ code: "ticket.closed" }),
			);
	});

	test("not there is told that", async () => {
		const absent = { id: "tkt_01hxa3b4c5d6e7f8g9h0j1k2m3" };
		await expect(whyNot(absent, customer)).rejects.toThrow(
			expect.objectContaining({ code: "resource.not_found" }),
		);
	});
});
