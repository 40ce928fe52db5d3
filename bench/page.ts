/** bench/README.md, all of it. */

import { clientsInTurn } from "./inventory.ts";
import type { Conversation, Profiled } from "./look-inside.ts";
import type { Machine } from "./machine.ts";
import type { Measured } from "./measure.ts";
import { howToInstall } from "./pgbench.ts";
import type { Pace } from "./plan.ts";
import type { Share } from "./profile.ts";

export interface Run {
	readonly at: Date;
	readonly machine: Machine;
	readonly pace: Pace;
	/** How many were seeded. */
	readonly addresses: number;
	readonly versions: {
		readonly postgres: string;
		readonly pgbench: string | undefined;
		readonly durability: readonly string[];
	};
	readonly measured: readonly Measured[];
	readonly profiled: Profiled;
	readonly heard: readonly Conversation[];
}

export function writePage(run: Run): string {
	const { measured, profiled, heard } = run;
	return `${[
		"# What it does a second",
		"Written by `npm run bench`; do not edit. The figures are of the last full run, " +
			`${run.at.toISOString().slice(0, 16).replace("T", " ")} UTC.`,
		"## Ratios",
		ratioText(run),
		ratioTable(measured),
		"## Figures",
		figureTable(measured),
		"What PostgreSQL does alone, the same rows as one statement a transaction:",
		aloneTable(measured),
		"## Where the time goes",
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
		"What a request says to PostgreSQL, one at a time, counted on the wire:",
		conversationTable(heard),
		"## Method",
		methodText(run),
		"## The machine",
		machineText(run),
	].join("\n\n")}\n`;
}

function ratioText({ versions }: Run): string {
	if (versions.pgbench === undefined)
		return `The denominator is missing: there was no pgbench. To get it: ${howToInstall}.`;
	return "The server's rate divided by the best rate of pgbench, and its median latency at one connection divided by that of pgbench with one caller. 1 would be as fast as PostgreSQL alone.";
}

/** pgbench's figures for an operation: its own, or those of the operation before that writes the same rows. */
function aloneOf(
	measured: readonly Measured[],
	{ operation }: Measured,
): Measured["alone"] {
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
		return [one.operation.name, ...rates, ratio(latency)];
	});
	const connections = measured[0]?.served.map(
		(point) => `rate, ${point.connections} conn.`,
	);
	return table(["operation", ...(connections ?? []), "p50, 1 conn."], rows);
}

function figureTable(measured: readonly Measured[]): string {
	const rows = measured.flatMap(({ operation, served }) =>
		served.map((point) => [
			operation.name,
			String(point.connections),
			whole(point.perSecond),
			ms(point.p50Ms),
			ms(point.p99Ms),
		]),
	);
	return table(
		["operation", "connections", "requests/s", "p50 ms", "p99 ms"],
		rows,
	);
}

function aloneTable(measured: readonly Measured[]): string {
	const rows = measured.flatMap(({ operation, alone }) =>
		alone.map((point) => [
			`[${operation.script}.sql](pgbench/${operation.script}.sql)`,
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

function methodText({ pace, addresses }: Run): string {
	return [
		"`npm run bench` repeats it, in four to five minutes; nothing else should be running. `npm run bench -- --quick` shows in one that everything runs.",
		`- The server is \`node server/main.ts serve\`, one process with API and worker, with its default settings; only the rate limits and the limit of submissions are raised out of the way. Its log goes to a file. The database is the PostgreSQL that comes with Postern, with its durable settings, in a temporary folder. Both, and the load, share the machine.
- The load is a process of its own (\`bench/load.ts\`): each connection is kept alive and asks again as soon as it was answered. ${pace.warmUpS} s to warm up, ${pace.measureS} s measured; percentiles are of the raw samples. An answer other than the one expected ends the run.
- Each submission is for an address that was never asked for: ${whole(addresses)} are seeded, eight on each VPS, four VPS to a client. ${clientsInTurn} clients, each with a key of its own, take turns until their addresses are used up, then the next ${clientsInTurn}; so no two submissions wait for the lock on one client. A key that is in use is read again every second, and a client's quota is leased once a minute: both are in the figures. The list reads the first page of 32 approved requests, of 64 clients in turn.
- Beside it, pgbench writes the same rows (or reads them) as one statement a transaction, prepared, with one load thread: state rows, events, audit rows, job, and for an approval the entry, the site's revision and the delta. It locks and reads nothing before; its receipts are copies of one of ours. That the rows are the same is looked at before anything is measured. ${pace.pgbenchWarmUpS} s to warm up, ${pace.pgbenchMeasureS} s measured; the best rate is the denominator of all rates, the latency of one caller that of the latencies. All approvals raise the revision of the one site: its row is locked until the commit, here and there.
- A checkpoint goes before each measurement, so that none pays for another's writes.`,
	].join("\n\n");
}

function machineText({ machine, versions }: Run): string {
	const { cores, model, memoryGib, kernel, node, loadBefore } = machine;
	return [
		`- ${cores} cores (${model}), ${memoryGib} GiB of memory, ${kernel}; load average before the run: ${loadBefore.toFixed(2)}`,
		`- Node ${node.slice(1)}, PostgreSQL ${versions.postgres} (${versions.durability.join(", ")}), pgbench ${versions.pgbench ?? "missing"}`,
	].join("\n");
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
