/** The streams that a process has open: how many a key may have, and what ends them. */
import type { Caller } from "../../kernel/actor.ts";
import { refuse } from "../../kernel/errors.ts";
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
	 * Refuses `stream.too_many` when the key has `streamsMax` open, and `server.unavailable` when the server closes.
	 */
	open(caller: Caller, streamsMax: number): OpenStream;
	/** For the topic `keys`. */
	recheckKeys(): void;
	/** Ends all of them, and opens no more. */
	close(): void;
}

/** When a key that has too many streams may try again: one can end at any moment. */
const retryMs = 5_000;

export function createOpenStreams(parts: KeyWatchParts): OpenStreams {
	const keys = createKeyWatch(parts);
	const streams = new Map<string, Set<OpenStream>>();
	let isClosed = false;

	function placesOf(keyId: string): Set<OpenStream> {
		const places = streams.get(keyId) ?? new Set();
		streams.set(keyId, places);
		return places;
	}

	return {
		open(caller, streamsMax) {
			const retryAt = new Date(parts.clock().getTime() + retryMs);
			if (isClosed) refuse("server.unavailable", { retryAt });
			const { keyId } = caller;
			const places = placesOf(keyId);
			if (places.size >= streamsMax)
				refuse("stream.too_many", { retryAt, limit: streamsMax });
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
					places.delete(stream);
					if (places.size === 0) streams.delete(keyId);
					ending.abort();
				},
				verified: () => key.verified(),
			};
			places.add(stream);
			return stream;
		},
		recheckKeys: () => keys.wake(),
		close() {
			isClosed = true;
			for (const places of streams.values())
				for (const stream of places) stream.end("closing");
		},
	};
}
