/** The streams that a process has open: how many a key may have, and what ends them. */
import type { Caller } from "../../kernel/actor.ts";
import { refuse } from "../../kernel/errors.ts";
import type { Place, Places } from "../../platform/places.ts";
import { createKeyWatch, type KeyWatchParts } from "./key-watch.ts";

/**
 * Who ended a stream: its reader, its key, the server that closes, a reader too slow to be told more, the events that came
 * to their end, an error.
 */
export type StreamEnd =
	| "reader"
	| "key"
	| "closing"
	| "slow"
	| "done"
	| "failed";

export interface OpenStream {
	/** Fires when the stream ends. */
	readonly signal: AbortSignal;
	/** Undefined while it is open. */
	endedBy(): StreamEnd | undefined;
	/** Ends it and frees its place; whoever comes second changes nothing. */
	end(by: StreamEnd): void;
	/** As `WatchedKey.verified`; also resolves when the stream ends. */
	verified(): Promise<void>;
}

export interface OpenStreams {
	/**
	 * Takes a place for one more stream of the caller's key.
	 *
	 * Refuses `stream.too_many` when the key has `streamsMax` open in all processes together, and `server.unavailable` when
	 * the server closes. Errors of the database pass through.
	 */
	open(caller: Caller, streamsMax: number): Promise<OpenStream>;
	/** For the topic `keys`. */
	recheckKeys(): void;
	/** Ends all of them, and opens no more. */
	close(): void;
	/** Resolves when the places of the streams that have ended are free for other processes. */
	settle(): Promise<void>;
}

export interface OpenStreamsParts extends KeyWatchParts {
	readonly places: Places;
}

/** When a key that has too many streams may try again: one can end at any moment. */
const retryMs = 5_000;

export function createOpenStreams(parts: OpenStreamsParts): OpenStreams {
	const { places, clock } = parts;
	const keys = createKeyWatch(parts);
	const streams = new Set<OpenStream>();
	let isClosed = false;

	function refuseWhenClosed(retryAt: Date): void {
		if (isClosed) refuse("server.unavailable", { retryAt });
	}

	function enter(caller: Caller, place: Place): OpenStream {
		const ending = new AbortController();
		let endedBy: StreamEnd | undefined;
		const key = keys.watch(caller, () => stream.end("key"));
		const stream: OpenStream = {
			signal: ending.signal,
			endedBy: () => endedBy,
			end(by) {
				if (endedBy !== undefined) return;
				endedBy = by;
				key.stop();
				place.free();
				streams.delete(stream);
				ending.abort();
			},
			verified: () => key.verified(),
		};
		streams.add(stream);
		return stream;
	}

	return {
		async open(caller, streamsMax) {
			const retryAt = new Date(clock().getTime() + retryMs);
			refuseWhenClosed(retryAt);
			const place = await places.take(caller.keyId, streamsMax);
			if (place === undefined)
				return refuse("stream.too_many", { retryAt, limit: streamsMax });
			const stream = enter(caller, place);
			// It may have closed while the place was being taken.
			if (isClosed) stream.end("closing");
			refuseWhenClosed(retryAt);
			return stream;
		},
		recheckKeys: () => keys.wake(),
		close() {
			isClosed = true;
			for (const stream of streams) stream.end("closing");
		},
		settle: () => places.settle(),
	};
}
