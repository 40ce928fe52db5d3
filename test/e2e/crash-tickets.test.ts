/**
 * kill -9 while customers open tickets and reply (invariant I9): what was acknowledged is there, counted and in its place,
 * and nothing is there by halves.
 */
import { beforeAll, expect, test } from "vitest";
import { addCustomer, type Customer, idOf, post } from "./customers.ts";
import { expectNoHalves, killInRounds } from "./killing.ts";
import { type Database, joinDatabase } from "./open-database.ts";
import { type Server, useProcesses } from "./postern-process.ts";

const processes = useProcesses();
const dataDir = processes.newDataDir();
const env = {
	POSTERN_DATA_DIR: dataDir,
	POSTERN_RATE_KEY_PER_MINUTE: "100000",
	POSTERN_RATE_CLIENT_PER_MINUTE: "100000",
	POSTERN_RATE_TICKETS_PER_MINUTE: "100000",
	POSTERN_RATE_REPLIES_PER_MINUTE: "100000",
	POSTERN_LOG_LEVEL: "warn",
};

const rounds = 4;
const answersMin = 30;
const answersMax = 90;
/** How many requests are under way at the same time. */
const streams = 8;

let server: Server;
const customers: Customer[] = [];
/** Those that everybody replies to, one a customer. */
const shared: string[] = [];
const acknowledged: { readonly id: string; readonly isTicket: boolean }[] = [];

const path = "/api/v2/support/tickets";
const opening = {
	departmentSlug: "vps",
	subject: "Is it still there?",
	message: "After a crash.",
};

beforeAll(async () => {
	server = await processes.serve(env, ["--no-demo"]);
	const database = await joinDatabase(dataDir);
	try {
		for (const number of [1, 2])
			customers.push(
				await addCustomer(database, {
					...{ number, standing: "prepaid", vps: 0, keys: 1 },
				}),
			);
	} finally {
		await database.close();
	}
	for (const { keys } of customers) {
		const opened = await post(`${server.url}${path}`, keys[0]!, opening);
		expect(opened.status).toBe(201);
		shared.push(idOf(opened));
	}
}, 120_000);

/** Opens and replies until the server is killed, which happens after so many answers. */
async function streamUntilKilled(
	url: string,
	answersWanted: number,
	kill: () => void,
): Promise<void> {
	let answers = 0;
	let asked = 0;
	const stream = async () => {
		for (;;) {
			const turn = asked++;
			const who = turn % customers.length;
			const key = customers[who]?.keys[0] ?? "";
			const isTicket = turn % 5 === 0;
			const answer = isTicket
				? await post(`${url}${path}`, key, opening)
				: await post(`${url}${path}/${shared[who]}/messages`, key, {
						message: `Message ${turn}`,
					});
			if (answer.status === 0) return;
			expect(answer.status).toBe(201);
			acknowledged.push({ id: idOf(answer), isTicket });
			answers += 1;
			if (answers === answersWanted) kill();
		}
	};
	await Promise.all(Array.from({ length: streams }, stream));
}

/** What would be written by halves: each of these finds nothing. */
const halves = {
	"a ticket without its event": `
		select id from tickets t
		where 1 <> (select count(*) from events where kind = 'ticket.opened' and subject = t.id)`,
	"an event without its ticket": `
		select id from events e
		where kind = 'ticket.opened' and not exists (select from tickets where id = e.subject)`,
	"a message without its event": `
		select id from ticket_messages m
		where 1 <> (select count(*) from events where kind = 'ticket.replied' and data ->> 'messageId' = m.id)`,
	"an event without its message": `
		select id from events e
		where kind = 'ticket.replied' and not exists (select from ticket_messages where id = e.data ->> 'messageId')`,
	"an event without its audit row": `
		select id from events e where 1 <> (select count(*) from audit where event_id = e.id)`,
	"a ticket that does not count its messages": `
		select t.id from tickets t left join ticket_messages m on m.ticket_id = t.id
		group by t.id, t.client_id
		having t.message_count <> 1 + count(m.id) or t.last_place <> coalesce(max(m.place), 0)`,
	"a gap between messages": `
		select ticket_id from ticket_messages group by ticket_id having max(place) <> count(*)`,
	"a message that is newer than its ticket says": `
		select m.id from ticket_messages m join tickets t on t.id = m.ticket_id
		where m.sent_at > t.last_message_at or m.sent_at > t.updated_at`,
	"a message that stands before an older one": `
		select m.id from ticket_messages m join ticket_messages n on n.ticket_id = m.ticket_id and n.place = m.place + 1
		where n.sent_at < m.sent_at`,
} as const;

async function examine(database: Database): Promise<number> {
	await expectNoHalves(database, halves);
	const { rows } = await database.owner.query<{ id: string }>(
		"select id from tickets union all select id from ticket_messages",
	);
	const kept = new Set(rows.map(({ id }) => id));
	expect(acknowledged.filter(({ id }) => !kept.has(id))).toEqual([]);
	return rows.length;
}

test(`tickets and replies that were acknowledged before each of ${rounds} kills are there after them, counted and in their places`, async () => {
	server = await killInRounds(server, {
		rounds,
		answers: { min: answersMin, max: answersMax },
		restart: () => processes.serve(env, ["--no-demo"]),
		keepBusy: ({ url }, answersWanted, kill) =>
			streamUntilKilled(url, answersWanted, kill),
		examine,
		acknowledged: () => acknowledged.length,
	});
	await server.stop();
	expect(acknowledged.some(({ isTicket }) => isTicket)).toBe(true);
	expect(acknowledged.some(({ isTicket }) => !isTicket)).toBe(true);
}, 120_000);
