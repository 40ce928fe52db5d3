/** Looking for words in one's own tickets. */
import { beforeAll, describe, expect, test } from "vitest";
import { testNow, useDatabase } from "../../../test/db.ts";
import { createWorld, type TestClient } from "../../../test/world.ts";
import { answerTicket } from "./answer-ticket.ts";
import { listOwnTickets } from "./list-own-tickets.ts";
import { noteOnTicket } from "./note-on-ticket.ts";
import { openTicket } from "./open-ticket.ts";
import { replyToTicket } from "./reply-to-ticket.ts";
import { lookThrough } from "./search-store.ts";

const db = useDatabase();
const world = createWorld(() => db.performer);
let client: TestClient;

beforeAll(async () => {
	await world.begin();
	client = await world.addClient("prepaid");
});

let moment = 0;

function open(subject: string, message = "Hello.", as = client) {
	moment += 1;
	db.now = new Date(testNow.getTime() + moment);
	const input = { departmentSlug: "vps", subject, message };
	return db.performer.perform(as.actor, openTicket, input);
}

async function find(words: string, as = client): Promise<string[]> {
	const { data } = await db.performer.ask(as.actor, listOwnTickets, {
		words,
		limit: 100,
	});
	return data.map(({ subject }) => subject);
}

describe("words", () => {
	test("are found in the subject, the opening and what followed, however they end", async () => {
		await open("The printers are burning");
		await open("Något annat", "Min skrivare står i brand.");
		const { id } = await open("Third");
		const reply = {
			ticket: id,
			message: "Skrivarna brinner, och en skrivare.",
		};
		await db.performer.perform(client.actor, replyToTicket, reply);
		expect(await find("printer")).toEqual(["The printers are burning"]);
		expect(await find("burn")).toEqual(["The printers are burning"]);
		expect(await find("SKRIVAREN")).toEqual(["Third", "Något annat"]);
		expect(await find("skrivarna brand")).toEqual(["Något annat"]);
	});

	test("may stand in the subject and in the message, one here and one there", async () => {
		await open("Invoice of July", "It names the wrong company.");
		expect(await find("invoice company")).toEqual(["Invoice of July"]);
		expect(await find("invoice printer")).toEqual([]);
	});

	test("are read as people type them", async () => {
		await open("Slow disk", "The disk of the server is slow.");
		await open("Slow network", "The network is slow.");
		expect(await find('"slow disk"')).toEqual(["Slow disk"]);
		expect(await find("slow -network")).toEqual(["Slow disk"]);
		expect(await find("disk or network")).toEqual([
			"Slow network",
			"Slow disk",
		]);
	});

	test.each([
		"'",
		"a & | ! b",
		"(((",
		":*",
		"<->",
		"\\",
		"%",
		"och",
		"the",
		"🦓",
		"-",
	])("may be %j, which breaks nothing", async (words) =>
		expect(await find(words)).toBeInstanceOf(Array),
	);

	test("of an answer are found, of a note and of another client's ticket never", async () => {
		const staff = await world.addReviewer();
		const other = await world.addClient("prepaid");
		await open("Foreign", "quokka", other);
		const { id } = await open("Own");
		const say = (message: string) => ({ ticket: id, message });
		await db.performer.perform(staff, noteOnTicket, say("wombat"));
		expect(await find("quokka")).toEqual([]);
		expect(await find("wombat")).toEqual([]);
		await db.performer.perform(staff, answerTicket, say("numbat"));
		expect(await find("numbat")).toEqual(["Own"]);
	});
});

describe("a page", () => {
	test("ends where so much text was looked through, and the next goes on there", async () => {
		const reader = await world.addClient("prepaid");
		const filler = "word ".repeat(13_000);
		await open("needle first", "Hello.", reader);
		const texts = Math.ceil(lookThrough.textBytes / filler.length) + 1;
		for (let i = 0; i < texts; i += 1) await open("hay", filler, reader);
		await open("needle last", "Hello.", reader);
		const ask = (cursor?: string) =>
			db.performer.ask(reader.actor, listOwnTickets, {
				words: "needle",
				limit: 20,
				cursor,
			});
		const first = await ask();
		expect(first.data.map(({ subject }) => subject)).toEqual(["needle last"]);
		expect(first.nextCursor).not.toBeNull();
		const second = await ask(first.nextCursor ?? "");
		expect(second.data.map(({ subject }) => subject)).toEqual(["needle first"]);
		expect(second.nextCursor).toBeNull();
	});

	test("may be empty and have a next one", async () => {
		const reader = await world.addClient("prepaid");
		await open("needle", "Hello.", reader);
		const filler = "word ".repeat(13_000);
		for (let size = 0; size <= lookThrough.textBytes; size += filler.length)
			await open("hay", filler, reader);
		const page = await db.performer.ask(reader.actor, listOwnTickets, {
			words: "needle",
			limit: 20,
		});
		expect(page.data).toEqual([]);
		expect(page.nextCursor).not.toBeNull();
	});

	test("holds as many as asked for, and says that there are more", async () => {
		const reader = await world.addClient("prepaid");
		for (let i = 0; i < 5; i += 1) await open(`needle ${i}`, "Hello.", reader);
		const subjects: string[] = [];
		let cursor: string | null | undefined;
		do {
			const page = await db.performer.ask(reader.actor, listOwnTickets, {
				words: "needle",
				limit: 2,
				cursor: cursor ?? undefined,
			});
			expect(page.data.length).toBeLessThanOrEqual(2);
			subjects.push(...page.data.map(({ subject }) => subject));
			cursor = page.nextCursor;
		} while (cursor !== null);
		expect(subjects).toEqual([4, 3, 2, 1, 0].map((i) => `needle ${i}`));
	});
});
