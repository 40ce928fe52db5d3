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
	excerpt,
	parseDocument,
	readChange,
	readPosition,
	readReset,
} from "./messages.ts";
import { readSnapshot } from "./read-snapshot.ts";
import { type Answer, call, type Server, Unreachable } from "./request.ts";

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

/**
 * How a stream ended: `cut`, by the other side; `gap`, something is missing in it; `nowhere`, its cursor leads nowhere, or
 * what is here is not what the server has.
 */
type StreamEnd = "cut" | "gap" | "nowhere";

export class Feed {
	readonly #options: FeedOptions;
	readonly #times: FeedTimes;
	readonly #ending = new AbortController();
	/** Whether this stream has brought the follower forward. */
	#hasMoved: boolean = false;
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
		let mustAsk = follower.cursor === null;
		let isAnswer = false;
		while (!this.#ending.signal.aborted) {
			let askedMs = 0;
			try {
				if (mustAsk) await this.#snapshot(isAnswer);
				mustAsk = false;
				const end = await this.#stream();
				if (this.#hasMoved) backOff.reset();
				// A gap may be only this stream's; another one from the same cursor costs less than a snapshot.
				mustAsk = end === "nowhere" || (end === "gap" && !this.#hasMoved);
				isAnswer = end === "nowhere";
				if (end !== "cut" && this.#hasMoved) continue;
				if (end === "cut") askedMs = this.#retryMs;
			} catch (error) {
				this.#tell(error);
				mustAsk ||= error instanceof FeedInvalid;
				askedMs = error instanceof Unreachable ? error.waitMs : 0;
			}
			await this.#pause(backOff.next(askedMs));
		}
	}

	async #backstop(): Promise<void> {
		while (!this.#ending.signal.aborted) {
			const jitter = 1 + this.#options.random() / 4;
			await this.#pause(this.#times.backstopMs * jitter, this.#soon.signal);
			this.#soon = new AbortController();
			if (this.#ending.signal.aborted || !this.#isConnected) continue;
			await this.#snapshot(false).catch((error: unknown) => this.#tell(error));
		}
	}

	/** Asks for a snapshot, and for nothing when the one that is here is the newest. */
	async #snapshot(isAnswer: boolean): Promise<void> {
		const { server, follower } = this.#options;
		const cursor = isAnswer ? null : follower.cursor;
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
			follower.takeSnapshot(await readSnapshot(answer.body), isAnswer);
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
		if (cursor === null) return "nowhere";
		this.#hasMoved = false;
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
			if (answer.status === 410) return "nowhere";
			mustBe(answer, "text/event-stream");
			return await this.#read(answer, dog);
		} finally {
			this.#isConnected = false;
			dog.stop();
			answer.drop();
		}
	}

	async #read({ body }: Answer, dog: Watchdog): Promise<StreamEnd> {
		const events = new EventStream(edgeLimits.documentBytesMax);
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
		const document = parseDocument(data);
		if (event === "reset") {
			readReset(document);
			return "nowhere";
		}
		const before = follower.cursor;
		const outcome =
			event === "change"
				? follower.takeChange(readChange(document))
				: follower.takeCount(readPosition(document));
		if (before?.rev !== follower.cursor?.rev) this.#hasMoved = true;
		if (outcome === "wrong") return "nowhere";
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

function etagOf(site: string, { epoch, rev }: Position): string {
	return `"${site}:${epoch}:${rev}"`;
}

function mustBe({ status, contentType }: Answer, wanted: string): void {
	if (status !== 200)
		throw new FeedInvalid(`the server answers ${status}, not 200`);
	if (contentType !== wanted)
		throw new FeedInvalid(
			`the server sends ${excerpt(contentType)}, not ${wanted}`,
		);
}
