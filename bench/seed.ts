/**
 * `npm run bench:seed -- --tickets 1000000 --data-dir ./seeded` fills a database with tickets, clients and services as a
 * provider has them after five years, and prints keys to look at them with. The folder is that of an embedded database, made
 * if it is missing; `--url postgres://…` fills one of yours, as its owner. A database that has clients already is refused.
 */
import { parseArgs } from "node:util";
import type pg from "pg";
import { mintKey } from "../server/domain/accounts/api-key.ts";
import { scopes } from "../server/kernel/actor.ts";
import { connect } from "../server/platform/db.ts";
import { openEmbeddedPostgres } from "../server/platform/embedded/embedded-postgres.ts";
import { migrate } from "../server/platform/migrate.ts";
import { clientIdAt } from "./inventory.ts";
import { seedTickets, ticketsPerClient } from "./ticket-seed.ts";

const ticketsMax = 100_000_000;

interface Wish {
	readonly tickets: number;
	readonly url: string | undefined;
	readonly dataDir: string | undefined;
}

/** Throws what is wrong with them, in a line. */
function readArguments(): Wish {
	const { values } = parseArgs({
		options: {
			tickets: { type: "string", default: "1000000" },
			url: { type: "string" },
			"data-dir": { type: "string" },
		},
	});
	const { url, "data-dir": dataDir } = values;
	const tickets = Number(values.tickets);
	if (!Number.isSafeInteger(tickets) || tickets < 1 || tickets > ticketsMax)
		throw new Error(
			`--tickets takes a whole number from 1 to ${whole(ticketsMax)}`,
		);
	if ((url === undefined) === (dataDir === undefined))
		throw new Error("say where: either --data-dir or --url");
	return { tickets, url, dataDir };
}

interface Target {
	/** As the owner of the schema, or more. */
	readonly owner: pg.Client;
	close(): Promise<void>;
}

async function open({ url, dataDir }: Wish): Promise<Target> {
	if (dataDir === undefined) {
		const owner = await connect({ connectionString: url ?? "" });
		return { owner, close: () => owner.end() };
	}
	const postgres = await openEmbeddedPostgres({ dataDir, say: () => {} });
	const owner = await connect(postgres.owner);
	return {
		owner,
		async close() {
			await owner.end();
			await postgres.stop();
		},
	};
}

async function fill({ owner }: Target, tickets: number): Promise<void> {
	await migrate(owner);
	const { rows } = await owner.query("select from clients limit 1");
	if (rows.length > 0)
		throw new Error(
			"There are clients in this database already. Give it an empty one.",
		);
	const beganAt = performance.now();
	await seedTickets(owner, {
		...{ from: 0, to: tickets },
		onProgress: (made) =>
			say(
				`${whole(made).padStart(11)} tickets after ${seconds(beganAt)} s; indexes follow`,
			),
	});
	say(`${await countAll(owner)}, in ${seconds(beganAt)} s.`);
	say("\nKeys, shown once:");
	const last = Math.ceil(tickets / ticketsPerClient) - 1;
	const clients = new Set([0, Math.floor(last / 2), last]);
	for (const client of clients) say(await keyOf(owner, clientIdAt(client)));
	say(await keyOf(owner, `staff_1${"1".padStart(25, "0")}`));
}

async function countAll(owner: pg.Client): Promise<string> {
	const { rows } = await owner.query<{ text: string }>(
		`select format('%s tickets with %s messages of %s clients, %s',
			(select count(*) from tickets), (select count(*) from ticket_messages), (select count(*) from clients),
			pg_size_pretty(pg_database_size(current_database()))) as text`,
	);
	return rows[0]?.text ?? "";
}

/** Makes a key with every scope of its holder, and says whose it is. */
async function keyOf(owner: pg.Client, holder: string): Promise<string> {
	const isStaff = holder.startsWith("staff_");
	const { key, hash, lastFour } = mintKey("live");
	await owner.query(
		`insert into api_keys (id, client_id, staff_id, name, hash, last_four, is_test, scopes, created_at)
		values ($1, $2, $3, 'seed', $4, $5, false, $6, now())`,
		[
			`key_${holder.slice(-26)}`,
			...(isStaff ? [null, holder] : [holder, null]),
			...[hash, lastFour],
			isStaff ? scopes.staff : ["read:all", "write:all"],
		],
	);
	const { rows } = await owner.query<{ count: number }>(
		"select count(*) as count from tickets where client_id = $1",
		[holder],
	);
	return `  ${key}  ${holder}, ${isStaff ? "every scope of the desk" : `${whole(rows[0]?.count ?? 0)} tickets`}`;
}

function seconds(since: number): string {
	return ((performance.now() - since) / 1000).toFixed(0);
}

function whole(value: number): string {
	return value.toLocaleString("en");
}

function say(text: string): void {
	process.stdout.write(`${text}\n`);
}

const wish = readArguments();
const target = await open(wish);
try {
	await fill(target, wish.tickets);
} finally {
	await target.close();
}
