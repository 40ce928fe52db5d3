/** Ends servers as a power cut does, and looks at what is left. */
import { existsSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { expect } from "vitest";
import { killQuietly } from "../agent/agent-process.ts";
import { seed } from "../seed.ts";
import { type Database, joinDatabase } from "./open-database.ts";
import { postgresPid, type Server } from "./postern-process.ts";

export interface Killing {
	/** How often. */
	readonly rounds: number;
	/** After how many answers a server is killed: at random between these. */
	readonly answers: { readonly min: number; readonly max: number };
	restart(): Promise<Server>;
	/** Keeps the server busy, and calls `kill` when it has answered so often; ends when there are no answers any more. */
	keepBusy(
		server: Server,
		answersWanted: number,
		kill: () => void,
	): Promise<void>;
	/** Looks at the database after a restart, with what was acknowledged so far; gives how many things there are. */
	examine(database: Database): Promise<number>;
	/** How many things were acknowledged so far. */
	acknowledged(): number;
}

/**
 * Kills the server again and again while it is busy, in every other round with its PostgreSQL and all its processes, so
 * that what was in memory is lost. Gives the server that runs at the end.
 */
export async function killInRounds(
	first: Server,
	{ rounds, answers, restart, keepBusy, examine, acknowledged }: Killing,
): Promise<Server> {
	let server = first;
	const wanted = fc.sample(fc.integer(answers), { seed, numRuns: rounds });
	for (const [round, answersWanted] of wanted.entries()) {
		const isCrash = round % 2 === 1;
		await keepBusy(server, answersWanted, await killerOf(server, isCrash));
		await server.ended;

		server = await restart();
		const database = await joinDatabase(server.dataDir);
		const kept = await examine(database).finally(() => database.close());
		process.stdout.write(
			`round ${round + 1}: killed after ${answersWanted} answers (${isCrash ? "all at once" : "the server alone"}); ${acknowledged()} acknowledged so far, ${kept} kept\n`,
		);
	}
	return server;
}

/** Nothing is there by halves: each of these statements finds nothing. */
export async function expectNoHalves(
	{ owner }: Database,
	halves: Readonly<Record<string, string>>,
): Promise<void> {
	for (const [what, text] of Object.entries(halves)) {
		const { rows } = await owner.query(text);
		expect(rows, what).toEqual([]);
	}
}

async function killerOf(
	server: Server,
	withDatabase: boolean,
): Promise<() => void> {
	const postgres = await postgresPid(server.dataDir);
	return () => {
		// Nobody is to be told that the database has gone: the two go at once.
		process.kill(server.pid, "SIGSTOP");
		const all = withDatabase ? [postgres, ...childrenOf(postgres)] : [];
		for (const pid of [...all, server.pid]) killQuietly(pid);
	};
}

function childrenOf(pid: number): number[] {
	const path = `/proc/${pid}/task/${pid}/children`;
	if (!existsSync(path)) return [];
	return readFileSync(path, "utf8").trim().split(" ").map(Number);
}
