/** What Prometheus reads of the edge; the same from every process, since it is read from the database. */
import { Gauge, type Registry } from "prom-client";
import { inTime } from "./metrics.ts";

/** The edge at one moment, in numbers. */
export interface EdgeNumbers {
	/** How many agents there are, by what they are. */
	readonly agents: Readonly<
		Record<"armed" | "unarmed" | "disabled" | "new", number>
	>;
	/** Alarms that are on, by kind; of every kind, also where there is none. */
	readonly alarms: Readonly<Record<string, number>>;
	/** Entries that wait to be opened, and to be closed. */
	readonly opening: number;
	readonly closing: number;
	/** For how long the agent that is furthest behind has been so, in seconds; 0 when none is. */
	readonly behindSeconds: number;
}

const timeoutMs = 2_000;

/**
 * Adds the gauges, all of one reading a scrape. When it fails or takes longer than two seconds they are absent: an old number
 * would say that all is well.
 */
export function addEdgeGauges(
	registry: Registry,
	read: () => Promise<EdgeNumbers>,
): void {
	let reading: Promise<void> | undefined;

	function collect(): Promise<void> {
		reading ??= readAll().finally(() => {
			reading = undefined;
		});
		return reading;
	}

	function gauge<Label extends string = never>(
		name: string,
		help: string,
		labelNames: Label[] = [],
	): Gauge<Label> {
		return new Gauge({
			name,
			help,
			labelNames,
			collect,
			registers: [registry],
		});
	}

	const agents = gauge("postern_edge_agents", "Agents, by what they are.", [
		"state",
	]);
	const alarms = gauge("postern_edge_alarms", "Alarms that are on.", ["kind"]);
	const waiting = gauge(
		"postern_edge_waiting_entries",
		"Entries that wait for agents to open or close them.",
		["to"],
	);
	const behind = gauge(
		"postern_edge_behind_seconds",
		"For how long the agent that is furthest behind has been so.",
	);

	async function readAll(): Promise<void> {
		const numbers = await inTime(read(), timeoutMs);
		agents.reset();
		alarms.reset();
		waiting.reset();
		if (numbers === undefined) {
			behind.remove();
			return;
		}
		for (const [state, count] of Object.entries(numbers.agents))
			agents.set({ state }, count);
		for (const [kind, count] of Object.entries(numbers.alarms))
			alarms.set({ kind }, count);
		waiting.set({ to: "open" }, numbers.opening);
		waiting.set({ to: "close" }, numbers.closing);
		behind.set(numbers.behindSeconds);
	}
}
