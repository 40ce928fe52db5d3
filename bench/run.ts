/**
 * `npm run bench`: what the server does a second, beside what PostgreSQL does with the same rows alone, in the same run.
 * Writes bench/README.md; `npm run bench -- --quick` only shows that everything runs, and writes nothing.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { durability, openDatabase, versionOf } from "./database.ts";
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
import { listenToServer, profileServer } from "./look-inside.ts";
import { thisMachine } from "./machine.ts";
import {
	type Measured,
	measure,
	prepare,
	type Stage,
	scriptVariables,
} from "./measure.ts";
import { writePage } from "./page.ts";
import { findPgbench, howToInstall } from "./pgbench.ts";
import { operations, type Pace, paces, serverAddresses } from "./plan.ts";
import { runLoad } from "./run-load.ts";
import { requireSameRows, sampleOf } from "./same-rows.ts";
import { startServer } from "./server-process.ts";

/** What must be ended, in the order it was started. */
const running: { stop(): Promise<void> }[] = [];
let stopping: Promise<void> | undefined;

/** Ends everything, the last first; asked again, it waits for the same. */
function stopAll(): Promise<void> {
	stopping ??= (async () => {
		for (const part of running.toReversed()) await part.stop();
	})();
	return stopping;
}

function started<Part extends { stop(): Promise<void> }>(part: Part): Part {
	running.push(part);
	return part;
}

function say(text: string): void {
	process.stdout.write(`${text}\n`);
}

async function bench(folder: string, isQuick: boolean): Promise<void> {
	const pace = isQuick ? paces.quick : paces.full;
	const beganAt = performance.now();
	const seconds = () => Math.round((performance.now() - beganAt) / 1000);
	const machine = thisMachine();
	const database = started(await openDatabase(folder));
	const pgbench = await findPgbench(database.app);
	if (pgbench === undefined)
		say(`pgbench is missing: no ratios. To get it: ${howToInstall}.`);
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
	const lines = [...keys].map(([client, key]) => `${client} ${key}\n`);
	await writeFile(keysPath, lines.join(""), { mode: 0o600 });
	const place = { pace, database, pgbench, port: server.port, keysPath, say };
	const samples = await makeHistory(place, layout);
	await requireSame({ ...place, samples }, layout);

	say(`Measuring, ${seconds()} s after the start …`);
	const measured: Measured[] = [];
	for (const one of layout.prepared)
		measured.push(await measure({ ...place, samples }, one));
	await server.stop();

	say("Looking inside …");
	const inside = { folder, database, keysPath, pace };
	const page = writePage({
		at: new Date(),
		machine,
		pace,
		addresses: layout.blocks.reduce((sum, one) => sum + addressesIn(one), 0),
		versions: {
			postgres: await versionOf(database.admin),
			pgbench: pgbench?.version,
			durability: await durability(database.admin),
		},
		measured,
		profiled: await profileServer(inside, layout.profiled),
		heard: await listenToServer(inside, layout.heard),
	});
	say(`\n${page}`);
	if (!isQuick) await writeFile(join(import.meta.dirname, "README.md"), page);
	say(`${seconds()} s in all.`);
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
): Promise<Stage["samples"]> {
	for (const block of [ours.approved, ours.pending, listed])
		await runLoad({
			...{ shape: "v2 submit", port, connections: 8, block, keysPath },
			...{ warmUpS: 0, measureS: 60 },
		});
	// As in a database that has been in use: statements planned for empty tables would read them from end to end.
	await admin.query("vacuum (analyze)");
	return {
		approved: await sampleOf(admin, clientIdAt(ours.approved.firstClient)),
		pending: await sampleOf(admin, clientIdAt(ours.pending.firstClient)),
	};
}

/** Ends the run when pgbench does not write what the server writes. */
async function requireSame(stage: Stage, { theirs }: Layout): Promise<void> {
	for (const script of ["approved", "pending"] as const) {
		const block = theirs[script];
		await stage.pgbench?.run({
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

let isInterrupted = false;
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
	process.once(signal, () => {
		isInterrupted = true;
		process.exitCode = 1;
		void stopAll();
	});

const folder = await mkdtemp(join(tmpdir(), "postern-bench-"));
try {
	await bench(folder, process.argv.includes("--quick"));
} catch (error) {
	// What was going on failed because it was ended.
	if (!isInterrupted) throw error;
} finally {
	await stopAll();
	await rm(folder, { recursive: true, force: true });
}
