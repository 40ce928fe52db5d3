/** Measures one operation: what PostgreSQL does alone, then the server at each number of connections. */
import type { BenchDatabase } from "./database.ts";
import type { Block } from "./inventory.ts";
import { addressesPerClient, type createAllotment } from "./inventory.ts";
import type { LoadResult } from "./load.ts";
import type { Pgbench } from "./pgbench.ts";
import {
	callerCounts,
	connectionCounts,
	type Operation,
	operations,
	type Pace,
	pgbenchAddresses,
	serverAddresses,
} from "./plan.ts";
import { runLoad } from "./run-load.ts";
import type { Sample } from "./same-rows.ts";
import type { Summary } from "./samples.ts";

/** An operation with the addresses set aside for each of its measurements. */
export interface Prepared {
	readonly operation: Operation;
	readonly alone: readonly {
		readonly callers: number;
		readonly block: Block;
	}[];
	readonly served: readonly {
		readonly connections: number;
		readonly block: Block;
	}[];
}

export interface Measured {
	readonly operation: Operation;
	/** Of pgbench; empty where there is none, or where another operation writes the same rows. */
	readonly alone: readonly (Summary & { readonly callers: number })[];
	readonly served: readonly (LoadResult & { readonly connections: number })[];
	/** Of a bare route that asks the same, at the most connections; undefined where there is none. */
	readonly bare: Summary | undefined;
}

type Allotment = ReturnType<typeof createAllotment>;

/** Sets addresses aside for everything. The list reads the same clients every time. */
export function prepare(
	allotment: Allotment,
	pace: Pace,
	listed: Block,
): Prepared[] {
	const scripts = new Set<string>();
	return operations.map((operation) => {
		const { script, standing } = operation;
		const isFirst = !scripts.has(script);
		scripts.add(script);
		const callers = isFirst ? callerCounts : [];
		if (script === "list") return prepareOn(operation, listed);
		const take = (hasKeys: boolean, addresses: number) =>
			allotment.take({ standing, hasKeys, addresses });
		return {
			operation,
			alone: callers.map((count) => ({
				callers: count,
				block: take(false, pgbenchAddresses(pace, script, count)),
			})),
			served: connectionCounts.map((connections) => ({
				connections,
				block: take(true, serverAddresses(pace, connections)),
			})),
		};
	});
}

export interface Stage {
	readonly pace: Pace;
	readonly database: BenchDatabase;
	readonly pgbench: Pgbench | undefined;
	readonly port: number;
	/** Where the bare server listens, where it was started; for what `isBare` says. */
	readonly barePort?: number;
	readonly keysPath: string;
	/** What the scripts that write requests copy; where there are none, none is written. */
	readonly samples?: Readonly<Record<"approved" | "pending", Sample>>;
	readonly say: (line: string) => void;
}

export async function measure(
	stage: Stage,
	{ operation, alone, served }: Prepared,
): Promise<Measured> {
	const { pace, database, pgbench, say } = stage;
	// None pays for what another left to be written out.
	const settle = () => database.admin.query("checkpoint");
	const aloneDone: (Summary & { callers: number })[] = [];
	for (const { callers, block } of pgbench === undefined ? [] : alone) {
		await settle();
		const summary = await pgbench?.run(database.app, {
			script: operation.script,
			callers,
			variables: scriptVariables(stage, operation.script, block),
			length: {
				warmUpS: pace.pgbenchWarmUpS,
				measureS: pace.pgbenchMeasureS,
			},
		});
		if (summary === undefined) continue;
		aloneDone.push({ ...summary, callers });
		say(line(`pgbench ${operation.script}, ${callers} callers`, summary));
	}
	const servedDone: (LoadResult & { connections: number })[] = [];
	const { shape, name } = operation;
	const load = async (
		port: number,
		{ connections, block }: Prepared["served"][number],
	) => {
		await settle();
		const { warmUpS, measureS } = pace;
		return runLoad({
			...{ shape, port, connections, block, warmUpS, measureS },
			keysPath: stage.keysPath,
		});
	};
	for (const one of served) {
		const result = await load(stage.port, one);
		servedDone.push({ ...result, connections: one.connections });
		say(line(`${name}, ${one.connections} connections`, result));
	}
	const last = served.at(-1);
	const hasBare =
		stage.barePort !== undefined && last !== undefined && isBare(shape);
	// The server has been asked for a while by now.
	if (hasBare) await load(stage.barePort, last);
	const bare = hasBare ? await load(stage.barePort, last) : undefined;
	if (bare !== undefined) say(line(`${name}, bare`, bare));
	return { operation, alone: aloneDone, served: servedDone, bare };
}

/** Whether bare-server.ts has a route for it. */
function isBare(shape: Operation["shape"]): boolean {
	return shape === "ticket-list" || shape === "ticket-read";
}

/** An operation for which nothing is used up: the same block for each of its measurements. */
export function prepareOn(operation: Operation, block: Block): Prepared {
	return {
		operation,
		alone: callerCounts.map((callers) => ({ callers, block })),
		served: connectionCounts.map((connections) => ({ connections, block })),
	};
}

/** What a script of `bench/pgbench` is told: where its addresses or clients begin, and what a row of ours holds. */
export function scriptVariables(
	{ samples }: Pick<Stage, "samples">,
	script: Operation["script"],
	{ firstClient, clients, tickets }: Block,
): Record<string, string | number> {
	switch (script) {
		case "list":
			return { first: firstClient, last: firstClient + clients - 1 };
		case "review":
			return {};
		case "ticket-create":
		case "ticket-reply":
		case "ticket-list":
		case "ticket-read":
			// The time tells the rows of one run from those of another.
			return {
				...{ first: firstClient, clients, run: Date.now() },
				...{ ticket: tickets?.first ?? 0, each: tickets?.each ?? 0 },
			};
		case "upsert": {
			// Two servers to a client; the time tells the audit rows of one run from those of another.
			const last = 2 * (firstClient + clients) - 1;
			return { first: 2 * firstClient, last, run: Date.now() };
		}
	}
	const sample = samples?.[script];
	if (sample === undefined) throw new Error(`no request to copy for ${script}`);
	const { receipt, policyHash } = sample;
	return {
		first: firstClient * addressesPerClient,
		policy: policyHash,
		receipt,
	};
}

function line(what: string, { perSecond, p50Ms, p99Ms }: Summary): string {
	return `${what.padEnd(44)} ${perSecond.toFixed(0).padStart(6)}/s  p50 ${p50Ms.toFixed(2)} ms  p99 ${p99Ms.toFixed(2)} ms`;
}
