/** The part of a run that customers would see: requests and their list. */
import { join } from "node:path";
import {
	openDatabase,
	type PostgresFacts,
	postgresFacts,
	vacuumFilled,
} from "./database.ts";
import {
	addressesIn,
	addressesPerClient,
	type Block,
	clientIdAt,
	clientsInTurn,
	createAllotment,
	type Standing,
	seed,
} from "./inventory.ts";
import { addKeys } from "./keys.ts";
import {
	type Conversation,
	listenToServer,
	type Profiled,
	profileServer,
} from "./look-inside.ts";
import {
	type Measured,
	measure,
	prepare,
	type Stage,
	scriptVariables,
} from "./measure.ts";
import type { Pgbench } from "./pgbench.ts";
import { operations, type Pace, serverAddresses } from "./plan.ts";
import { runLoad } from "./run-load.ts";
import { started } from "./running.ts";
import { requireSameRows, sampleOf } from "./same-rows.ts";
import { startServer } from "./server-process.ts";

export interface Order {
	/** For everything that it writes; the part's own. */
	readonly folder: string;
	readonly pace: Pace;
	/** Undefined where there is none: no ratios then. */
	readonly pgbench: Pgbench | undefined;
	readonly say: (line: string) => void;
}

export interface RequestFigures {
	/** How many addresses were seeded. */
	readonly addresses: number;
	readonly postgres: PostgresFacts;
	readonly measured: readonly Measured[];
	readonly profiled: Profiled;
	readonly heard: readonly Conversation[];
}

export async function benchRequests({
	folder,
	pace,
	pgbench,
	say,
}: Order): Promise<RequestFigures> {
	const database = started(await openDatabase(folder));
	const server = started(
		await startServer({
			urls: database.urls(),
			logPath: join(folder, "server.log"),
		}),
	);
	say("Seeding …");
	const layout = layOut(pace);
	const keys = await seed(database.admin, layout.blocks);
	const keysPath = join(folder, "keys");
	await addKeys(keysPath, keys);
	const place = { pace, database, pgbench, port: server.port, keysPath, say };
	const stage = { ...place, samples: await makeHistory(place, layout) };
	await requireSame(stage, layout);
	say("Measuring …");
	const measured: Measured[] = [];
	for (const one of layout.prepared) measured.push(await measure(stage, one));
	await server.stop();
	say("Looking inside …");
	const inside = { folder, database, keysPath, pace };
	const figures = {
		addresses: layout.blocks.reduce((sum, one) => sum + addressesIn(one), 0),
		postgres: await postgresFacts(database.admin),
		measured,
		profiled: await profileServer(inside, layout.profiled),
		heard: await listenToServer(inside, layout.heard),
	};
	await database.stop();
	return figures;
}

type Layout = ReturnType<typeof layOut>;

/** Which addresses are for what. */
function layOut(pace: Pace) {
	const allotment = createAllotment();
	const clients = (
		standing: Standing,
		count: number,
		hasKeys: boolean = true,
	): Block =>
		allotment.take({
			standing,
			hasKeys,
			addresses: count * addressesPerClient,
		});
	/** One client of each standing: whose request pgbench copies, and whose it makes first. */
	const pair = (hasKeys: boolean) => ({
		approved: clients("trusted", 1, hasKeys),
		pending: clients("prepaid", 1, hasKeys),
	});
	const listed = clients("trusted", 64);
	return {
		ours: pair(true),
		theirs: pair(false),
		listed,
		prepared: prepare(allotment, pace, listed),
		profiled: allotment.take({
			standing: "trusted",
			hasKeys: true,
			addresses: serverAddresses(pace, 64),
		}),
		heard: operations.map(({ name, shape, standing }) => ({
			name,
			shape,
			block: shape === "v2 list" ? listed : clients(standing, clientsInTurn),
		})),
		blocks: allotment.blocks,
	};
}

/** Makes the requests that are listed, and one of each kind for pgbench to copy. */
async function makeHistory(
	{ port, keysPath, database: { admin } }: Omit<Stage, "samples">,
	{ ours, listed }: Layout,
): Promise<NonNullable<Stage["samples"]>> {
	for (const block of [ours.approved, ours.pending, listed])
		await runLoad({
			...{ shape: "v2 submit", port, connections: 8, block, keysPath },
			...{ warmUpS: 0, measureS: 60 },
		});
	await vacuumFilled(admin);
	return {
		approved: await sampleOf(admin, clientIdAt(ours.approved.firstClient)),
		pending: await sampleOf(admin, clientIdAt(ours.pending.firstClient)),
	};
}

/** Ends the run when pgbench does not write what the server writes. */
async function requireSame(
	stage: Stage & Required<Pick<Stage, "samples">>,
	{ theirs }: Layout,
): Promise<void> {
	for (const script of ["approved", "pending"] as const) {
		const block = theirs[script];
		await stage.pgbench?.run(stage.database.app, {
			script,
			callers: 1,
			variables: scriptVariables(stage, script, block),
			length: { transactions: 1 },
		});
		if (stage.pgbench !== undefined)
			await requireSameRows(
				stage.database.admin,
				stage.samples[script].requestId,
				`p25_${String(block.firstClient * addressesPerClient).padStart(26, "0")}`,
			);
	}
}
