/** The part of a run that reviewers would see: their queue, among few requests and among many. */
import { join } from "node:path";
import { openDatabase, type PostgresFacts, postgresFacts } from "./database.ts";
import { seedHistory } from "./history.ts";
import {
	addressesPerClient,
	type Block,
	clientIdAt,
	createAllotment,
	seed,
} from "./inventory.ts";
import { addKeys, seedStaffKey } from "./keys.ts";
import { type Conversation, listenToServer } from "./look-inside.ts";
import { type Measured, measure, prepareOn } from "./measure.ts";
import { reviewList } from "./plan.ts";
import type { Order } from "./requests.ts";
import { runLoad } from "./run-load.ts";
import { started } from "./running.ts";
import { sampleOf } from "./same-rows.ts";
import { startServer } from "./server-process.ts";

export interface ReviewFigures {
	readonly postgres: PostgresFacts;
	readonly measured: readonly Measured[];
	readonly heard: readonly Conversation[];
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
	const { ours, block } = layOut(Math.max(...pace.requests));
	const keysPath = await seedStaffKey(admin, folder);
	await addKeys(keysPath, await seed(admin, [ours, block]));
	// The first requests, by way of the API: the others get a copy of their receipt.
	await runLoad({
		...{ shape: "v2 submit", port, connections: 1, block: ours, keysPath },
		...{ warmUpS: 0, measureS: 60 },
	});
	const sample = await sampleOf(admin, clientIdAt(ours.firstClient));
	const measured: Measured[] = [];
	const stage = { pace, database, pgbench, port, keysPath, say };
	let made = 0;
	for (const requests of pace.requests) {
		const to = requests - addressesPerClient;
		say(`Seeding ${(to - made).toLocaleString("en")} requests …`);
		await seedHistory(admin, { block, sample }, { from: made, to });
		made = to;
		measured.push(await measure(stage, prepareOn(reviewList(requests), block)));
	}
	await server.stop();
	const heard = await listenToServer({ folder, database, keysPath, pace }, [
		{ name: reviewList(made).shape, shape: reviewList(made).shape, block },
	]);
	const postgres = await postgresFacts(admin);
	await database.stop();
	return { postgres, measured, heard };
}

/** One client who asks by way of the API, and those for whose addresses the history is made. */
function layOut(requests: number): {
	readonly ours: Block;
	readonly block: Block;
} {
	const { take } = createAllotment();
	return {
		ours: take({
			...{ standing: "prepaid", hasKeys: true },
			addresses: addressesPerClient,
		}),
		block: take({ standing: "prepaid", hasKeys: false, addresses: requests }),
	};
}
