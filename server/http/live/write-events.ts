/** Writes events to one reader, as fast as it takes them and no faster. */
import type { ServerResponse } from "node:http";
import { comment, eventText, type StreamEvent } from "./event-text.ts";
import type { OpenStream } from "./open-streams.ts";

export interface Pace {
	/** After this long without an event a comment is written, so that nobody in between takes the connection for dead. */
	readonly heartbeatMs: number;
	/** A reader that does not take 64 KiB in this time is dropped: it can come back and go on where it was. */
	readonly stallMs: number;
}

export const defaultPace: Pace = { heartbeatMs: 15_000, stallMs: 20_000 };

const pieceBytes = 64 * 1024;

/**
 * Writes the events until one of the sides ends the stream; never rejects. The next event is asked for when the one before
 * has been taken, so what is kept in memory for a reader is one event and the buffers of its connection.
 *
 * @param onError told what the events failed with
 */
export async function writeEvents(
	events: AsyncIterable<StreamEvent>,
	to: {
		readonly raw: ServerResponse;
		readonly stream: OpenStream;
		readonly pace: Pace;
		readonly onError: (error: unknown) => void;
	},
): Promise<void> {
	const { raw, stream, pace, onError } = to;
	const heartbeat = setTimeout(() => {
		if (!raw.writableNeedDrain) raw.write(comment);
		heartbeat.refresh();
	}, pace.heartbeatMs);
	endWith(stream.signal, () => {
		clearTimeout(heartbeat);
		// What a stalled reader has not taken would keep the connection for as long as it likes.
		if (raw.writableNeedDrain || stream.endedBy() === "slow") raw.destroy();
		else raw.end();
	});
	try {
		for await (const event of events) {
			await stream.verified();
			if (stream.signal.aborted) break;
			heartbeat.refresh();
			if (await isTaken(eventText(event), to)) continue;
			stream.end("slow");
			break;
		}
		stream.end("done");
	} catch (error) {
		if (!stream.signal.aborted) onError(error);
		stream.end("failed");
	}
}

/** Whether the reader has taken the text, or at least left room for more, in time; also true when the stream has ended. */
async function isTaken(
	text: string,
	{
		raw,
		stream: { signal },
		pace,
	}: {
		readonly raw: ServerResponse;
		readonly stream: OpenStream;
		readonly pace: Pace;
	},
): Promise<boolean> {
	for (const piece of piecesOf(text)) {
		if (signal.aborted) return true;
		if (raw.write(piece)) continue;
		if (!(await hasDrained(raw, signal, pace.stallMs))) return false;
	}
	return true;
}

function* piecesOf(text: string): Generator<string | Buffer> {
	// At most three bytes for each of its units.
	if (text.length * 3 <= pieceBytes) {
		yield text;
		return;
	}
	const bytes = Buffer.from(text);
	for (let at = 0; at < bytes.length; at += pieceBytes)
		yield bytes.subarray(at, at + pieceBytes);
}

function hasDrained(
	raw: ServerResponse,
	signal: AbortSignal,
	withinMs: number,
): Promise<boolean> {
	return new Promise((resolve) => {
		const settle = (result: boolean) => {
			clearTimeout(timer);
			raw.off("drain", onDrain);
			signal.removeEventListener("abort", onDrain);
			resolve(result);
		};
		const onDrain = () => settle(true);
		const timer = setTimeout(() => settle(false), withinMs);
		raw.once("drain", onDrain);
		endWith(signal, onDrain);
	});
}

/** Calls when the signal fires, or now when it has. */
function endWith(signal: AbortSignal, call: () => void): void {
	if (signal.aborted) call();
	else signal.addEventListener("abort", call, { once: true });
}
