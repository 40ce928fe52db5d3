/** What is measured, one after the other. */
import { readFileSync } from "node:fs";
import { setTimeout as delay } from "node:timers/promises";
import type pg from "pg";
import {
	createPoster,
	type Fleet,
	openFleet,
	type Target,
	takeSnapshot,
} from "./agents.ts";

/** Milliseconds: of each agent, or of each change and agent. */
export type Times = readonly number[];

/** Every agent asks for the snapshot at the same moment. */
export async function herd({ port, keys }: Target): Promise<{
	readonly times: Times;
	readonly allMs: number;
}> {
	const from = performance.now();
	const times = await Promise.all(
		keys.map(async (key) => {
			const { status } = await takeSnapshot(port, key);
			if (status !== 200) throw new Error(`a snapshot was answered ${status}`);
			return performance.now() - from;
		}),
	);
	return { times, allMs: Math.max(...times) };
}

/** Every agent opens its stream at the same moment. */
export async function openAll(
	target: Target,
	cursor: { readonly epoch: string; readonly revision: number },
): Promise<{ readonly fleet: Fleet; readonly ms: number }> {
	const from = performance.now();
	const fleet = await openFleet(target, cursor);
	return { fleet, ms: performance.now() - from };
}

/** From the moment at which a change is asked for to the moment at which each agent is told of it. */
export async function fanOut(
	fleet: Fleet,
	changes: number,
	change: (i: number) => Promise<number>,
): Promise<Times> {
	const times: number[] = [];
	for (let i = 0; i < changes; i += 1) {
		const from = performance.now();
		// The change itself is waited for besides: its answer says which revision it made.
		const revision = await change(i);
		times.push(...(await fleet.reached(revision, from)));
		await delay(20);
	}
	return times;
}

export interface Opening {
	/** From the request to the entry being open, for each change. */
	readonly openMs: Times;
	/** Acknowledgements a second while they came. */
	readonly acksPerSecond: number;
}

/** What somebody at the desk does: the entry is turned off and on, a revision each time. */
export function changesOf(entryId: string, staffKey: string) {
	const { post, close } = createPoster(64);
	let revision = 0;
	let isOn = true;

	async function change(port: number, _i: number): Promise<number> {
		const action = isOn ? "suspend" : "resume";
		const body = isOn ? { reason: "Bench." } : {};
		const path = `/api/desk/allowlist/${entryId}/actions/${action}`;
		await post(port, path, staffKey, body);
		isOn = !isOn;
		revision += 1;
		return revision;
	}

	/** Each agent acknowledges what it is told, as an honest one would. */
	async function untilOpen(
		port: number,
		given: {
			readonly fleet: Fleet;
			readonly keys: readonly string[];
			readonly epoch: string;
			readonly admin: pg.Client;
			readonly times: number;
		},
	): Promise<Opening> {
		const { fleet, keys, admin } = given;
		const openMs: number[] = [];
		let acks = 0;
		let ackingMs = 0;
		await acknowledgeAll(port, given, revision);
		for (let i = 0; i < given.times; i += 1) {
			if (isOn) await change(port, 0);
			const from = performance.now();
			const reached = await change(port, 0);
			await fleet.reached(reached, from);
			const acking = performance.now();
			await acknowledgeAll(port, given, reached);
			ackingMs += performance.now() - acking;
			acks += keys.length;
			while (!(await isOpen(admin))) await delay(1);
			openMs.push(performance.now() - from);
		}
		return { openMs, acksPerSecond: (acks / ackingMs) * 1_000 };
	}

	async function acknowledgeAll(
		port: number,
		given: {
			readonly keys: readonly string[];
			readonly epoch: string;
			readonly admin: pg.Client;
		},
		rev: number,
	): Promise<void> {
		const { n, sum } = await positionOf(given.admin);
		await Promise.all(
			given.keys.map((key, i) =>
				post(port, "/api/edge/ack", key, {
					...{ epoch: given.epoch, rev, n, sum, kernelSum: sum },
					...{ agent: `hv-${i}`, instance: `instance-${i}` },
					...{ version: "0", driver: "none", armed: true },
					...{ drift: null, counters: null, alarms: [] },
				}),
			),
		);
	}

	async function isOpen(admin: pg.Client): Promise<boolean> {
		const { rows } = await admin.query<{ open: boolean }>(
			"select opened_at is not null as open from allowlist_entries where id = $1",
			[entryId],
		);
		return rows[0]?.open === true;
	}

	return {
		change,
		/** What the floor does for a change. */
		async floor(port: number, i: number): Promise<number> {
			await post(port, "/send", staffKey, {});
			return i + 1;
		},
		untilOpen,
		revision: () => revision,
		close,
	};
}

async function positionOf(admin: pg.Client) {
	const { rows } = await admin.query<{ n: string; sum: string }>(
		"select size as n, sum::text as sum from sites where id = 'bench'",
	);
	const [row] = rows;
	return {
		n: Number(row?.n),
		sum: BigInt(row?.sum ?? "0")
			.toString(16)
			.padStart(32, "0"),
	};
}

export interface Restarted {
	/** From the kill to a server that listens again. */
	readonly downMs: number;
	/** From then on, of each agent: until it was told of what changed meanwhile. */
	readonly caughtUpMs: Times;
	/** The most connections within a tenth of a second. */
	readonly mostIn100Ms: number;
}

/** The server is killed with all its streams open, starts again, and something changes before the agents are back. */
export async function killAndRestart(
	fleet: Fleet,
	steps: {
		readonly kill: () => void;
		readonly restart: () => Promise<number>;
		readonly change: () => Promise<number>;
		readonly revision: () => number;
	},
): Promise<Restarted> {
	const killedAt = performance.now();
	fleet.takeConnections();
	steps.kill();
	fleet.moveTo(await steps.restart());
	const upAt = performance.now();
	const revision = await steps.change();
	const caughtUpMs = await fleet.reached(revision, upAt);
	const connections = fleet.takeConnections().toSorted((a, b) => a - b);
	let mostIn100Ms = 0;
	let start = 0;
	for (const [end, at] of connections.entries()) {
		while (at - (connections[start] ?? at) > 100) start += 1;
		mostIn100Ms = Math.max(mostIn100Ms, end - start + 1);
	}
	return { downMs: upAt - killedAt, caughtUpMs, mostIn100Ms };
}

/** Of a process, in MiB; NaN where there is no /proc. */
export function memoryMib(pid: number, field = "VmRSS"): number {
	try {
		const status = readFileSync(`/proc/${pid}/status`, "utf8");
		const kib = new RegExp(`^${field}:\\s+(\\d+) kB`, "m").exec(status)?.[1];
		return Number(kib) / 1024;
	} catch {
		return Number.NaN;
	}
}
