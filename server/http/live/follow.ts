/** Follows what happens from a place on: first what the database has, then what the tail reads. */
import type { PastEvent } from "../../domain/events/audience.ts";
import type { Place } from "../../domain/events/place.ts";
import type { PastEventsInput } from "../../domain/events/read-past-events.ts";
import { isUnreachable } from "../../platform/db.ts";
import type { Tail, TailEnd } from "./tail.ts";

/**
 * Why a reader must begin anew: `unknown` is a cursor that is none of this stream; `old` one behind which too much has
 * happened, or too long ago; `restored` a database that has gone back in time.
 */
export type ResetReason = "unknown" | "old" | "restored";

/** What a follower learns at once. */
export interface News {
	readonly events: readonly PastEvent[];
	/** Nothing that is told up to here has been left out, unless there is a reset. */
	readonly place: Place;
	/** Events may have been left out before this place. */
	readonly reset?: ResetReason;
}

export interface Following {
	/** Whose events; everybody's when undefined. */
	readonly clientId: string | undefined;
	/** Where the tail stood when the reader was told its first place. */
	readonly from: TailEnd;
	/** What the reader has already, if it goes on from there. */
	readonly after: Place | undefined;
	readonly signal: AbortSignal;
	/** News without events come after this long without any. */
	readonly idleMs: number;
	readonly readPast: (input: PastEventsInput) => Promise<readonly PastEvent[]>;
}

const pageMax = 500;
/** Whoever is further behind reads everything again with less effort. */
const behindMax = 20_000;
/** Between two attempts to read from a database that is away. */
const againMs = 500;

/**
 * Every event of the client after the place, once, in the order of places; until the signal fires. Waits while the database
 * is away.
 */
export async function* follow(
	tail: Tail,
	following: Following,
): AsyncGenerator<News> {
	const { clientId, signal, idleMs } = following;
	let { place, count, life } = following.from;
	let behind: Place | undefined = following.after;
	while (!signal.aborted) {
		const end = tail.end();
		if (end.life !== life) {
			({ place, count, life } = end);
			behind = undefined;
			yield { events: [], place, reset: "restored" };
			continue;
		}
		const recent = behind === undefined ? tail.since(count) : undefined;
		if (recent === undefined) {
			yield* catchUp(end, behind ?? place, following);
			({ place, count } = end);
			behind = undefined;
		} else if (recent.length > 0) {
			const events = recent.filter(
				(event) => clientId === undefined || event.clientId === clientId,
			);
			({ place, count } = end);
			yield { events, place };
		} else {
			const { events, end } = await tail.next(clientId, { signal, idleMs });
			if (end.life !== life) continue;
			({ place, count } = end);
			yield { events, place };
		}
	}
}

/** What the database has between a place and an end of the tail. */
async function* catchUp(
	end: TailEnd,
	from: Place,
	following: Following,
): AsyncGenerator<News> {
	let after = from;
	for (let read = 0; read < behindMax; read += pageMax) {
		const input = { after, until: end.place, limit: pageMax };
		const events = await readOnceThere(following, input);
		if (events === undefined) return;
		const last = events.at(-1);
		const isAll = last === undefined || events.length < pageMax;
		after = isAll ? end.place : last.place;
		yield { events, place: after };
		if (isAll) return;
	}
	yield { events: [], place: end.place, reset: "old" };
}

/** Undefined when the signal fired first. */
async function readOnceThere(
	{ readPast, signal }: Following,
	input: PastEventsInput,
): Promise<readonly PastEvent[] | undefined> {
	while (!signal.aborted) {
		try {
			return await readPast(input);
		} catch (error) {
			if (!isUnreachable(error)) throw error;
			await new Promise((resolve) => setTimeout(resolve, againMs));
		}
	}
	return undefined;
}
