/** The part of a run that reviewers would see: their queue, among few requests and among many. */
import { join } from "node:path";
import { openDatabase, type PostgresFacts, postgresFacts } from "./database.ts";
import { type Cost, costsOf } from "./growth.ts";
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

export async function benchReviewList({
	folder,
	pace,
	pgbench,
	say,
}: Order): Promise<ReviewFigures> {
	const database = started(await openDatabase(folder));
	const { admin } = database;
	const server = started(
		await startServer({
			urls: database.urls(),
			logPath: join(folder, "server.log"),
		}),
	);
	const { port } = server;
	say("Seeding the inventory of the queue …");
	const { ours, block, fresh } = layOut(pace);
	const keysPath = await seedStaffKey(admin, folder);
	await addKeys(keysPath, await seed(admin, [ours, block, ...fresh]));
	const listed = { ...block, clients: Math.min(64, block.clients) };
	const keys = new Map<number, string>();
	await seedKeys(admin, listed, keys);
	await addKeys(keysPath, keys);
	// The first requests, by way of the API: the others get a copy of their receipt.
	await runLoad({
		...{ shape: "v2 submit", port, connections: 1, block: ours, keysPath },
		...{ warmUpS: 0, measureS: 60 },
	});
	const sample = await sampleOf(admin, clientIdAt(ours.firstClient));
	const measured: Measured[] = [];
	const costs: Cost[] = [];
	const stage = { pace, database, pgbench, port, keysPath, say };
	let made = 0;
	for (const [i, requests] of pace.requests.entries()) {
		const to = requests - addressesPerClient;
		say(`Seeding ${(to - made).toLocaleString("en")} requests …`);
		await seedHistory(admin, { block, sample }, { from: made, to });
		made = to;
		measured.push(await measure(stage, prepareOn(reviewList(requests), block)));
		costs.push(
			...(await costsOf(stage, requests, [
				{ what: "review list", shape: "review queue", block },
				{ what: "list port 25 requests", shape: "v2 list", block: listed },
				{
					what: "request port 25",
					...{ shape: "v2 submit", block: fresh[i] ?? ours },
				},
			])),
		);
	}
	await server.stop();
	const heard = await listenToServer({ folder, database, keysPath, pace }, [
		{ name: reviewList(made).shape, shape: reviewList(made).shape, block },
	]);
	const postgres = await postgresFacts(admin);
	await database.stop();
	return { postgres, measured, heard, costs };
}

/**
 * One client who asks by way of the API, those for whose addresses the history is made, and for each size those who ask while
 * the cost of it is looked at.
 */
function layOut(pace: Pace): {
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
			addresses: Math.max(...pace.requests),
		}),
		fresh: pace.requests.map(() =>
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
