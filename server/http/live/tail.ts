/**
 * The tail of the events: one reader a process, which reads what is new and shows it to all streams.
 *
 * It reads after a notification, after a commit of this process, and half a second after its last reading.
 */
import type { PastEvent } from "../../domain/events/audience.ts";
import { findEnd } from "../../domain/events/find-end.ts";
import { knowsPlace } from "../../domain/events/knows-place.ts";
import { isBefore, type Place } from "../../domain/events/place.ts";
import { tailEvents } from "../../domain/events/tail-events.ts";
import { system } from "../../kernel/actor.ts";
import { assert } from "../../kernel/assert.ts";
import type { Performer } from "../../platform/perform.ts";
import { createWaiters } from "./waiters.ts";

/** A lost notification delays by no more. */
const pollMs = 500;
/** Between two readings: what is told of meanwhile comes in one. */
const restMs = 20;
const batchMax = 1_000;
/** Events in memory. */
const windowMax = 5_000;

const self = system("event-feed");

/** Where the tail stands. */
export interface TailEnd {
	/** All that is told up to here has been read. */
	readonly place: Place;
	/** How many events have been read. */
	readonly count: number;
	/** Grows when the database turns out to be an earlier one: places of before are none any more. */
	readonly life: number;
}

export interface Tail {
	end(): TailEnd;
	/** Reads what there is until it has come as far as this place; or until the signal fires. */
	reach(place: Place, signal: AbortSignal): Promise<void>;
	/** The events behind the first `count`; undefined when some of them are in memory no more. */
	since(count: number): readonly PastEvent[] | undefined;
	/**
	 * Waits at the end for an event of this client, of anybody when none is named, and gives those that came, with the end
	 * behind them. None when `idleMs` have passed without, when the signal has fired, or when a new life has begun.
	 */
	next(
		clientId: string | undefined,
		until: { readonly signal: AbortSignal; readonly idleMs: number },
	): Promise<{ readonly events: readonly PastEvent[]; readonly end: TailEnd }>;
}

export interface RunningTail extends Tail {
	/** Resolves when it knows where it stands; rejects when the database is away. */
	readonly begun: Promise<void>;
	/** Reads soon. */
	wake(): void;
	stop(): void;
}

export interface TailParts {
	readonly performer: Pick<Performer, "ask">;
	/** Called with the first of several failures in a row. */
	readonly onError: (error: unknown) => void;
}

export function startTail({ performer, onError }: TailParts): RunningTail {
	const waiters = createWaiters();
	let reached = Promise.withResolvers<void>();
	let at: TailEnd | undefined;
	let window: PastEvent[] = [];
	let timer: NodeJS.Timeout | undefined;
	let isIdle = false;
	let isAsked = false;
	let isFailing = false;
	let isStopped = false;

	function end(): TailEnd {
		assert(at !== undefined, "the tail is asked when it has begun");
		return at;
	}

	/** Whether there may be more at once. */
	async function read(): Promise<boolean> {
		const { place, count, life } = end();
		// Whoever was away may be another one now.
		if (isFailing && !(await performer.ask(self, knowsPlace, place))) {
			const fresh = await performer.ask(self, findEnd, {});
			window = [];
			at = { place: fresh, count: count + 1, life: life + 1 };
			waiters.tellAll();
			return true;
		}
		const events = await performer.ask(self, tailEvents, {
			after: place,
			limit: batchMax,
		});
		const last = events.at(-1);
		if (last !== undefined) {
			window = [...window, ...events].slice(-windowMax);
			at = { place: last.place, count: count + events.length, life };
			waiters.tell(events);
		}
		return events.length === batchMax;
	}

	async function readAll(): Promise<void> {
		isIdle = false;
		isAsked = false;
		try {
			while (!isStopped && (await read())) isFailing = false;
			isFailing = false;
		} catch (error) {
			if (!isFailing) onError(error);
			isFailing = true;
		}
		reached.resolve();
		reached = Promise.withResolvers();
		if (!isStopped) timer = setTimeout(rested, isFailing ? pollMs : restMs);
	}

	function rested(): void {
		if (isAsked || isFailing) {
			void readAll();
			return;
		}
		isIdle = true;
		timer = setTimeout(readAll, pollMs - restMs);
	}

	const begun = performer.ask(self, findEnd, {}).then((place) => {
		at = { place, count: 0, life: 0 };
		if (!isStopped) void readAll();
	});

	function wake(): void {
		isAsked = true;
		if (!isIdle) return;
		clearTimeout(timer);
		void readAll();
	}

	return {
		begun,
		end,
		async reach(place, signal) {
			while (isBefore(end().place, place) && !signal.aborted) {
				const { promise } = reached;
				wake();
				await promise;
			}
		},
		since(count) {
			const first = end().count - window.length;
			return count < first ? undefined : window.slice(count - first);
		},
		next: (clientId, { signal, idleMs }) =>
			new Promise((resolve) => {
				const settle = (events: readonly PastEvent[]) => {
					clearTimeout(idle);
					signal.removeEventListener("abort", giveUp);
					resolve({ events, end: end() });
				};
				const takeBack = waiters.add(clientId, settle);
				const giveUp = () => {
					takeBack();
					settle([]);
				};
				const idle = setTimeout(giveUp, idleMs);
				if (signal.aborted) giveUp();
				else signal.addEventListener("abort", giveUp);
			}),
		wake,
		stop() {
			isStopped = true;
			clearTimeout(timer);
		},
	};
}
