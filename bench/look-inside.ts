/** Where the time goes: one operation with the profiler on, and what it says to the database. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { BenchDatabase } from "./database.ts";
import type { Block } from "./inventory.ts";
import type { LoadResult, Shape } from "./load.ts";
import { busySeconds, cpuSeconds, cpuSecondsOfFamily } from "./machine.ts";
import type { Pace } from "./plan.ts";
import { type ProfileSummary, summariseProfile } from "./profile.ts";
import { startWiretap, type Transaction } from "./round-trips.ts";
import { runLoad } from "./run-load.ts";
import { startServer } from "./server-process.ts";
import { type Wait, watchWaits } from "./waits.ts";

interface Place {
	readonly folder: string;
	readonly database: BenchDatabase;
	readonly keysPath: string;
	readonly pace: Pace;
}

/** Cores in use, 1 being all of one; undefined where the machine does not say. */
export interface Cores {
	readonly server: number | undefined;
	readonly postgres: number | undefined;
	readonly load: number;
	/** Of the whole machine, everything else that ran included. */
	readonly all: number;
}

export interface Profiled {
	readonly connections: number;
	readonly profile: ProfileSummary;
	readonly cores: Cores;
	readonly waits: readonly Wait[];
}

/** Runs approved submissions at 64 connections on a server of its own, with the profiler on. */
export async function profileServer(
	{ folder, database, keysPath, pace }: Place,
	block: Block,
): Promise<Profiled> {
	const connections = 64;
	const { warmUpS, measureS } = pace;
	const profiles = join(folder, "profiles");
	await mkdir(profiles);
	const server = await startServer({
		urls: database.urls(),
		logPath: join(folder, "profiled.log"),
		nodeArgs: ["--cpu-prof", `--cpu-prof-dir=${profiles}`],
	});
	let observed: Pick<Profiled, "cores" | "waits">;
	let fromS: number;
	try {
		await database.admin.query("checkpoint");
		fromS = (performance.now() - server.startedAt) / 1000 + warmUpS;
		observed = await observe(database, server.pid, () =>
			runLoad({
				...{ shape: "v2 submit", port: server.port, connections, block },
				...{ warmUpS, measureS, keysPath },
			}),
		);
	} finally {
		await server.stop();
	}
	const window = { fromS, toS: fromS + measureS };
	const profile = await summariseProfile(profiles, window);
	return { connections, profile, ...observed };
}

/** What the load has in use, and its connections wait for, while it runs. */
async function observe(
	database: BenchDatabase,
	serverPid: number,
	load: () => Promise<LoadResult>,
): Promise<Pick<Profiled, "cores" | "waits">> {
	const used = () => ({
		wallS: performance.now() / 1000,
		server: cpuSeconds(serverPid),
		postgres:
			database.pid === undefined ? undefined : cpuSecondsOfFamily(database.pid),
		all: busySeconds(),
	});
	const watched = watchWaits(database.admin);
	try {
		const before = used();
		const { cpuS } = await load();
		const after = used();
		const wallS = after.wallS - before.wallS;
		const per = (to: number | undefined, from: number | undefined) =>
			to === undefined || from === undefined ? undefined : (to - from) / wallS;
		const cores = {
			server: per(after.server, before.server),
			postgres: per(after.postgres, before.postgres),
			load: cpuS / wallS,
			all: (after.all - before.all) / wallS,
		};
		return { cores, waits: await watched.stop() };
	} finally {
		await watched.stop();
	}
}

export interface Conversation {
	readonly name: string;
	/** Of one transaction, BEGIN and COMMIT among the statements; undefined where there is none. */
	readonly inside: Transaction | undefined;
	/** Beside it, of one request on average. */
	readonly statementsBeside: number;
}

interface Conversing {
	readonly name: string;
	readonly shape: Shape;
	readonly block: Block;
}

/** Counts what each operation says to the database, one request at a time. */
export async function listenToServer(
	{ folder, database, keysPath, pace }: Place,
	operations: readonly Conversing[],
): Promise<Conversation[]> {
	const tap = await startWiretap(join(folder, "tap"), database.app);
	const heard: Conversation[] = [];
	try {
		const server = await startServer({
			urls: database.urls(tap.folder),
			logPath: join(folder, "heard.log"),
		});
		try {
			for (const { name, shape, block } of operations) {
				tap.read();
				const { answers } = await runLoad({
					...{ shape, port: server.port, connections: 1, block },
					...{ warmUpS: 0, measureS: pace.measureS / 2, keysPath },
				});
				const traffic = tap.read();
				heard.push({
					name,
					// A flight that the operating system cuts in two counts twice: the fewest are what the code waits for.
					inside: traffic.transactions.reduce<Transaction | undefined>(
						(least, one) =>
							least !== undefined && least.roundTrips <= one.roundTrips
								? least
								: one,
						undefined,
					),
					statementsBeside: traffic.statementsOutside / answers,
				});
			}
		} finally {
			await server.stop();
		}
	} finally {
		await tap.stop();
	}
	return heard;
}
