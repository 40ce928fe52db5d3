/** bench/README.md, all of it. */

import type { CostFigures } from "./costs.ts";
import type { GrowthFigures } from "./growth.ts";
import type { ImportFigures } from "./import.ts";
import type { Conversation, Profiled } from "./look-inside.ts";
import type { Machine } from "./machine.ts";
import type { Measured } from "./measure.ts";
import type { MemoryFigures } from "./memory.ts";
import { machineText, methodText } from "./method.ts";
import { howToInstall } from "./pgbench.ts";
import type { Pace } from "./plan.ts";
import type { Share } from "./profile.ts";
import type { RequestFigures } from "./requests.ts";
import type { ReviewFigures } from "./review-list.ts";
import { targetsOf } from "./targets.ts";
import type { TicketFigures } from "./tickets.ts";

export interface Run {
	readonly at: Date;
	readonly machine: Machine;
	readonly pace: Pace;
	/** Its version; undefined where there was none. */
	readonly pgbench: string | undefined;
	/** A part that was not run is undefined: the page is then of the others, and for the terminal only. */
	readonly requests: RequestFigures | undefined;
	readonly reviewList: ReviewFigures | undefined;
	readonly tickets: TicketFigures | undefined;
	readonly imports: ImportFigures | undefined;
	readonly growth: GrowthFigures | undefined;
	readonly memory: MemoryFigures | undefined;
	readonly costs: CostFigures | undefined;
	/** How long the run has taken so far. */
	readonly minutes: () => number;
}

export function writePage(run: Run): string {
	const done = [run.requests, run.reviewList, run.tickets, run.imports];
	const measured = done.flatMap((part) => part?.measured ?? []);
	const heard = done.flatMap((part) => part?.heard ?? []);
	return `${[
		"# What it does a second",
		"Written by `npm run bench`; do not edit. The figures are of the last full run, " +
			`${run.at.toISOString().slice(0, 16).replace("T", " ")} UTC.`,
		...targetSection(run),
		"## Ratios",
		ratioText(run),
		ratioTable(measured),
		"## Figures",
		figureTable(measured),
		"What PostgreSQL does alone, the same rows as one statement a transaction:",
		aloneTable(measured),
		...twoSection(run.tickets),
		...importSection(run.imports),
		...growthSection(run),
		...memorySection(run.memory),
		...costSection(run.costs),
		"## Where the time goes",
		...profileSection(run.requests),
		"What a request says to PostgreSQL, one at a time, counted on the wire:",
		conversationTable(heard),
		"## Method",
		methodText(run),
		"## The machine",
		machineText(run),
	].join("\n\n")}\n`;
}

function targetSection(run: Run): string[] {
	const targets = targetsOf(run);
	if (targets.length === 0) return [];
	const rows = targets.map(({ what, aim, reached, isMet }) => [
		...[what, aim, reached, isMet ? "yes" : "**no**"],
	]);
	return [
		"## Targets",
		`What is not met, and what bounds it: [bounds.md](bounds.md).`,
		table(["", "target", "reached", "met"], rows),
	];
}

function twoSection(tickets: TicketFigures | undefined): string[] {
	if (tickets === undefined) return [];
	const rows = tickets.twoProcesses.map(({ name, one, two }) => [
		...[name, whole(one), whole(two), ratio(two / one)],
	]);
	return [
		"Two API processes on one database, with half of the 64 connections each, beside one with all of them; requests a second:",
		table(["operation", "one", "two", "ratio"], rows),
	];
}

function growthSection({ growth, reviewList }: Run): string[] {
	const costs = [...(growth?.costs ?? []), ...(reviewList?.costs ?? [])];
	if (costs.length === 0) return [];
	const rows = costs.map(({ what, rows: among, p50Ms, p95Ms }) => {
		const few = costs.find((one) => one.what === what)?.p50Ms ?? NaN;
		return [what, whole(among), ms(p50Ms), ms(p95Ms), ratio(p50Ms / few)];
	});
	return [
		"## Growth",
		"What one request takes, one after another on one connection, among so many tickets (or port 25 requests) in the database; and its median beside that among the fewest.",
		table(["", "rows", "p50 ms", "p95 ms", "ratio"], rows),
	];
}

