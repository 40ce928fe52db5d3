/**
 * The tails of sites: where each stands, and its newest changes as they are sent. One reader a process for all streams of a
 * site; whoever is further behind than what is kept here reads for itself.
 *
 * A tail looks when it is woken after a commit, and every half second besides, since a notification may be lost. All watched
 * sites are asked for with one statement, and only those that moved are read.
 */
import type { SitePosition } from "../../domain/allowlist/desired-set.ts";
import {
	readChanges,
	readPositions,
	type SiteChange,
} from "../../domain/allowlist/read-changes.ts";
import { system } from "../../kernel/actor.ts";
import type { Performer } from "../../platform/perform.ts";
import { type SentChange, sent, sizeOf, tellable } from "./sent-changes.ts";
import { type Shared, shareReads } from "./shared-reads.ts";

const pollMs = 500;

/** Changes read with one statement. */
const pageSize = 200;

/** What a tail keeps, whichever is less: most streams that come back find what they missed. */
const keptMax = 1_000;
const keptBytesMax = 4 * 1024 * 1024;

const self = system("edge");

/** A site as one stream watches it. */
export interface Tail {
	/** Where the site stands, as far as this process knows. */
	position(): SitePosition;
	/** Resolves when the process knows at least what was committed before this call. */
	refresh(): Promise<void>;
	/**
	 * The changes after a revision of the present epoch, the next ones first; none when the site stands there. Undefined when the
	 * next one is forgotten or cannot be told, or the epoch is another one by now.
	 */
	after(revision: number): Promise<readonly SentChange[] | undefined>;
	/** Resolves when the site has moved from there, when so many milliseconds are over, or when the signal fires. */
	moved(
		from: SitePosition,
		withinMs: number,
		signal: AbortSignal,
	): Promise<void>;
	/** To be called once, when the stream ends. */
	release(): void;
}

export interface SiteTails {
	/** Errors of the database pass through. */
	watch(siteId: string): Promise<Tail>;
	/** Looks at once. For the topic `edge`. */
	wake(): void;
	/** Resolves when nothing is being read. */
	stop(): Promise<void>;
}

interface State {
	readonly siteId: string;
	position: SitePosition;
	kept: SentChange[];
	keptBytes: number;
	watchers: number;
	readonly waiting: Set<() => void>;
}

