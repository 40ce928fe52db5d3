/**
 * An agent without a kernel, over HTTP alone: it does what docs/edge-protocol.md says and no more, and keeps the set in
 * memory. What it holds, and where it says that it stands, can be looked at.
 */
import { createHash } from "node:crypto";
import type {
	Ack,
	AckAnswer,
	Change,
	Heartbeat,
	Snapshot,
} from "../contract/edge-protocol.ts";
import { sumOf } from "./deltas.ts";
import {
	type EventReader,
	type ReadEvent,
	readEvents,
} from "./event-reader.ts";

export interface Follower {
	/** What it holds. */
	readonly set: ReadonlySet<string>;
	/** The networks of its site, as far as it knows. */
	readonly prefixes: readonly string[];
	/** Where it stands; undefined before its first snapshot. */
	position(): { readonly epoch: string; readonly rev: number } | undefined;
	/** How often it has taken a snapshot, applied a change, and begun a stream. */
	readonly counts: { snapshots: number; changes: number; streams: number };
	/** Talks to another process from the next connection on. */
	moveTo(url: string): void;
	/** Cuts the stream, as a network does; it connects again by itself. */
	cut(): void;
	/** Resolves when it stands there. */
	reaches(epoch: string, rev: number): Promise<void>;
	/** Resolves when it has stopped. */
	stop(): Promise<void>;
}

export interface FollowerParts {
	readonly url: string;
	readonly key: string;
	/** Its name. */
	readonly host: string;
	/** Stops it for good; anything that no agent should ever see. */
	readonly onBroken: (error: Error) => void;
}

/** Between two attempts at a server that is away. */
const againMs = 20;

