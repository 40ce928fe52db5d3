/** bench/edge/README.md, all of it. */
import type { Machine } from "../machine.ts";
import type { Opening, Restarted, Times } from "./phases.ts";

export interface EdgeRun {
	readonly at: Date;
	readonly machine: Machine;
	readonly size: {
		readonly agents: number;
		readonly entries: number;
		readonly changes: number;
	};
	readonly snapshotBytes: number;
	readonly snapshots: Readonly<
		Record<
			"floor" | "server",
			{ readonly times: Times; readonly allMs: number }
		>
	>;
	readonly openedMs: number;
	readonly fanOuts: Readonly<Record<"floor" | "server", Times>>;
	readonly opening: Opening;
	readonly restarted: Restarted;
	readonly memory: Readonly<
		Record<"idleMib" | "snapshotMib" | "streamsMib" | "ackedMib", number>
	>;
	/** The acknowledgements once more, with a heap that is kept small. */
	readonly small: {
		readonly nodeArgs: readonly string[];
		readonly opening: Opening;
		readonly peakMib: number;
	};
}

export function writePage(run: EdgeRun): string {
	const { size, snapshots, fanOuts, opening, restarted, memory, small } = run;
	const { agents, entries } = size;
	return `${[
		"# The edge",
		`Written by \`npm run bench:edge\`; do not edit. The figures are of the last full run, ${run.at.toISOString().slice(0, 16).replace("T", " ")} UTC: ${number(agents)} agents in one process and a site with ${number(entries)} entries, all on one machine (${run.machine.cores} cores of ${run.machine.model}, Node ${run.machine.node}, a load of ${run.machine.loadBefore.toFixed(1)} before).`,
		"The *floor* is a bare Node server without a database, keys or limits that writes the same bytes to as many streams, asked by the same process in the same run: trust the ratios more than the times. Agents, server and database share the cores.",
		"## Ratios",
		table(
			["to the floor", "p50", "p99", "max"],
			[
				["a change, until an agent is told", ...ratios(fanOuts)],
				[
					"all ask for the snapshot at once",
					...ratios({
						floor: snapshots.floor.times,
						server: snapshots.server.times,
					}),
				],
			],
		),
		"## Figures",
		table(
			["ms", "p50", "p99", "max"],
			[
				["a change, until an agent is told", ...spread(fanOuts.server)],
				["— the floor", ...spread(fanOuts.floor)],
				["all ask for the snapshot at once", ...spread(snapshots.server.times)],
				["— the floor", ...spread(snapshots.floor.times)],
				[
					"approved, told, acknowledged by all, open",
					...spread(opening.openMs),
				],
				[
					"after a restart, until an agent has caught up",
					...spread(restarted.caughtUpMs),
				],
			],
		),
		`A change is counted from the request at the desk, over ${number(size.changes)} changes. The snapshot has ${number(Math.round(run.snapshotBytes / 1024))} KiB (gzip); ${number(agents)} of them took ${ms(snapshots.server.allMs)} in all. Opening all streams at once took ${ms(run.openedMs)}. ${number(Math.round(opening.acksPerSecond))} acknowledgements a second were written.`,
		`Killed with all streams open, the server listened again after ${ms(restarted.downMs)}; no more than ${restarted.mostIn100Ms} agents came back within a tenth of a second.`,
		"## Memory of the server",
		table(
			["MiB", ""],
			[
				["idle", memory.idleMib.toFixed(0)],
				["after the snapshots", memory.snapshotMib.toFixed(0)],
				["with all streams open", memory.streamsMib.toFixed(0)],
				["after the acknowledgements", memory.ackedMib.toFixed(0)],
				["at most, with a small heap", small.peakMib.toFixed(0)],
			],
		),
		`Most of it is garbage that V8 lets lie for as long as the machine has memory. The server was started again with \`${small.nodeArgs.join(" ")}\`, took all streams back, and wrote ${number(Math.round(small.opening.acksPerSecond))} acknowledgements a second; that is the last line.`,
	].join("\n\n")}\n`;
}

function ratios({
	floor,
	server,
}: Readonly<Record<"floor" | "server", Times>>): string[] {
	return [0.5, 0.99, 1].map((share) =>
		(percentile(server, share) / percentile(floor, share)).toFixed(1),
	);
}

function spread(times: Times): string[] {
	return [0.5, 0.99, 1].map((share) => percentile(times, share).toFixed(1));
}

/** The nearest rank. */
function percentile(times: Times, share: number): number {
	const sorted = Float64Array.from(times).sort();
	return (
		sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN
	);
}

function ms(value: number): string {
	return value < 1_000
		? `${value.toFixed(0)} ms`
		: `${(value / 1_000).toFixed(1)} s`;
}

function number(value: number): string {
	return value.toLocaleString("en");
}

function table(
	head: readonly string[],
	rows: readonly (readonly string[])[],
): string {
	const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
	return [
		line(head),
		line(head.map((_, i) => (i === 0 ? "---" : "---:"))),
		...rows.map(line),
	].join("\n");
}