export function createSiteTails({
	performer,
	onError,
}: {
	readonly performer: Pick<Performer, "ask">;
	/** Called with the first of several failures in a row. */
	readonly onError: (error: unknown) => void;
}): SiteTails {
	const states = new Map<string, Promise<State>>();
	const looks: Shared<undefined, void> = shareReads(look);
	let timer: NodeJS.Timeout | undefined;
	let isPolling = false;
	let isStopped = false;
	let isFailing = false;
	let looking: Promise<void> = Promise.resolve();

	async function begin(siteId: string): Promise<State> {
		const { now } = await readAfter(siteId, 0, 1);
		const after = Math.max(0, now.revision - pageSize);
		const first = await readAfter(siteId, after, pageSize);
		const state: State = {
			siteId,
			position: first.now,
			kept: [],
			keptBytes: 0,
			watchers: 0,
			waiting: new Set(),
		};
		// The newest of them may have been read before the site moved on.
		const last = first.changes.at(-1);
		if (last !== undefined && last.revision < first.now.revision)
			state.position = { ...first.now, ...positionIn(last) };
		keep(state, first.changes);
		return state;
	}

	function readAfter(siteId: string, after: number, limit: number) {
		return performer.ask(self, readChanges, { siteId, after, limit });
	}

	async function look(): Promise<void> {
		const found = await Promise.allSettled(states.values());
		const watched = found.flatMap((one) =>
			one.status === "fulfilled" ? [one.value] : [],
		);
		const positions = await performer.ask(self, readPositions, {
			siteIds: watched.map(({ siteId }) => siteId),
		});
		await Promise.all(
			watched.map(async (state) => {
				const now = positions.get(state.siteId);
				if (now !== undefined && !isAt(state.position, now))
					await advance(state);
			}),
		);
	}

	async function advance(state: State): Promise<void> {
		let isMore = true;
		while (isMore) {
			const { epoch, revision } = state.position;
			const { now, changes } = await readAfter(
				state.siteId,
				revision,
				pageSize,
			);
			const last = changes.at(-1);
			const isNext = changes[0]?.revision === revision + 1;
			if (now.epoch === epoch && last !== undefined && isNext) {
				state.position = { epoch, ...positionIn(last) };
				keep(state, changes);
			} else {
				// Another epoch, or so far behind that the next change is forgotten.
				state.position = now;
				state.kept = [];
				state.keptBytes = 0;
			}
			isMore = !isAt(state.position, now);
			for (const resolve of [...state.waiting]) resolve();
		}
	}

	async function lookNow(): Promise<void> {
		try {
			await looks.next(undefined);
			isFailing = false;
		} catch (error) {
			if (!isFailing) onError(error);
			isFailing = true;
		}
	}

	async function poll(): Promise<void> {
		looking = lookNow();
		await looking;
		isPolling = states.size > 0 && !isStopped;
		if (isPolling) timer = setTimeout(() => void poll(), pollMs);
	}

	function stateOf(siteId: string): Promise<State> {
		const known = states.get(siteId);
		if (known !== undefined) return known;
		const beginning = begin(siteId);
		beginning.catch(() => states.delete(siteId));
		states.set(siteId, beginning);
		if (!isPolling) {
			isPolling = true;
			timer = setTimeout(() => void poll(), pollMs);
		}
		return beginning;
	}

	/** One that is watched from now on: the last to leave may have taken it away meanwhile. */
	async function watched(siteId: string): Promise<State> {
		const promise = stateOf(siteId);
		const state = await promise;
		if (states.get(siteId) !== promise) return watched(siteId);
		state.watchers += 1;
		return state;
	}

	return {
		async watch(siteId) {
			const state = await watched(siteId);
			return {
				position: () => state.position,
				refresh: () => looks.next(undefined),
				after: (revision) => changesAfter(state, revision, readAfter),
				moved: (from, withinMs, signal) =>
					isAt(state.position, from)
						? untilWoken(state.waiting, withinMs, signal)
						: Promise.resolve(),
				release() {
					state.watchers -= 1;
					if (state.watchers === 0) states.delete(siteId);
				},
			};
		},
		wake() {
			if (states.size > 0 && !isStopped) looking = lookNow();
		},
		async stop() {
			isStopped = true;
			clearTimeout(timer);
			await looking;
		},
	};
}

async function changesAfter(
	state: State,
	revision: number,
	readAfter: (
		siteId: string,
		after: number,
		limit: number,
	) => Promise<{
		readonly now: SitePosition;
		readonly changes: readonly SiteChange[];
	}>,
): Promise<readonly SentChange[] | undefined> {
	const { position, kept, siteId } = state;
	if (revision === position.revision) return [];
	const oldest = kept[0]?.revision ?? Number.POSITIVE_INFINITY;
	if (oldest <= revision + 1)
		return tellable(kept.slice(revision + 1 - oldest));
	const { now, changes } = await readAfter(siteId, revision, pageSize);
	if (now.epoch !== position.epoch || changes[0]?.revision !== revision + 1)
		return undefined;
	return tellable(
		changes
			.filter((change) => change.revision <= position.revision)
			.map((change) => sent(now.epoch, change)),
	);
}

/** Remembers changes that follow on what is kept. */
function keep(state: State, changes: readonly SiteChange[]): void {
	for (const change of changes) {
		const one = sent(state.position.epoch, change);
		state.kept.push(one);
		state.keptBytes += sizeOf(one);
	}
	let gone = 0;
	while (
		state.kept.length - gone > keptMax ||
		(state.keptBytes > keptBytesMax && gone < state.kept.length)
	) {
		const oldest = state.kept[gone];
		state.keptBytes -= oldest === undefined ? 0 : sizeOf(oldest);
		gone += 1;
	}
	state.kept = state.kept.slice(gone);
}

function positionIn({ revision, size, sum }: SiteChange) {
	return { revision, size, sum };
}

function isAt(
	position: Pick<SitePosition, "epoch" | "revision">,
	other: Pick<SitePosition, "epoch" | "revision">,
): boolean {
	return position.epoch === other.epoch && position.revision === other.revision;
}

function untilWoken(
	waiting: Set<() => void>,
	withinMs: number,
	signal: AbortSignal,
): Promise<void> {
	return new Promise((resolve) => {
		if (signal.aborted) return resolve();
		const done = () => {
			clearTimeout(timer);
			waiting.delete(done);
			signal.removeEventListener("abort", done);
			resolve();
		};
		const timer = setTimeout(done, withinMs);
		waiting.add(done);
		signal.addEventListener("abort", done);
	});
}