function memorySection(memory: MemoryFigures | undefined): string[] {
	if (memory === undefined) return [];
	const { startMs, idleMib, quartersMib, answers } = memory;
	return [
		"## Memory and start",
		`The process holds ${whole(idleMib)} MiB when it has started (resident, its program included), and at most ${quartersMib.map(whole).join(", ")} MiB in the quarters of a load of ${whole(answers)} requests at 64 connections: reading, listing, opening, replying, searching. From its start to its first answer, on a database that exists: ${startMs.map(whole).join(", ")} ms.`,
	];
}

function costSection(costs: CostFigures | undefined): string[] {
	if (costs === undefined) return [];
	const rows = costs.told.map(({ agents, changes, times, cpuUs }) => [
		...[whole(agents), whole(changes), ms(times.p50Ms), ms(times.p99Ms)],
		cpuUs === undefined ? "–" : whole(cpuUs),
	]);
	return [
		"## Single operations",
		`One evaluation of the policy takes ${costs.evaluationUs.toFixed(1)} µs: facts in; verdict and trace out. A change of the allow-list, from the request at the desk until each agent has been told by its stream ([bench/edge](edge/README.md) has a thousand agents):`,
		table(
			["agents", "changes", "p50 ms", "p99 ms", "CPU µs for each agent told"],
			rows,
		),
	];
}

function importSection(imports: ImportFigures | undefined): string[] {
	if (imports === undefined) return [];
	const rows = imports.imported.map((one) => [
		one.name,
		whole(one.perSecond),
		one.alonePerSecond === undefined ? "–" : whole(one.alonePerSecond),
		ratio(one.perSecond / (one.alonePerSecond ?? NaN)),
		one.peakMib === undefined ? "–" : `${one.peakMib} MiB`,
	]);
	return [
		"## Import",
		"`postern import` of a provider that is new: lines a second, what PostgreSQL alone does with the same rows, and the most memory that the process held.",
		table(
			["", "lines/s", "PostgreSQL alone, lines/s", "ratio", "memory at most"],
			rows,
		),
	];
}

function profileSection(requests: RequestFigures | undefined): string[] {
	if (requests === undefined) return [];
	const { profiled } = requests;
	return [
		profileText(profiled),
		shareTable("part", profiled.profile.groups.slice(0, 14)),
		"The functions with the most of it:",
		shareTable("function", profiled.profile.functions.slice(0, 14)),
		"What the server's connections to PostgreSQL do while they are in a transaction, in PostgreSQL's words (`Client: ClientRead` is to wait for the server's next word):",
		table(
			["state", "connections on average"],
			profiled.waits
				.slice(0, 8)
				.map(({ name, connections }) => [
					`\`${name}\``,
					connections.toFixed(2),
				]),
		),
	];
}

function ratioText({ pgbench }: Run): string {
	if (pgbench === undefined)
		return `The denominator is missing: there was no pgbench. To get it: ${howToInstall}.`;
	return "The server's rate divided by the best rate of pgbench, and its median latency at one connection divided by that of pgbench with one caller. 1 would be as fast as PostgreSQL alone. Last, where there is one, its rate at the most connections divided by that of a bare Fastify and pg route that asks the same.";
}

/** pgbench's figures for an operation: its own, or those of the operation before that writes the same rows. */
function aloneOf(
	measured: readonly Measured[],
	{ operation, alone }: Measured,
): Measured["alone"] {
	if (alone.length > 0) return alone;
	const same = measured.find(
		(other) =>
			other.operation.script === operation.script && other.alone.length > 0,
	);
	return same?.alone ?? [];
}

