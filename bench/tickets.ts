/** The part of a run that customers with a question would see: their tickets, among few of them and among many. */
import { join } from "node:path";
import { openDatabase, type PostgresFacts, postgresFacts } from "./database.ts";
import { type Block, seedKeys } from "./inventory.ts";
import { addKeys } from "./keys.ts";
import { type Conversation, listenToServer } from "./look-inside.ts";
import {
	type Measured,
	measure,
	prepareOn,
	type Stage,
	scriptVariables,
} from "./measure.ts";
import { ticketOperations } from "./plan.ts";
import type { Order } from "./requests.ts";
import { runLoad } from "./run-load.ts";
import { started } from "./running.ts";
import { requireSameTickets } from "./same-rows.ts";
import { startServer } from "./server-process.ts";
import { type BareServer, startBare } from "./start-bare.ts";
import { seedTickets, ticketsPerClient } from "./ticket-seed.ts";
import { compareTwo, type TwoProcesses } from "./two-processes.ts";

export interface TicketFigures {
	readonly postgres: PostgresFacts;
	/** How many tickets were written at a time, and how long that took. */
	readonly seeded: readonly {
		readonly tickets: number;
		readonly seconds: number;
	}[];
	readonly measured: readonly Measured[];
	/** Among the most tickets. */
	readonly twoProcesses: readonly TwoProcesses[];
	readonly heard: readonly Conversation[];
}

/** Clients who write and read, and how many tickets each of them has waiting: more than a page of the list. */
const writersMax = 256;
const ticketsEach = 32;

export async function benchTickets({
	folder,
	pace,
	pgbench,
	say,
}: Order): Promise<TicketFigures> {
	const database = started(await openDatabase(folder));
	const { admin } = database;
	const server = started(
		await startServer({
			urls: database.urls(),
			logPath: join(folder, "server.log"),
		}),
	);
	const keysPath = join(folder, "keys");
	const stage = { pace, database, pgbench, port: server.port, keysPath, say };
	let bare: BareServer | undefined;
	const seeded: TicketFigures["seeded"][number][] = [];
	const measured: Measured[] = [];
	let made = 0;
	let block: Block | undefined;
	for (const tickets of pace.tickets) {
		say(`Seeding ${(tickets - made).toLocaleString("en")} tickets …`);
		const beganAt = performance.now();
		block = await seedTicketsInTurn(admin, { from: made, to: tickets });
		seeded.push({
			tickets: tickets - made,
			seconds: (performance.now() - beganAt) / 1000,
		});
		made = tickets;
		const keys = new Map<number, string>();
		await seedKeys(admin, block, keys);
		await addKeys(keysPath, keys);
		await requireSame(stage, block);
		// It knows the keys that were there when it was started.
		await bare?.stop();
		bare = started(await startBare(database.app, keysPath));
		for (const operation of ticketOperations(tickets))
			measured.push(
				await measure(
					{ ...stage, barePort: bare.port },
					prepareOn(operation, block),
				),
			);
	}
	await bare?.stop();
	const other = started(
		await startServer({
			urls: database.urls(),
			logPath: join(folder, "other.log"),
		}),
	);
	const twoProcesses: TwoProcesses[] = [];
	for (const { name, shape } of ticketOperations(made)) {
		if (block === undefined || shape === "ticket-reply") continue;
		const { warmUpS, measureS } = pace;
		twoProcesses.push(
			await compareTwo([server.port, other.port], {
				...{ name, shape, block, keysPath, warmUpS, measureS },
				settle: () => admin.query("checkpoint"),
			}),
		);
	}
	await other.stop();
	await server.stop();
	const heard =
		block === undefined
			? []
			: await listenToServer(
					{ folder, database, keysPath, pace },
					ticketOperations(made).map(({ name, shape }) => ({
						...{ name, shape, block },
					})),
				);
	const postgres = await postgresFacts(admin);
	await database.stop();
	return { postgres, seeded, measured, twoProcesses, heard };
}

/** Tickets from one number to the other, the last of them in turn of those who write and read. */
export async function seedTicketsInTurn(
	admin: Stage["database"]["admin"],
	{ from, to }: { readonly from: number; readonly to: number },
): Promise<Block> {
	// No more than six in ten tickets are theirs, also where there are few.
	const clients = Math.min(writersMax, Math.floor(to / (ticketsEach * 1.7)));
	const block: Block = {
		...{ standing: "prepaid", hasKeys: true, clients },
		firstClient: Math.floor(to / ticketsPerClient / 2),
		tickets: { first: to - clients * ticketsEach, each: ticketsEach },
	};
	const { first } = block.tickets ?? { first: to };
	await seedTickets(admin, { from, to: first });
	await seedTickets(admin, { from: first, to, inTurn: block });
	return block;
}

/** Ends the run when pgbench does not write what the server writes. */
async function requireSame(stage: Stage, block: Block): Promise<void> {
	const { database, pgbench, port, keysPath } = stage;
	if (pgbench === undefined) return;
	for (const script of ["ticket-create", "ticket-reply"] as const) {
		await runLoad({
			...{ shape: script, port, connections: 1, block, keysPath },
			...{ warmUpS: 0, measureS: 0.5 },
		});
		await pgbench.run(database.app, {
			...{ script, callers: 1, length: { transactions: 20 } },
			variables: scriptVariables(stage, script, block),
		});
	}
	await requireSameTickets(database.admin);
}
