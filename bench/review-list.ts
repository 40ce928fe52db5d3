/** The part of a run that reviewers would see: their queue, among few requests and among many. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { openDatabase, type PostgresFacts, postgresFacts } from "./database.ts";
import { type Cost, costsOf, type Grown, rounds } from "./growth.ts";
import { seedHistory } from "./history.ts";
import {
	addressesPerClient,
	type Block,
	clientIdAt,
	createAllotment,
	seed,
	seedKeys,
} from "./inventory.ts";
import { addKeys, seedStaffKey } from "./keys.ts";
import { type Conversation, listenToServer } from "./look-inside.ts";
import { type Measured, measure, prepareOn } from "./measure.ts";
import { type Pace, reviewList, serverAddresses } from "./plan.ts";
import type { Order } from "./requests.ts";
import { runLoad } from "./run-load.ts";
import { started } from "./running.ts";
import { sampleOf } from "./same-rows.ts";
import { startServer } from "./server-process.ts";

export interface ReviewFigures {
	readonly postgres: PostgresFacts;
	readonly measured: readonly Measured[];
	readonly heard: readonly Conversation[];
	/** Of what customers ask, among so many requests. */
	readonly costs: readonly Cost[];
}

export async function benchReviewList(order: Order): Promise<ReviewFigures> {
	const { folder, pace, pgbench, say } = order;
	const sizes: (Grown & { readonly block: Block })[] = [];
	const measured: Measured[] = [];
	for (const requests of pace.requests) {
		const size = await growTo(requests, order);
		sizes.push(size);
		const { database, server, keysPath, block } = size;
		const stage = { pace, database, pgbench, port: server.port, keysPath, say };
		measured.push(await measure(stage, prepareOn(reviewList(requests), block)));
	}
	const many = sizes.at(-1);
	if (many === undefined) throw new Error("the plan names no size");
	const { shape } = reviewList(many.rows);
	const heard = await listenToServer({ folder, pace, ...many }, [
		{ name: reviewList(many.rows).name, shape, block: many.block },
	]);
	const postgres = await postgresFacts(many.database.admin);
	const costs = await costsOf(sizes, order);
	return { postgres, measured, heard, costs };
}

async function growTo(
	requests: number,
	{ folder: all, pace, say }: Order,
): Promise<Grown & { readonly block: Block }> {
	const folder = join(all, String(requests));
	await mkdir(folder);
	const database = started(await openDatabase(folder));
	const { admin } = database;
	const server = started(
		await startServer({
			urls: database.urls(),
			logPath: join(folder, "server.log"),
		}),
	);
	say(`Seeding ${requests.toLocaleString("en")} requests …`);
	const { ours, block, fresh } = layOut(requests, pace);
	const keysPath = await seedStaffKey(admin, folder);
	await addKeys(keysPath, await seed(admin, [ours, block, ...fresh]));
	const listed = { ...block, clients: Math.min(64, block.clients) };
	const keys = new Map<number, string>();
	await seedKeys(admin, listed, keys);
	await addKeys(keysPath, keys);
	// The first requests, by way of the API: the others get a copy of their receipt.
	await runLoad({
		...{ shape: "v2 submit", connections: 1, block: ours, keysPath },
		...{ port: server.port, warmUpS: 0, measureS: 60 },
	});
	const sample = await sampleOf(admin, clientIdAt(ours.firstClient));
	await seedHistory(
		admin,
		{ block, sample },
		{ from: 0, to: requests - addressesPerClient },
	);
	return {
		...{ rows: requests, database, server, keysPath, block },
		asked: [
			{ what: "review list", shape: "review queue", blocks: [block] },
			{
				...{ what: "list port 25 requests", shape: "v2 list" },
				blocks: [listed],
			},
			{ what: "request port 25", shape: "v2 submit", blocks: fresh },
		],
	};
}

/** One client who asks by way of the API, those for whose addresses the history is made, and those who ask in each round. */
function layOut(
	requests: number,
	pace: Pace,
): {
	readonly ours: Block;
	readonly block: Block;
	readonly fresh: readonly Block[];
} {
	const { take } = createAllotment();
	const { costS } = pace;
	return {
		ours: take({
			...{ standing: "prepaid", hasKeys: true },
			addresses: addressesPerClient,
		}),
		block: take({
			...{ standing: "prepaid", hasKeys: false },
			addresses: requests,
		}),
		fresh: Array.from({ length: rounds }, () =>
			take({
				...{ standing: "prepaid", hasKeys: true },
				addresses: serverAddresses(
					{ ...pace, warmUpS: costS, measureS: costS },
					1,
				),
			}),
		),
	};
}
