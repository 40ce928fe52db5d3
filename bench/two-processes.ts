/** Two API processes on one database, beside one: the same load, half of it for each. */
import type { LoadPlan } from "./load.ts";
import { runLoad } from "./run-load.ts";

export interface TwoProcesses {
	readonly name: string;
	readonly connections: number;
	/** Requests a second of one process with all connections, and of two with half of them each, together. */
	readonly one: number;
	readonly two: number;
}

const connections = 64;

/**
 * One, two, two, one, so that what slows the machine for a while slows both; each process has done the same before.
 *
 * @param ports where the two listen
 */
export async function compareTwo(
	ports: readonly [number, number],
	{
		name,
		settle,
		...plan
	}: Omit<LoadPlan, "port" | "connections"> & {
		readonly name: string;
		/** Before each measurement. */
		readonly settle: () => Promise<unknown>;
	},
): Promise<TwoProcesses> {
	async function loadOf(
		used: readonly number[],
		length: Pick<LoadPlan, "warmUpS" | "measureS"> = plan,
	): Promise<number> {
		await settle();
		const results = await Promise.all(
			used.map((port) =>
				runLoad({
					...{ ...plan, ...length, port },
					connections: connections / used.length,
				}),
			),
		);
		return results.reduce((sum, { perSecond }) => sum + perSecond, 0);
	}

	for (const port of ports)
		await loadOf([port], { warmUpS: 0, measureS: plan.measureS });
	const [first] = ports;
	const one = await loadOf([first]);
	const two = ((await loadOf(ports)) + (await loadOf(ports))) / 2;
	return { name, connections, one: (one + (await loadOf([first]))) / 2, two };
}
