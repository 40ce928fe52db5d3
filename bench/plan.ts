/** What is measured, for how long, and how many addresses that may use up. */

import type { Standing } from "./inventory.ts";
import type { Shape } from "./load.ts";

export interface Pace {
	readonly warmUpS: number;
	readonly measureS: number;
	/** Of pgbench: it needs less time to get going. */
	readonly pgbenchWarmUpS: number;
	readonly pgbenchMeasureS: number;
}

export const paces = {
	full: { warmUpS: 2, measureS: 6, pgbenchWarmUpS: 1, pgbenchMeasureS: 5 },
	/** Whether everything runs; its figures mean little. */
	quick: {
		warmUpS: 0.5,
		measureS: 0.5,
		pgbenchWarmUpS: 0,
		pgbenchMeasureS: 1,
	},
} as const satisfies Record<string, Pace>;

export const connectionCounts = [1, 16, 64] as const;

/** One caller for the latency, and those among which the best rate is looked for. */
export const callerCounts = [1, 8, 16, 32] as const;

export interface Operation {
	readonly name: string;
	readonly shape: Shape;
	readonly standing: Standing;
	/** The script of `bench/pgbench` that writes, or reads, the same rows. */
	readonly script: "approved" | "pending" | "list";
}

export const operations: readonly Operation[] = [
	{
		name: "v2 POST, approved at once",
		shape: "v2 submit",
		standing: "trusted",
		script: "approved",
	},
	{
		name: "v2 POST, left pending",
		shape: "v2 submit",
		standing: "prepaid",
		script: "pending",
	},
	{
		name: "v1 POST, approved at once",
		shape: "v1 submit",
		standing: "trusted",
		script: "approved",
	},
	{
		name: "v2 list of 20",
		shape: "v2 list",
		standing: "trusted",
		script: "list",
	},
];

/** More a second than this machine class reaches; who has a faster one sees shorter measurements. */
const ratesMax = {
	server: { one: 1_500, more: 5_000 },
	pgbench: { one: 3_000, approved: 6_000, pending: 16_000 },
} as const;

/** Addresses for a measurement of the server. */
export function serverAddresses(
	{ warmUpS, measureS }: Pace,
	connections: number,
): number {
	const { one, more } = ratesMax.server;
	return (warmUpS + measureS) * (connections === 1 ? one : more);
}

/** Addresses for a measurement of pgbench. */
export function pgbenchAddresses(
	{ pgbenchWarmUpS, pgbenchMeasureS }: Pace,
	script: "approved" | "pending",
	callers: number,
): number {
	const { one, ...more } = ratesMax.pgbench;
	return (
		(pgbenchWarmUpS + pgbenchMeasureS) * (callers === 1 ? one : more[script])
	);
}