function ratioTable(measured: readonly Measured[]): string {
	const rows = measured.map((one) => {
		const alone = aloneOf(measured, one);
		const best = Math.max(...alone.map(({ perSecond }) => perSecond));
		const single = alone.find(({ callers }) => callers === 1);
		const rates = one.served.map(({ perSecond }) =>
			ratio(perSecond / (alone.length === 0 ? NaN : best)),
		);
		const latency = (one.served[0]?.p50Ms ?? NaN) / (single?.p50Ms ?? NaN);
		const ofBare =
			(one.served.at(-1)?.perSecond ?? NaN) / (one.bare?.perSecond ?? NaN);
		return [one.operation.name, ...rates, ratio(latency), ratio(ofBare)];
	});
	const connections = measured[0]?.served.map(
		(point) => `rate, ${point.connections} conn.`,
	);
	return table(
		[
			...["operation", ...(connections ?? [])],
			...["p50, 1 conn.", "rate, of a bare route"],
		],
		rows,
	);
}

function figureTable(measured: readonly Measured[]): string {
	const rows = measured.flatMap(({ operation: { name }, served, bare }) => {
		const last = served.at(-1)?.connections;
		const points = [
			...served.map((point) => ({ ...point, name })),
			...(bare === undefined
				? []
				: [{ ...bare, name: `${name}, bare`, connections: last }]),
		];
		return points.map((point) => [
			point.name,
			String(point.connections),
			whole(point.perSecond),
			ms(point.p50Ms),
			ms(point.p99Ms),
		]);
	});
	return table(
		["operation", "connections", "requests/s", "p50 ms", "p99 ms"],
		rows,
	);
}

function aloneTable(measured: readonly Measured[]): string {
	const rows = measured.flatMap(({ operation, alone }) =>
		alone.map((point) => [
			`[${operation.script}.sql](pgbench/${operation.script}.sql), ${operation.name}`,
			String(point.callers),
			whole(point.perSecond),
			ms(point.p50Ms),
			ms(point.p99Ms),
		]),
	);
	return rows.length === 0
		? "Not measured: pgbench is missing."
		: table(
				["statement", "callers", "transactions/s", "p50 ms", "p99 ms"],
				rows,
			);
}

function profileText({ connections, cores, profile }: Profiled): string {
	const { server, postgres, load, all } = cores;
	const used = [
		...(server === undefined ? [] : [`the server ${server.toFixed(2)}`]),
		...(postgres === undefined ? [] : [`PostgreSQL ${postgres.toFixed(2)}`]),
		`the load ${load.toFixed(2)}`,
		`everything on the machine ${all.toFixed(2)}`,
	];
	return `v2 POST, approved at once, at ${connections} connections, in a run of its own with the profiler on. Cores in use: ${used.join(", ")}. The server's main thread was busy ${percent(profile.busy)} of the time; of that, by self time:`;
}

function shareTable(what: string, shares: readonly Share[]): string {
	return table(
		[what, "share"],
		shares.map(({ name, share }) => [`\`${name}\``, percent(share)]),
	);
}

function conversationTable(heard: readonly Conversation[]): string {
	return table(
		[
			"operation",
			"statements in its transaction",
			"round trips in it",
			"statements beside it",
		],
		heard.map((one) => [
			one.name,
			String(one.inside?.statements ?? "–"),
			String(one.inside?.roundTrips ?? "–"),
			one.statementsBeside.toFixed(2),
		]),
	);
}

function table(
	head: readonly string[],
	rows: readonly (readonly string[])[],
): string {
	const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
	const rule = head.map((_, i) => (i === 0 ? "---" : "---:"));
	return [head, rule, ...rows].map(line).join("\n");
}

function ratio(value: number): string {
	return Number.isFinite(value) ? value.toFixed(2) : "–";
}

function whole(value: number): string {
	return Math.round(value).toLocaleString("en");
}

function ms(value: number): string {
	return value.toFixed(value < 10 ? 2 : 1);
}

function percent(share: number): string {
	return `${(share * 100).toFixed(1)} %`;
}
