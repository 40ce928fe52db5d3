/**
 * The part of a run that says what growth costs: the same questions, one after another on one connection, among few tickets
 * and among many. A latency is told and not a rate: what grows with the tables shows in it, and little else does.
 *
 * Few and many lie side by side, each in a database of its own with a server of its own, and are asked in turn: what else the
 * machine does in the minutes that this takes is then in both.
 */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { type BenchDatabase, openDatabase } from "./database.ts";
import { type Block, seedKeys } from "./inventory.ts";
import { addKeys, seedStaffKey } from "./keys.ts";
import type { Shape } from "./load.ts";
import type { Pace } from "./plan.ts";
import type { Order } from "./requests.ts";
import { runLoad } from "./run-load.ts";
import { started } from "./running.ts";
import type { Summary } from "./samples.ts";
import { type ServerProcess, startServer } from "./server-process.ts";
import { seedTicketsInTurn } from "./tickets.ts";

/** What a question takes among so many rows: the median of the rounds. */
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

/** So many rows in a database of their own, and the server on it. */
export interface Grown {
	readonly rows: number;
	readonly database: BenchDatabase;
	readonly server: ServerProcess;
	readonly keysPath: string;
	/** The same for each size, in the same order. */
	readonly asked: readonly Asked[];
}

export interface Asked {
	readonly what: string;
	readonly shape: Shape;
	/** Used in turn, one in each round. */
	readonly blocks: readonly Block[];
}

/** An odd number: the median of the rounds is told. */
export const rounds = 3;

/** Asks everything of each size in turn, and ends the servers and the databases. */
export async function costsOf(
	sizes: readonly Grown[],
	{ pace, say }: Pick<Order, "pace" | "say">,
): Promise<Cost[]> {
	const costs: Cost[] = [];
	for (const [nth, { what }] of (sizes[0]?.asked ?? []).entries()) {
		const told = new Map<Grown, Summary[]>(sizes.map((one) => [one, []]));
		for (let round = 0; round < rounds; round += 1)
			for (const size of sizes)
				told.get(size)?.push(await askedOnce(size, { nth, round, pace }));
		for (const [{ rows }, summaries] of told) {
			const cost = { ...medianOf(summaries), what, rows };
			costs.push(cost);
			say(
				`${what} among ${rows.toLocaleString("en")}: p50 ${cost.p50Ms.toFixed(2)} ms, p95 ${cost.p95Ms.toFixed(2)} ms`,
			);
		}
	}
	for (const { server, database } of sizes) {
		await server.stop();
		await database.stop();
	}
	return costs.toSorted((a, b) => a.rows - b.rows);
}

async function askedOnce(
	{ asked, database, server, keysPath }: Grown,
	{
		nth,
		round,
		pace,
	}: { readonly nth: number; readonly round: number; readonly pace: Pace },
): Promise<Summary> {
	const one = asked[nth];
	const block = one?.blocks[round % one.blocks.length];
	if (one === undefined || block === undefined)
		throw new Error(`${nth} is not asked of this size`);
	// None pays for what another left to be written out.
	await database.admin.query("checkpoint");
	return await runLoad({
		...{ shape: one.shape, port: server.port, connections: 1, block, keysPath },
		...{ warmUpS: pace.costS / 4, measureS: pace.costS },
	});
}

/** Each figure by itself: a round that was disturbed is voted out. */
function medianOf(summaries: readonly Summary[]): Summary {
	const median = (of: (summary: Summary) => number) =>
		summaries.map(of).sort((a, b) => a - b)[summaries.length >> 1] ?? NaN;
	return {
		perSecond: median(({ perSecond }) => perSecond),
		p50Ms: median(({ p50Ms }) => p50Ms),
		p95Ms: median(({ p95Ms }) => p95Ms),
		p99Ms: median(({ p99Ms }) => p99Ms),
	};
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
	const sizes: Grown[] = [];
	const seeded: GrowthFigures["seeded"][number][] = [];
	for (const tickets of pace.growth) {
		say(`Seeding ${tickets.toLocaleString("en")} tickets …`);
		const beganAt = performance.now();
		sizes.push(await growTo(tickets, join(folder, String(tickets))));
		seeded.push({ tickets, seconds: (performance.now() - beganAt) / 1000 });
	}
	return { costs: await costsOf(sizes, { pace, say }), seeded };
}

async function growTo(tickets: number, folder: string): Promise<Grown> {
	await mkdir(folder);
	const database = started(await openDatabase(folder));
	const { admin } = database;
	const server = started(
		await startServer({
			urls: database.urls(),
			logPath: join(folder, "server.log"),
		}),
	);
	const keysPath = await seedStaffKey(admin, folder);
	const block = await seedTicketsInTurn(admin, { from: 0, to: tickets });
	const keys = new Map<number, string>();
	await seedKeys(admin, block, keys);
	await seedKeys(admin, largest, keys);
	await addKeys(keysPath, keys);
	const asked = (what: string, shape: Shape, of = block): Asked => ({
		...{ what, shape, blocks: [of] },
	});
	return {
		...{ rows: tickets, database, server, keysPath },
		asked: [
			asked("read a ticket", "ticket-read"),
			asked("list by client", "ticket-list"),
			asked("v1 list", "v1-tickets"),
			asked("v1 list, largest client", "v1-tickets", largest),
			asked("search by client", "ticket-search"),
			asked("search, largest client", "ticket-search", largest),
			asked("desk list", "desk-tickets"),
			asked("create a ticket", "ticket-create"),
		],
	};
}