export function startFollower(parts: FollowerParts): Follower {
	const { key, host, onBroken } = parts;
	const headers = { authorization: `Bearer ${key}` };
	const counts = { snapshots: 0, changes: 0, streams: 0 };
	const listeners = new Set<() => void>();
	let { url } = parts;
	let set = new Set<string>();
	let at: { readonly epoch: string; readonly rev: number } | undefined;
	let reader: EventReader | undefined;
	let siteId = "";
	let prefixes: readonly string[] = [];
	let isStopped = false;

	function moved(epoch: string, rev: number): void {
		at = { epoch, rev };
		for (const listener of [...listeners]) listener();
	}

	async function takeSnapshot(): Promise<void> {
		// Without its tag it could be given one that is a second old.
		const tag = at && `"${siteId}:${at.epoch}:${at.rev}"`;
		const response = await fetch(`${url}/api/edge/snapshot`, {
			headers: {
				...headers,
				"accept-encoding": "gzip",
				...(tag !== undefined && { "if-none-match": tag }),
			},
		});
		if (response.status === 304) return;
		if (response.status !== 200) throw new Away(response.status);
		const snapshot = (await response.json()) as Snapshot;
		const { site, v4, v6, v6_64, nets, epoch, rev, n, sum, digest } = snapshot;
		const next = [...v4, ...v6, ...v6_64, ...nets];
		broken(isSorted(v4) && isSorted(v6), "a list is not sorted");
		broken(new Set(next).size === n, `a snapshot has not ${n} elements`);
		broken(hexSumOf(next) === sum, "the sum of a snapshot is wrong");
		broken(digestOf(next) === digest, "the digest of a snapshot is wrong");
		broken(
			at === undefined || at.epoch !== epoch || rev >= at.rev,
			`a snapshot goes back from ${at?.rev} to ${rev}`,
		);
		counts.snapshots += 1;
		set = new Set(next);
		siteId = site;
		prefixes = snapshot.prefixes;
		moved(epoch, rev);
		await acknowledge();
	}

	async function acknowledge(): Promise<void> {
		if (at === undefined) return;
		const sum = hexSumOf(set);
		const ack: Ack = {
			...at,
			n: set.size,
			sum,
			kernelSum: sum,
			agent: host,
			instance: `instance-of-${host}`,
			version: "0.0.0",
			driver: "memory",
			armed: true,
			drift: null,
			counters: null,
			alarms: [],
		};
		const response = await fetch(`${url}/api/edge/ack`, {
			method: "POST",
			headers: { ...headers, "content-type": "application/json" },
			body: JSON.stringify(ack),
		});
		if (response.status !== 200) throw new Away(response.status);
		(await response.json()) as AckAnswer;
	}

	/** Whether the set is now at the change's revision; a change that is no step from here is passed over. */
	function apply({ epoch, prev, rev, n, sum, del, add }: Change): boolean {
		broken(rev === prev + 1, "a change is more than a step");
		if (at === undefined || epoch !== at.epoch || prev !== at.rev) {
			broken(
				at === undefined || epoch !== at.epoch || prev < at.rev,
				`a change from ${prev} leaves out what was after ${at?.rev}`,
			);
			return false;
		}
		for (const element of del) broken(set.delete(element), `no ${element}`);
		for (const element of add) set.add(element);
		broken(set.size === n, `${set.size} elements, not ${n}, at ${rev}`);
		broken(hexSumOf(set) === sum, `another sum at ${rev}`);
		counts.changes += 1;
		moved(epoch, rev);
		return true;
	}

	function broken(isWell: boolean, what: string): void {
		if (!isWell) throw new Error(`${host}: ${what}`);
	}

	/** Follows the stream until it ends; false when a snapshot is needed. */
	async function follow(): Promise<boolean> {
		if (at === undefined) return false;
		const query = `epoch=${at.epoch}&after=${at.rev}`;
		reader = await readEvents(`${url}/api/edge/changes?${query}`, headers);
		if (isStopped) reader.close();
		if (reader.status === 410) return false;
		if (reader.status !== 200) throw new Away(reader.status);
		counts.streams += 1;
		return readAll(reader);
	}

	async function readAll(from: EventReader): Promise<boolean> {
		let read = 0;
		let isOver = false;
		void from.ended.then(() => {
			isOver = true;
		});
		for (;;) {
			await from.until(({ events }) => events.length > read).catch(() => {});
			const fresh = from.events.slice(read);
			read += fresh.length;
			if (fresh.length === 0 && isOver) return true;
			if (!(await takeIn(fresh))) return false;
		}
	}

	/** One acknowledgement for all that came at once. */
	async function takeIn(events: readonly ReadEvent[]): Promise<boolean> {
		let isMoved = false;
		for (const { event, data } of events) {
			const body: unknown = JSON.parse(data);
			if (event === "reset") {
				reader?.close();
				return false;
			}
			if (event === "change") isMoved = apply(body as Change) || isMoved;
			else check(body as Heartbeat);
		}
		if (isMoved) await acknowledge();
		return true;
	}

	function check({ epoch, rev, n, sum }: Heartbeat): void {
		if (at?.epoch !== epoch || at.rev !== rev) return;
		broken(set.size === n && hexSumOf(set) === sum, `differs at ${rev}`);
	}

	async function run(): Promise<void> {
		while (!isStopped)
			try {
				if (!(await follow())) await takeSnapshot();
			} catch (error) {
				if (isStopped) return;
				if (!isAway(error)) {
					onBroken(error instanceof Error ? error : new Error(String(error)));
					return;
				}
				await new Promise((resolve) => setTimeout(resolve, againMs));
			}
	}

	const running = run();
	return {
		get set() {
			return set;
		},
		get prefixes() {
			return prefixes;
		},
		position: () => at,
		counts,
		moveTo(next) {
			url = next;
		},
		cut: () => reader?.close(),
		reaches: (epoch, rev) =>
			new Promise((resolve) => {
				const look = () => {
					if (at?.epoch !== epoch || at.rev < rev) return;
					listeners.delete(look);
					resolve();
				};
				listeners.add(look);
				look();
			}),
		async stop() {
			isStopped = true;
			reader?.close();
			await running;
		},
	};
}

/** A server that answers, but not now. */
class Away extends Error {
	readonly status: number;
	constructor(status: number) {
		super(`status ${status}`);
		this.status = status;
	}
}

/** A connection that failed, or a server that is not ready: to be tried again. */
function isAway(error: unknown): boolean {
	if (error instanceof Away) return error.status >= 500 || error.status === 429;
	return (
		error instanceof Error &&
		("code" in error || error.message === "fetch failed" || isCut(error))
	);
}

function isCut({ message }: Error): boolean {
	return message === "terminated" || message.startsWith("aborted");
}

export function hexSumOf(elements: Iterable<string>): string {
	return sumOf(elements).toString(16).padStart(32, "0");
}

export function digestOf(elements: readonly string[]): string {
	const hash = createHash("sha256");
	for (const element of elements.toSorted(byCodeUnit))
		hash.update(`${element}\n`);
	return hash.digest("hex");
}

function isSorted(list: readonly string[]): boolean {
	return list.every(
		(one, i) => i === 0 || byCodeUnit(list[i - 1] ?? "", one) < 0,
	);
}

function byCodeUnit(a: string, b: string): number {
	return a < b ? -1 : a > b ? 1 : 0;
}
