import { Registry } from "prom-client";
import { expect, test } from "vitest";
import { addEdgeGauges, type EdgeNumbers } from "./edge-gauges.ts";

const numbers: EdgeNumbers = {
	agents: { armed: 3, unarmed: 1, disabled: 0, new: 2 },
	alarms: { agent_silent: 1, drift_found: 0 },
	opening: 7,
	closing: 1,
	behindSeconds: 4.5,
};

async function samples(registry: Registry): Promise<string[]> {
	const text = await registry.metrics();
	return text.split("\n").filter((line) => line.startsWith("postern_"));
}

test("all numbers of a scrape come from one reading", async () => {
	let asked = 0;
	const registry = new Registry();
	addEdgeGauges(registry, async () => {
		asked += 1;
		return numbers;
	});
	expect(await samples(registry)).toEqual([
		'postern_edge_agents{state="armed"} 3',
		'postern_edge_agents{state="unarmed"} 1',
		'postern_edge_agents{state="disabled"} 0',
		'postern_edge_agents{state="new"} 2',
		'postern_edge_alarms{kind="agent_silent"} 1',
		'postern_edge_alarms{kind="drift_found"} 0',
		'postern_edge_waiting_entries{to="open"} 7',
		'postern_edge_waiting_entries{to="close"} 1',
		"postern_edge_behind_seconds 4.5",
	]);
	expect(asked).toBe(1);
});

test("numbers that cannot be read are absent, and not the old ones", async () => {
	const here = () => Promise.resolve(numbers);
	const away = () => Promise.reject<EdgeNumbers>(new Error("away"));
	const readings = [here, away, here];
	const registry = new Registry();
	addEdgeGauges(registry, () => (readings.shift() ?? away)());
	expect(await samples(registry)).not.toEqual([]);
	expect(await samples(registry)).toEqual([]);
	expect(await samples(registry)).toContain("postern_edge_behind_seconds 4.5");
});
