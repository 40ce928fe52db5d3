/**
 * Keeps the follower fed: a stream of changes, a snapshot where the stream leads nowhere, and a conditional snapshot now and
 * then, whatever the stream says. A server that is away is asked again after a random while; one that lies is not believed.
 */
import { setTimeout as pause } from "node:timers/promises";
import { edgeLimits, type Position } from "../../contract/edge-protocol.ts";
import type { Alarms } from "../alarms.ts";
import type { Follower } from "../follower.ts";
import { FeedInvalid } from "../replica.ts";
import { BackOff } from "./back-off.ts";
import { EventStream, type StreamEvent } from "./event-stream.ts";
import {
	parseChange,
	parseDocument,
	readChange,
	readPosition,
	readRefusalCode,
	readReset,
} from "./messages.ts";
import { readSnapshot } from "./read-snapshot.ts";
import {
	type Answer,
	call,
	mustBe,
	type Server,
	textOfBody,
	Unreachable,
} from "./request.ts";

export interface FeedTimes {
	/** Without an event for so long a stream is taken for dead. */
	readonly silenceMs: number;
	/** A snapshot has to have come by then. */
	readonly snapshotMs: number;
	readonly backstopMs: number;
	/** Waits after failures: up to the first, doubled up to the second. */
	readonly retryFirstMs: number;
	readonly retryMaxMs: number;
}

export const feedTimes: FeedTimes = {
	silenceMs: 3 * edgeLimits.heartbeatMs,
	snapshotMs: 120_000,
	backstopMs: edgeLimits.backstopMs,
	retryFirstMs: 1_000,
	retryMaxMs: 30_000,
};

export interface FeedOptions {
	readonly server: Server;
	readonly follower: Follower;
	readonly alarms: Alarms;
	/** From 0 to 1, as `Math.random`. */
	readonly random: () => number;
	readonly log: (line: string) => void;
	readonly times?: Partial<FeedTimes>;
}

const refusalBytesMax = 65_536;

/**
 * How a stream ended: `cut`, by the other side; `gap`, something is missing in it; `gone`, nothing leads on from its cursor;
 * `ahead`, the server says that it has gone back behind its cursor; `differs`, what is here is not what the server has at
 * this revision.
 */
type StreamEnd = "cut" | "gap" | "gone" | "ahead" | "differs";

/**
 * Which snapshot is asked for: `newer`, with the tag of what is here, so that none is older; `other`, also one of the same
 * revision; `older`, whatever there is. Only the word `ahead` leads back within an epoch: a snapshot that was made ready a
 * second ago would otherwise open again what was revoked since.
 */
type Asking = "newer" | "other" | "older";

/** What came of a snapshot and a stream. */
interface Round {
	/** Whether the stream brought the follower forward. */
	readonly hasMoved: boolean;
	/** Whether the stream ended by what it said, and not in the middle. */
	readonly isWhole: boolean;
	/** What to ask for next; null for just another stream. */
	readonly asking: Asking | null;
	/** How long the server asks to be left alone. */
	readonly askedMs: number;
}

export class Feed {
	readonly #options: FeedOptions;
	readonly #times: FeedTimes;
	readonly #ending = new AbortController();
	#isConnected: boolean = false;
	/** How long streams of this server ask to wait before the next one. */
	#retryMs = 0;
	#soon = new AbortController();

	constructor(options: FeedOptions) {
		this.#options = options;
		this.#times = { ...feedTimes, ...options.times };
	}

	/** Whether a stream stands at this moment. */
	get isConnected(): boolean {
		return this.#isConnected;
	}

	/** Follows until `end`. */
	async run(): Promise<void> {
		await Promise.all([this.#follow(), this.#backstop()]);
	}

	end(): void {
		this.#ending.abort();
		this.#soon.abort();
	}

	/** There is reason to believe that the stream does not say everything: asks for a snapshot now. */
	askSoon(): void {
		this.#soon.abort();
	}

	async #follow(): Promise<void> {
		const { follower, random } = this.#options;
		const { retryFirstMs: firstMs, retryMaxMs: maxMs } = this.#times;
		const backOff = new BackOff({ firstMs, maxMs, random });
		let asking: Asking | null = follower.cursor === null ? "newer" : null;
		while (!this.#ending.signal.aborted) {
			const round = await this.#round(asking);
			asking = round.asking;
			if (round.hasMoved) backOff.reset();
			if (round.hasMoved && round.isWhole) continue;
			await this.#pause(backOff.next(round.askedMs));
		}
	}

	/** A snapshot where one is to be asked for, then a stream for as long as it lasts. */
	async #round(first: Asking | null): Promise<Round> {
		const { follower } = this.#options;
		let asking = first;
		try {
			if (asking !== null) await this.#snapshot(asking);
			asking = null;
			const from = follower.cursor;
			const end = await this.#stream();
			const hasMoved = follower.cursor !== from;
			const isWhole = end !== "cut";
			return {
				hasMoved,
				isWhole,
				asking: askingAfter(end, hasMoved),
				askedMs: isWhole ? 0 : this.#retryMs,
			};
		} catch (error) {
			this.#tell(error);
			if (error instanceof FeedInvalid) asking ??= "newer";
			const askedMs = error instanceof Unreachable ? error.waitMs : 0;
			return { hasMoved: false, isWhole: false, asking, askedMs };
		}
	}

