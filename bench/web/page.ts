/** bench/web/README.md, all of it. */
import type { Machine } from "../machine.ts";
import type { FirstPage } from "./first-page.ts";
import type { Visits } from "./visits.ts";

export interface WebRun {
	readonly at: Date;
	readonly machine: Machine;
	readonly tickets: number;
	readonly browser: string;
	readonly first: FirstPage;
	readonly visits: readonly Visits[];
}

export function writePage(run: WebRun): string {
	const { tickets, machine, first, visits } = run;
	const all = (of: (visit: Visits) => readonly number[]) => visits.flatMap(of);
	const last = visits.at(-1);
	return `${[
		"# The pages",
		`Written by \`npm run bench:web\`; do not edit. The figures are of the last full run, ${run.at.toISOString().slice(0, 16).replace("T", " ")} UTC: a client with ${number(tickets)} tickets, a server with its database and headless Chromium ${run.browser}, all on one machine (${machine.cores} cores of ${machine.model}, Node ${machine.node}, a load of ${machine.loadBefore.toFixed(1)} before).`,
		"## The first page",
		table(
			["kB, as sent", "", "at most"],
			[
				["scripts", kb(first.scripts), "180"],
				["styles", kb(first.styles), "20"],
			],
		),
		`In ${first.files.length} files, with Brotli. Other pages, dialogs and the search are fetched when they are first opened, Swedish when it is spoken.`,
		"## The list of tickets",
		"Each time is from what a person does until what came of it is painted: the browser, the way, the server and the database. Nothing of it was read before.",
		table(
			["ms", "p50", "p99", "max", "times"],
			[
				row("signing in, until the servers are there", all(only("signInMs"))),
				row("“Tickets”, until they are there", all(only("openMs"))),
				row(
					"a state or a department chosen",
					all(({ filterMs }) => filterMs),
				),
				row(
					"words typed, 120 ms of waiting for another letter included",
					all(({ searchMs }) => searchMs),
				),
				row(
					"the end of the list reached, until there is more",
					all(({ pageMs }) => pageMs),
				),
				row(
					"a thousand pixels scrolled, the longest time without a picture",
					all(({ frameMs }) => frameMs),
				),
			],
		),
		`In the end ${number(last?.rows ?? 0)} rows had been read, the document had ${number(last?.elements ?? 0)} elements, and the page held ${(last?.heapMib ?? 0).toFixed(0)} MiB.`,
	].join("\n\n")}\n`;
}

function only(name: "signInMs" | "openMs") {
	return (visit: Visits) => [visit[name]];
}

function row(name: string, times: readonly number[]): string[] {
	const sorted = times.toSorted((a, b) => a - b);
	const at = (share: number) =>
		sorted[Math.min(Math.floor(sorted.length * share), sorted.length - 1)] ??
		Number.NaN;
	return [name, ms(at(0.5)), ms(at(0.99)), ms(at(1)), String(times.length)];
}

function table(
	head: readonly string[],
	rows: readonly (readonly string[])[],
): string {
	const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
	const rule = head.map((_, i) => (i === 0 ? "---" : "---:"));
	return [head, rule, ...rows].map(line).join("\n");
}

function kb(bytes: number): string {
	return (bytes / 1000).toFixed(1);
}

function ms(value: number): string {
	return value.toFixed(value < 10 ? 1 : 0);
}

function number(value: number): string {
	return value.toLocaleString("en");
}
