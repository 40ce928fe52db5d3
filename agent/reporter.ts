/**
 * Tells the control plane what this machine has made true: after each batch, and at least twice a minute. What changes while
 * a report is under way goes with the next one; a report that was not delivered is made anew, not repeated.
 */
import { setTimeout as pause } from "node:timers/promises";
import {
	type Ack,
	type AckAnswer,
	type Drift,
	edgeLimits,
} from "../contract/edge-protocol.ts";
import type { AlarmBoard } from "./alarms.ts";
import { BackOff } from "./feed/back-off.ts";
import { excerpt, parseDocument, readAckAnswer } from "./feed/messages.ts";
import { call, type Server, textOfBody, Unreachable } from "./feed/request.ts";

export interface ReporterOptions {
	readonly server: Server;
	readonly alarms: AlarmBoard;
	/** What is true now, without drift and alarms. */
	readonly state: () => Promise<Omit<Ack, "drift" | "alarms">>;
	readonly onAnswer: (answer: AckAnswer) => void;
	readonly log: (line: string) => void;
	readonly random: () => number;
	readonly everyMs?: number;
}

const timeoutMs = 10_000;
const answerBytesMax = 65_536;

export class Reporter {
	readonly #options: ReporterOptions;
	readonly #backOff: BackOff;
	readonly #ending = new AbortController();
	/** Not reported yet, oldest first. */
	#drifts: Drift[] = [];
	#wake: () => void = () => {};
	#isDue: boolean = false;
	#lastFailure = "";

	constructor(options: ReporterOptions) {
		this.#options = options;
		this.#backOff = new BackOff({
			firstMs: 1_000,
			maxMs: 30_000,
			random: options.random,
		});
	}

	/** Something has changed. */
	poke(): void {
		this.#isDue = true;
		this.#wake();
	}

	/** What was found, and again once it is mended, or it is told who did it; each is told until it was heard, the first not when it is late. */
	drifted(drift: Drift): void {
		const at = this.#drifts.findIndex(
			({ foundAt }) => foundAt === drift.foundAt,
		);
		this.#drifts =
			at === -1
				? [...this.#drifts.slice(-99), drift]
				: this.#drifts.with(at, drift);
		this.poke();
	}

	async run(): Promise<void> {
		const everyMs = this.#options.everyMs ?? edgeLimits.reportEveryMs;
		while (!this.#ending.signal.aborted) {
			const hasMore = await this.#report();
			await this.#pause(edgeLimits.ackEveryMs);
			if (!hasMore) await this.#rest(everyMs);
		}
	}

	end(): void {
		this.#ending.abort();
		this.#wake();
	}

	/** True when there is more to tell at once. */
	async #report(): Promise<boolean> {
		const { alarms, state, onAnswer, log } = this.#options;
		this.#isDue = false;
		try {
			const now = await state();
			const [drift = null] = this.#drifts;
			const shown = alarms.toReport.slice(0, edgeLimits.alarmsMax);
			const answer = await this.#send({ ...now, drift, alarms: shown });
			// Unless it was mended while it was told: that is to be told as well.
			if (drift === this.#drifts[0]) this.#drifts = this.#drifts.slice(1);
			const hasNews = alarms.reported(shown);
			this.#backOff.reset();
			if (this.#lastFailure !== "") log("reports are heard again");
			this.#lastFailure = "";
			onAnswer(answer);
			return hasNews || this.#drifts.length > 0;
		} catch (error) {
			if (this.#ending.signal.aborted) return false;
			const why = error instanceof Error ? error.message : String(error);
			if (why !== this.#lastFailure) log(`a report was not heard: ${why}`);
			this.#lastFailure = why;
			const askedMs = error instanceof Unreachable ? error.waitMs : 0;
			await this.#pause(this.#backOff.next(askedMs));
			return true;
		}
	}

	async #send(ack: Ack): Promise<AckAnswer> {
		const answer = await call(this.#options.server, {
			method: "POST",
			path: "ack",
			body: JSON.stringify(ack),
			headers: { accept: "application/json" },
			timeoutMs,
			signal: this.#ending.signal,
		});
		const text = await textOfBody(answer, answerBytesMax);
		if (answer.status !== 200)
			// As a text in quotes: what it says goes into a log.
			throw new Error(
				`the server answers ${answer.status}: ${excerpt(text, 200)}`,
			);
		return readAckAnswer(parseDocument(text));
	}

	async #pause(ms: number): Promise<void> {
		await pause(ms, undefined, { signal: this.#ending.signal }).catch(() => {});
	}

	#rest(ms: number): Promise<void> {
		return new Promise((resolve) => {
			if (this.#isDue || this.#ending.signal.aborted) return resolve();
			const timer = setTimeout(() => this.#wake(), ms);
			this.#wake = () => {
				clearTimeout(timer);
				this.#wake = () => {};
				resolve();
			};
		});
	}
}
