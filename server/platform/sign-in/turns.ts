/** Work that is dear is done a little at a time, and who would wait for too long is told so instead. */
import { Refusal, refuse } from "../../kernel/errors.ts";

/** Who wants something done. */
export interface Asker {
	/** Waits before strangers, and in a line of their own: however many of those come, there is a place in it. */
	readonly isKnown: boolean;
	/** Aborted when nobody is there any more to hear the answer; then nothing is done. */
	readonly gone: AbortSignal;
	readonly now: Date;
}

export interface Turns {
	/**
	 * Does the work when its turn comes.
	 *
	 * Refuses `server.unavailable` when the line is full, with the time at which to try again, and to who has gone.
	 */
	take<Result>(asker: Asker, work: () => Promise<Result>): Promise<Result>;
}

export interface TurnsParts {
	/** Works that are done at the same time. */
	readonly atOnce: number;
	/** How many may wait in each of the two lines. */
	readonly waitingMax: number;
}

const retryAfterMs = 2_000;

export function createTurns({ atOnce, waitingMax }: TurnsParts): Turns {
	let free = atOnce;
	/** In the order in which they came; calling one gives it its turn. */
	const known = new Set<() => void>();
	const strangers = new Set<() => void>();

	function callNext(): void {
		const [next] = known.size > 0 ? known : strangers;
		if (next === undefined) free += 1;
		else next();
	}

	function stand({ isKnown, gone, now }: Asker): Promise<void> {
		const line = isKnown ? known : strangers;
		if (line.size >= waitingMax)
			refuse("server.unavailable", {
				detail:
					"Too many are signing in at this moment. Retry in a few seconds.",
				retryAt: new Date(now.getTime() + retryAfterMs),
			});
		return new Promise((resolve, reject) => {
			const leave = () => {
				line.delete(call);
				reject(new Refusal("server.unavailable"));
			};
			const call = () => {
				line.delete(call);
				gone.removeEventListener("abort", leave);
				resolve();
			};
			line.add(call);
			gone.addEventListener("abort", leave, { once: true });
		});
	}

	return {
		async take(asker, work) {
			if (asker.gone.aborted) refuse("server.unavailable");
			if (free > 0) free -= 1;
			else await stand(asker);
			try {
				return await work();
			} finally {
				callNext();
			}
		},
	};
}
