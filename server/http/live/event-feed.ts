/** What happens, for all streams of a process: a tail that runs for as long as somebody listens. */
import { knowsPlace } from "../../domain/events/knows-place.ts";
import type { Place } from "../../domain/events/place.ts";
import { system } from "../../kernel/actor.ts";
import {
	type RunningTail,
	startTail,
	type Tail,
	type TailParts,
} from "./tail.ts";

const self = system("event-feed");

export interface EventFeed {
	/** Listens until the signal fires. Rejects when the database is away. */
	listen(signal: AbortSignal): Promise<Tail>;
	/** Whether the database has the event of this place. */
	knows(place: Place): Promise<boolean>;
	/** Something happened, here or elsewhere. For the topic `events`. */
	wake(): void;
}

export function createEventFeed(parts: TailParts): EventFeed {
	let tail: RunningTail | undefined;
	let listeners = 0;

	function leave(): void {
		listeners -= 1;
		if (listeners > 0) return;
		tail?.stop();
		tail = undefined;
	}

	return {
		async listen(signal) {
			tail ??= startTail(parts);
			const { begun } = tail;
			const mine = tail;
			listeners += 1;
			if (signal.aborted) leave();
			else signal.addEventListener("abort", leave, { once: true });
			await begun;
			return mine;
		},
		knows: (place) => parts.performer.ask(self, knowsPlace, place),
		wake: () => tail?.wake(),
	};
}