	async #backstop(): Promise<void> {
		while (!this.#ending.signal.aborted) {
			const jitter = 1 + this.#options.random() / 4;
			await this.#pause(this.#times.backstopMs * jitter, this.#soon.signal);
			this.#soon = new AbortController();
			if (this.#ending.signal.aborted || !this.#isConnected) continue;
			await this.#snapshot("newer").catch((error: unknown) =>
				this.#tell(error),
			);
		}
	}

	/** Asks for a snapshot, and for nothing when the one that is here is the newest. */
	async #snapshot(asking: Asking): Promise<void> {
		const { server, follower } = this.#options;
		const cursor = asking === "newer" ? follower.cursor : null;
		const answer = await call(server, {
			method: "GET",
			path: "snapshot",
			headers: {
				accept: "application/json",
				...(cursor === null
					? {}
					: { "if-none-match": etagOf(follower.site ?? "", cursor) }),
			},
			timeoutMs: this.#times.snapshotMs,
			signal: this.#ending.signal,
		});
		try {
			if (answer.status === 304 && cursor !== null) return;
			mustBe(answer, "application/json");
			const snapshot = await readSnapshot(answer.body);
			follower.takeSnapshot(snapshot, asking === "older");
		} catch (error) {
			throw answer.isLate()
				? new FeedInvalid(
						`a snapshot did not end in ${this.#times.snapshotMs / 1000} s`,
					)
				: error;
		} finally {
			answer.drop();
		}
	}

	async #stream(): Promise<StreamEnd> {
		const { server, follower } = this.#options;
		const cursor = follower.cursor;
		if (cursor === null) return "gone";
		follower.beginStream();
		const answer = await call(server, {
			method: "GET",
			path: `changes?epoch=${encodeURIComponent(cursor.epoch)}&after=${cursor.rev}`,
			headers: { accept: "text/event-stream" },
			timeoutMs: null,
			signal: this.#ending.signal,
		});
		const dog = new Watchdog(this.#times.silenceMs, answer.drop);
		try {
			if (answer.status === 410) return await endOf(answer);
			mustBe(answer, "text/event-stream");
			return await this.#read(answer, dog);
		} finally {
			this.#isConnected = false;
			dog.stop();
			answer.drop();
		}
	}

	async #read({ body }: Answer, dog: Watchdog): Promise<StreamEnd> {
		const events = new EventStream(edgeLimits.eventBytesMax);
		try {
			for await (const piece of body)
				for (const event of events.take(piece)) {
					this.#retryMs = events.retryMs ?? this.#retryMs;
					dog.calm();
					this.#isConnected = true;
					const end = this.#take(event);
					if (end !== null) return end;
				}
		} catch (error) {
			if (error instanceof RangeError) throw new FeedInvalid(error.message);
			if (error instanceof FeedInvalid) throw error;
			if (this.#ending.signal.aborted) return "cut";
			throw new Unreachable(
				dog.hasBitten
					? `no event in ${this.#times.silenceMs / 1000} s`
					: `the stream broke: ${error instanceof Error ? error.message : error}`,
			);
		}
		return "cut";
	}

	#take({ event, data }: StreamEvent): StreamEnd | null {
		const { follower } = this.#options;
		if (event !== "change" && event !== "heartbeat" && event !== "reset")
			return null;
		if (event === "reset")
			return readReset(parseDocument(data)).reason === "ahead"
				? "ahead"
				: "gone";
		const outcome =
			event === "change"
				? follower.takeChange(readChange(parseChange(data)))
				: follower.takeCount(readPosition(parseDocument(data)));
		if (outcome === "wrong") return "differs";
		return outcome === "gap" ? "gap" : null;
	}

	#tell(error: unknown): void {
		if (this.#ending.signal.aborted) return;
		const { alarms, log } = this.#options;
		if (error instanceof FeedInvalid)
			alarms.raise("feed_invalid", error.message);
		else log(`feed: ${error instanceof Error ? error.message : error}`);
	}

	async #pause(ms: number, signal = this.#ending.signal): Promise<void> {
		await pause(ms, undefined, { signal }).catch(() => {});
	}
}

/** Breaks off a stream that has been silent for too long. */
class Watchdog {
	readonly #ms: number;
	readonly #bite: () => void;
	#timer: NodeJS.Timeout;
	hasBitten = false;

	constructor(ms: number, bite: () => void) {
		this.#ms = ms;
		this.#bite = bite;
		this.#timer = this.#wait();
	}

	calm(): void {
		clearTimeout(this.#timer);
		this.#timer = this.#wait();
	}

	stop(): void {
		clearTimeout(this.#timer);
	}

	#wait(): NodeJS.Timeout {
		return setTimeout(() => {
			this.hasBitten = true;
			this.#bite();
		}, this.#ms);
	}
}

/** Null: just another stream. A gap may be only this stream's, and another stream costs less than a snapshot. */
function askingAfter(end: StreamEnd, hasMoved: boolean): Asking | null {
	if (end === "cut" || (end === "gap" && hasMoved)) return null;
	if (end === "ahead") return "older";
	return end === "differs" ? "other" : "newer";
}

/** Why a stream did not begin: what is no word of this protocol is taken for the one that never leads back. */
async function endOf(answer: Answer): Promise<"ahead" | "gone"> {
	const text = await textOfBody(answer, refusalBytesMax);
	return readRefusalCode(text) === "edge_cursor_ahead" ? "ahead" : "gone";
}

function etagOf(site: string, { epoch, rev }: Position): string {
	return `"${site}:${epoch}:${rev}"`;
}
