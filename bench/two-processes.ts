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

/** @param ports where the two listen, the one that also answers alone first */
export async function compareTwo(
	ports: readonly [number, number],
	{
		name,
		...plan
	}: Omit<LoadPlan, "port" | "connections"> & { readonly name: string },
): Promise<TwoProcesses> {
	const alone = await runLoad({ ...plan, port: ports[0], connections });
	const both = await Promise.all(
		ports.map((port) =>
			runLoad({ ...plan, port, connections: connections / 2 }),
		),
	);
	const two = both.reduce((sum, { perSecond }) => sum + perSecond, 0);
	return { name, connections, one: alone.perSecond, two };
}
