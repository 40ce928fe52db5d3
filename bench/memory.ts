/** The part of a run about the process itself: how long it takes to start, and what it holds under load that goes on. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { openDatabase } from "./database.ts";
import { memoryMib } from "./edge/phases.ts";
import { seedKeys } from "./inventory.ts";
import { addKeys, seedStaffKey } from "./keys.ts";
import type { Shape } from "./load.ts";
import type { Order } from "./requests.ts";
import { runLoad } from "./run-load.ts";
import { started } from "./running.ts";
import { startServer } from "./server-process.ts";
import { seedTicketsInTurn } from "./tickets.ts";

export interface MemoryFigures {
	/** From the start of the process to its first answer, of each start on a database that exists. */
	readonly startMs: readonly number[];
	readonly idleMib: number;
	/** The most that the process held in each quarter of the load. */
	readonly quartersMib: readonly number[];
	readonly answers: number;
}

const starts = 5;
const tickets = 10_000;
const connections = 64;

/** In turn within each quarter. */
const shapes = [
	...["ticket-read", "ticket-list", "ticket-create", "ticket-reply"],
	"ticket-search",
] as const satisfies readonly Shape[];

const lookEveryMs = 100;

export async function benchMemory({
	folder,
	pace,
	say,
}: Order): Promise<MemoryFigures> {
	const database = started(await openDatabase(folder));
	const dataDir = join(folder, "server");
	// As an installation has it: compiled code is kept there.
	await mkdir(dataDir, { mode: 0o700 });
	const options = {
		...{ urls: database.urls(), dataDir },
		logPath: join(folder, "server.log"),
	};
	// The first start makes the tables.
	await (await startServer(options)).stop();
	const startMs: number[] = [];
	for (let i = 0; i < starts; i += 1) {
		const server = await startServer(options);
		await fetch(`http://127.0.0.1:${server.port}/readyz`);
		startMs.push(performance.now() - server.startedAt);
		await server.stop();
	}
	say(`first answer after ${startMs.map(Math.round).join(", ")} ms`);
	const { admin } = database;
	const block = await seedTicketsInTurn(admin, { from: 0, to: tickets });
	const keysPath = await seedStaffKey(admin, folder);
	const keys = new Map<number, string>();
	await seedKeys(admin, block, keys);
	await addKeys(keysPath, keys);
	const server = started(await startServer(options));
	const { port, pid } = server;
	const idleMib = memoryMib(pid);
	const quartersMib: number[] = [];
	let answers = 0;
	for (let quarter = 0; quarter < 4; quarter += 1) {
		let most = 0;
		const looking = setInterval(() => {
			most = Math.max(most, memoryMib(pid));
		}, lookEveryMs);
		for (const shape of shapes) {
			const measureS = pace.quarterS / shapes.length;
			const plan = { shape, port, connections, block, keysPath };
			answers += (await runLoad({ ...plan, warmUpS: 0, measureS })).answers;
		}
		clearInterval(looking);
		quartersMib.push(most);
		say(`quarter ${quarter + 1}: ${most.toFixed(0)} MiB at most`);
	}
	await server.stop();
	await database.stop();
	return { startMs, idleMib, quartersMib, answers };
}
