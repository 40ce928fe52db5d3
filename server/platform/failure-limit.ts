/**
 * The limit on requests without a valid key, per source address, in the memory of one process (contract 14.9): whoever
 * guesses keys shall cost nothing, least of all a query.
 */
import { sourceBucket } from "../kernel/ip.ts";

const minuteMs = 60_000;

/** A source is flooding at this many times its limit. */
const floodFactor = 10;

export interface FailureLimit {
	/** Failures a minute that one source may make. */
	readonly perMinute: number;
	/**
	 * Counts a request that was refused as unauthenticated.
	 *
	 * @param address of the peer, as the socket says it; an IPv6 host counts with its /64
	 * @returns whether the source is still within its limit: 401 then, and 429 otherwise
	 */
	count(address: string, now: Date): boolean;
	/**
	 * Whether the source has failed so often, ten times its limit, that nothing of it is looked up any more. Between the limit
	 * and here a key is still looked up: behind one address there may be others, whose keys are good.
	 */
	isFlooding(address: string, now: Date): boolean;
	/** How many failures the source has left. */
	remaining(address: string, now: Date): number;
	/** When the present window ends. */
	resetAt(now: Date): Date;
}

export interface FailureLimitParts {
	/** Failures a minute that one source may make. */
	readonly perMinute: number;
	/** Sources remembered at the same time; the one heard of first is forgotten for a new one. */
	readonly sourcesMax: number;
}

/**
 * A source that is forgotten begins anew. So many sources in one minute belong to somebody whom a limit per source does
 * not stop, and counting strangers together would refuse the innocent for them.
 */
export function createFailureLimit({
	perMinute,
	sourcesMax,
}: FailureLimitParts): FailureLimit {
	/** Failures of the present minute. */
	const failures = new Map<string, number>();
	let minute = 0;

	function countOf(source: string, now: Date): number {
		const current = Math.floor(now.getTime() / minuteMs);
		if (current !== minute) {
			failures.clear();
			minute = current;
		}
		return failures.get(source) ?? 0;
	}

	return {
		perMinute,
		count(address, now) {
			const source = sourceBucket(address);
			const failed = countOf(source, now) + 1;
			failures.set(source, failed);
			if (failures.size > sourcesMax) {
				const [oldest] = failures.keys();
				if (oldest !== undefined) failures.delete(oldest);
			}
			return failed <= perMinute;
		},
		isFlooding(address, now) {
			return countOf(sourceBucket(address), now) >= floodFactor * perMinute;
		},
		remaining(address, now) {
			return Math.max(0, perMinute - countOf(sourceBucket(address), now));
		},
		resetAt(now) {
			return new Date((Math.floor(now.getTime() / minuteMs) + 1) * minuteMs);
		},
	};
}
