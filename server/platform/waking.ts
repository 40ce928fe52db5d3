/**
 * Waking: after a commit the processes that wait for it are told, by NOTIFY on a connection of its own.
 *
 * Never inside the transaction: NOTIFY holds a global lock to the end of its commit (8,400 → 4,000 commits a second
 * measured). Each process sends at most one coalesced notification every few milliseconds. A lost one only delays, since
 * every listener also looks by itself; so errors here are reported and mended by reconnecting, never thrown.
 */
import type pg from "pg";
import { type ConnectionTarget, connect } from "./db.ts";

/** What is told about: jobs that are due, API keys that changed. */
export type Topic = "jobs" | "keys";

const channel = "postern";

/** Notifications of this long are sent as one. */
const coalesceMs = 3;

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
	/** Called in every listening process, soon after `tell` in any of them. */
	readonly onTopic: (topic: Topic) => void;
	readonly onError: (error: unknown) => void;
}

/** Connects and listens; reconnects by itself until stopped. */
export function startWaking({ target, onTopic, onError }: WakingParts): Waking {
	const told = new Set<Topic>();
	let client: pg.Client | undefined;
	let timer: NodeJS.Timeout | undefined;
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
			await fresh.query(`listen ${channel}`);
			client = fresh;
			// What was told while nobody listened is looked for once.
			onTopic("jobs");
			onTopic("keys");
			if (stopped) await fresh.end();
		} catch (error) {
			if (stopped) return;
			onError(error);
			again();
		}
	}

	let retry: NodeJS.Timeout | undefined;
	function again(): void {
		if (retry !== undefined) return;
		retry = setTimeout(() => {
			retry = undefined;
			connecting = listen();
		}, reconnectMs);
	}

	function send(): void {
		timer = undefined;
		const topics = [...told].join(",");
		told.clear();
		client
			?.query("select pg_notify($1, $2)", [channel, topics])
			.catch((error: unknown) => onError(error));
	}

	let connecting = listen();
	return {
		tell(topic) {
			onTopic(topic);
			told.add(topic);
			if (!stopped) timer ??= setTimeout(send, coalesceMs);
		},
		async stop() {
			stopped = true;
			clearTimeout(timer);
			clearTimeout(retry);
			await connecting;
			await client?.end();
		},
	};
}

function isTopic(text: string): text is Topic {
	return text === "jobs" || text === "keys";
}
