/**
 * The part of a run that says what growth costs: the same questions, one after another on one connection, among few tickets
 * and among many. A latency is told and not a rate: what grows with the tables shows in it, and little else does.
 */
import { join } from "node:path";
import { openDatabase } from "./database.ts";
import { type Block, seedKeys } from "./inventory.ts";
import { addKeys, seedStaffKey } from "./keys.ts";
import type { Shape } from "./load.ts";
import type { Pace } from "./plan.ts";
import type { Order } from "./requests.ts";
import { runLoad } from "./run-load.ts";
import { started } from "./running.ts";
import type { Summary } from "./samples.ts";
import { startServer } from "./server-process.ts";
import { seedTicketsInTurn } from "./tickets.ts";

/** What a question takes among so many rows. */
export interface Cost extends Summary {
	readonly what: string;
	readonly rows: number;
}

export interface GrowthFigures {
	readonly costs: readonly Cost[];
	/** How many tickets were written at a time, and how long that took. */
	readonly seeded: readonly {
		readonly tickets: number;
		readonly seconds: number;
	}[];
}

interface Asked {
	readonly what: string;
	readonly shape: Shape;
	readonly block: Block;
}

/** Asks each of these for a while, on one connection. */
export async function costsOf(
	{
		port,
		keysPath,
		pace,
		say,
	}: {
		readonly port: number;
		readonly keysPath: string;
		readonly pace: Pace;
		readonly say: Order["say"];
	},
	rows: number,
	asked: readonly Asked[],
): Promise<Cost[]> {
	const costs: Cost[] = [];
	for (const { what, shape, block } of asked) {
		const summary = await runLoad({
			...{ shape, port, connections: 1, block, keysPath },
			...{ warmUpS: pace.costS / 4, measureS: pace.costS },
		});
		costs.push({ ...summary, what, rows });
		say(
			`${what} among ${rows.toLocaleString("en")}: p50 ${summary.p50Ms.toFixed(2)} ms, p95 ${summary.p95Ms.toFixed(2)} ms`,
		);
	}
	return costs;
}

/** The client with the most tickets: thousands, where there are a million. */
const largest: Block = {
	...{ standing: "prepaid", hasKeys: true },
	...{ firstClient: 0, clients: 1 },
};

export async function benchGrowth({
	folder,
	pace,
	say,
}: Order): Promise<GrowthFigures> {
	const database = started(await openDatabase(folder));
	const { admin } = database;
	const server = started(
		await startServer({
			urls: database.urls(),
			logPath: join(folder, "server.log"),
		}),
	);
	const keysPath = await seedStaffKey(admin, folder);
	const stage = { port: server.port, keysPath, pace, say };
	const costs: Cost[] = [];
	const seeded: GrowthFigures["seeded"][number][] = [];
	let made = 0;
	for (const tickets of pace.growth) {
		say(`Seeding ${(tickets - made).toLocaleString("en")} tickets …`);
		const beganAt = performance.now();
		const block = await seedTicketsInTurn(admin, { from: made, to: tickets });
		const seconds = (performance.now() - beganAt) / 1000;
		seeded.push({ tickets: tickets - made, seconds });
		const keys = new Map<number, string>();
		await seedKeys(admin, block, keys);
		if (made === 0) await seedKeys(admin, largest, keys);
		await addKeys(keysPath, keys);
		made = tickets;
		await admin.query("checkpoint");
		costs.push(
			...(await costsOf(stage, tickets, [
				{ what: "read a ticket", shape: "ticket-read", block },
				{ what: "list by client", shape: "ticket-list", block },
				{ what: "v1 list", shape: "v1-tickets", block },
				{
					what: "v1 list, largest client",
					...{ shape: "v1-tickets", block: largest },
				},
				{ what: "search by client", shape: "ticket-search", block },
				{
					what: "search, largest client",
					...{ shape: "ticket-search", block: largest },
				},
				{ what: "desk list", shape: "desk-tickets", block },
				{ what: "create a ticket", shape: "ticket-create", block },
			])),
		);
	}
	await server.stop();
	await database.stop();
	return { costs, seeded };
}
