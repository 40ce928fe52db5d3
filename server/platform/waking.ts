/**
 * Waking: after a commit the processes that wait for it are told, by NOTIFY on a connection of its own.
 *
 * Never inside the transaction: NOTIFY holds a global lock to the end of its commit (8,400 → 4,000 commits a second
 * measured). Each process sends at most one coalesced notification every few milliseconds. A lost one only delays, since
 * every listener also looks by itself; so errors here are reported and mended by reconnecting, never thrown.
 */
import type pg from "pg";
import { type ConnectionTarget, connect } from "./db.ts";
import { processLocks } from "./places.ts";

/** What is told about, and how many milliseconds of tellings are sent as one. */
const coalesceMs = {
	/** Jobs that are due. */
	jobs: 3,
	/** API keys that changed. */
	keys: 3,
	/** Desired sets that changed: an agent shall know within milliseconds. */
	edge: 3,
	/** Anything that happened: nearly every commit, so fewer are told, and later. */
	events: 20,
} as const;

export type Topic = keyof typeof coalesceMs;

const topics = [
	"jobs",
	"keys",
	"edge",
	"events",
] as const satisfies readonly Topic[];

const channel = "postern";

/** Between two attempts to get a lost connection back. */
const reconnectMs = 1_000;

export interface Waking {
	/** Tells every process, this one included. */
	tell(topic: Topic): void;
	/** Resolves when the connection is closed and no timer is left. */
	stop(): Promise<void>;
}

export interface WakingParts {
	readonly target: ConnectionTarget;
	/** The number of this process, on which the connection holds a lock: whoever can take it knows that the process is gone. */
	readonly number: number;
	/** Called in every listening process, soon after `tell` in any of them. */
	readonly onTopic: (topic: Topic) => void;
	readonly onError: (error: unknown) => void;
}

/** Connects and listens; reconnects by itself until stopped. */
export function startWaking(parts: WakingParts): Waking {
	const { target, number, onTopic, onError } = parts;
	const told = new Set<Topic>();
	let client: pg.Client | undefined;
	const timers = new Map<Topic, NodeJS.Timeout>();
	let retry: NodeJS.Timeout | undefined;
	let signing: NodeJS.Timeout | undefined;
	let stopped = false;

	async function listen(): Promise<void> {
		try {
			const fresh = await connect(target);
			fresh.on("notification", ({ payload }) => {
				for (const topic of (payload ?? "").split(","))
					if (isTopic(topic)) onTopic(topic);
			});
			fresh.on("end", () => {
				client = undefined;
				if (!stopped) again();
			});
			await sign(fresh);
			await fresh.query(`listen ${channel}`);
			client = fresh;
			// What was told while nobody listened is looked for once.
			for (const topic of topics) onTopic(topic);
			if (stopped) await fresh.end();
		} catch (error) {
			if (stopped) return;
			onError(error);
			again();
		}
	}

	/** The lock of a connection that was lost is free when the database has noticed. */
	async function sign(fresh: pg.Client): Promise<void> {
		const { rows } = await fresh.query<{ isHeld: boolean }>(
			`select pg_try_advisory_lock($1, $2) as "isHeld"`,
			[processLocks, number],
		);
		if (rows[0]?.isHeld === true || stopped) return;
		signing = setTimeout(() => {
			if (client === fresh)
				sign(fresh).catch((error: unknown) => {
					if (!stopped) onError(error);
				});
		}, reconnectMs);
	}

	function again(): void {
		if (retry !== undefined) return;
		retry = setTimeout(() => {
			retry = undefined;
			connecting = listen();
		}, reconnectMs);
	}

	function send(): void {
		clearTimers();
		const names = [...told].join(",");
		told.clear();
		client
			?.query("select pg_notify($1, $2)", [channel, names])
			.catch((error: unknown) => {
				// The end of the connection cuts off what is being told: that only delays.
				if (!stopped) onError(error);
			});
	}

	function clearTimers(): void {
		for (const timer of timers.values()) clearTimeout(timer);
		timers.clear();
	}

	let connecting = listen();
	return {
		tell(topic) {
			onTopic(topic);
			told.add(topic);
			if (!stopped && !timers.has(topic))
				timers.set(topic, setTimeout(send, coalesceMs[topic]));
		},
		async stop() {
			stopped = true;
			clearTimers();
			clearTimeout(retry);
			clearTimeout(signing);
			await connecting;
			await client?.end();
		},
	};
}

function isTopic(text: string): text is Topic {
	return topics.some((topic) => topic === text);
}
