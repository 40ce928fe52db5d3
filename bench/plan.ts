/** What is measured, for how long, and how many addresses that may use up. */

import type { Standing } from "./inventory.ts";
import type { Shape } from "./load.ts";

export interface Pace {
	readonly warmUpS: number;
	readonly measureS: number;
	/** Of pgbench: it needs less time to get going. */
	readonly pgbenchWarmUpS: number;
	readonly pgbenchMeasureS: number;
	/** How many requests there are when the reviewers' queue is read, each in a database of its own. */
	readonly requests: readonly number[];
	/** How many tickets there are when customers write and read theirs, one after the other. */
	readonly tickets: readonly number[];
	/** How many tickets there are when the cost of what is asked is looked at, each in a database of its own. */
	readonly growth: readonly number[];
	/** Of one such look: requests come one after another, for so long. */
	readonly costS: number;
	/** A quarter of the load under which the memory of the process is looked at. */
	readonly quarterS: number;
	/** How many lines are imported, one after the other. */
	readonly lines: readonly number[];
}

export const paces = {
	full: {
		warmUpS: 3,
		measureS: 4,
		pgbenchWarmUpS: 1,
		pgbenchMeasureS: 4,
		requests: [10_000, 1_000_000],
		tickets: [10_000],
		growth: [10_000, 1_000_000],
		costS: 1,
		quarterS: 12,
		lines: [10_000, 200_000],
	},
	/** Whether everything runs; its figures mean little. */
	quick: {
		warmUpS: 0.5,
		measureS: 0.5,
		pgbenchWarmUpS: 0,
		pgbenchMeasureS: 2,
		requests: [1_000, 10_000],
		tickets: [10_000],
		growth: [1_000, 10_000],
		costS: 0.5,
		quarterS: 2,
		lines: [1_000, 10_000],
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
	readonly script:
		| "approved"
		| "pending"
		| "list"
		| "review"
		| "upsert"
		| (typeof ticketScripts)[number];
}

const ticketScripts = [
	"ticket-create",
	"ticket-reply",
	"ticket-list",
	"ticket-read",
] as const;

/** The parts of a run, in this order; `--only` names one or several. */
export const parts = [
	...["requests", "review-list", "tickets"],
	...["import", "growth", "memory", "costs"],
] as const;

export type Part = (typeof parts)[number];

/** What customers do. */
export const operations = [
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
] as const satisfies readonly Operation[];

/** What reviewers look at all day, with so many requests in the database. */
export function reviewList(requests: number): Operation {
	return {
		name: `review queue, ${requests.toLocaleString("en")} requests`,
		shape: "review queue",
		standing: "prepaid",
		script: "review",
	};
}

/** What customers do with tickets, with so many of them in the database. */
export function ticketOperations(tickets: number): readonly Operation[] {
	return ticketScripts.map((script) => ({
		name: `${ticketNames[script]}, ${tickets.toLocaleString("en")} tickets`,
		...{ shape: script, standing: "prepaid", script },
	}));
}

const ticketNames = {
	"ticket-create": "new ticket",
	"ticket-reply": "reply",
	"ticket-list": "list of 25",
	"ticket-read": "ticket with messages",
} as const satisfies Record<(typeof ticketScripts)[number], string>;

/** What a billing system sends, on what was imported. */
export const upsert: Operation = {
	name: "PUT of a VPS",
	shape: "upsert",
	standing: "prepaid",
	script: "upsert",
};

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
