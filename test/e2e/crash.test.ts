/**
 * kill -9 in the middle of a stream of submissions (invariant I9): what was acknowledged is there, and nothing is there by
 * halves. The number of answers after which the server is killed is random.
 */
import { beforeAll, expect, test } from "vitest";
import {
	addCustomer,
	addTestSite,
	type Customer,
	idOf,
	submit,
} from "./customers.ts";
import { expectNoHalves, killInRounds } from "./killing.ts";
import { type Database, joinDatabase } from "./open-database.ts";
import { type Server, useProcesses } from "./postern-process.ts";

const processes = useProcesses();
const dataDir = processes.newDataDir();
const env = {
	POSTERN_DATA_DIR: dataDir,
	POSTERN_PORT25_PER_HOUR: "100000",
	POSTERN_RATE_KEY_PER_MINUTE: "100000",
	POSTERN_RATE_CLIENT_PER_MINUTE: "100000",
	POSTERN_LOG_LEVEL: "warn",
};

const rounds = 5;
const answersMin = 20;
const answersMax = 60;
/** How many submissions are under way at the same time. */
const streams = 8;

let server: Server;
const customers: Customer[] = [];
const acknowledged: { readonly id: string; readonly status: string }[] = [];

beforeAll(async () => {
	server = await processes.serve(env, ["--no-demo"]);
	const database = await joinDatabase(dataDir);
	try {
		await addTestSite(database);
		const vps = (rounds * (answersMax + streams)) / 2;
		for (const [i, standing] of (["trusted", "prepaid"] as const).entries())
			customers.push(
				await addCustomer(database, {
					...{ number: i + 1, standing, vps, keys: 1 },
				}),
			);
	} finally {
		await database.close();
	}
}, 120_000);

let asked = 0;

/** The next server that nobody has asked for, of the customers in turn. */
function nextWish(): { readonly key: string; readonly vpsId: string } {
	const { keys, vps } = customers[asked % customers.length] ?? customers[0]!;
	const vpsId = vps[Math.floor(asked / customers.length)];
	asked += 1;
	if (vpsId === undefined) throw new Error("there are too few servers");
	return { key: keys[0]!, vpsId };
}

/** Submits until the server is killed, which happens after so many answers. */
async function streamUntilKilled(
	url: string,
	answersWanted: number,
	kill: () => void,
): Promise<void> {
	let answers = 0;
	const stream = async () => {
		for (;;) {
			const { key, vpsId } = nextWish();
			const answer = await submit(url, key, vpsId);
			if (answer.status === 0) return;
			expect(answer.status).toBe(201);
			const { status } = Object(answer.body);
			acknowledged.push({ id: idOf(answer), status });
			answers += 1;
			if (answers === answersWanted) kill();
		}
	};
	await Promise.all(Array.from({ length: streams }, stream));
}

/** What would be written by halves: each of these finds nothing. */
const halves = {
	"a request without its event": `
		select id from port25_requests r
		where 1 <> (select count(*) from events where kind = 'port25.requested' and subject = r.id)`,
	"an event without its request": `
		select id from events e
		where kind = 'port25.requested' and not exists (select from port25_requests where id = e.subject)`,
	"an event without its audit row": `
		select id from events e where 1 <> (select count(*) from audit where event_id = e.id)`,
	"an audit row too many, or a gap before one": `
		select stream from audit group by stream having max(seq) <> count(*)`,
	"a pending request without its job, or another with one": `
		select id from port25_requests r
		where (state = 'pending')::int <> (select count(*) from jobs where payload ->> 'requestId' = r.id)`,
	"a job without its event": "select id from jobs where event_id is null",
	"an approval without its entry and its event": `
		select id from port25_requests r
		where state = 'approved' and (
			not exists (select from allowlist_entries where request_id = r.id and id = r.entry_id and state = 'active')
			or not exists (select from events where kind = 'port25.approved' and subject = r.id))`,
	"an entry without its approval": `
		select id from allowlist_entries e
		where not exists (select from port25_requests where id = e.request_id and entry_id = e.id)`,
	"a site whose revisions, deltas and size do not agree with its entries": `
		select id from sites s
		where (revision, size, revision) is distinct from (
			(select count(*) from allowlist_deltas where site_id = s.id),
			(select count(*) from allowlist_entries where site_id = s.id and state = 'active'),
			(select max(revision) from allowlist_deltas where site_id = s.id))`,
} as const;

async function examine(database: Database): Promise<number> {
	await expectNoHalves(database, halves);
	const { rows } = await database.owner.query<{ id: string; status: string }>(
		"select id, state as status from port25_requests order by id",
	);
	const kept = new Map(rows.map(({ id, status }) => [id, status]));
	const lost = acknowledged.filter(({ id, status }) => kept.get(id) !== status);
	expect(lost).toEqual([]);
	return rows.length;
}

test(`what was acknowledged before each of ${rounds} kills is there after them, with all that belongs to it`, async () => {
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
	expect(acknowledged.some(({ status }) => status === "approved")).toBe(true);
	expect(acknowledged.some(({ status }) => status === "pending")).toBe(true);
}, 120_000);
