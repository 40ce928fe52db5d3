/** The agent as a whole: who tells whom. What decides is elsewhere. */
import { randomUUID } from "node:crypto";
import { mkdir } from "node:fs/promises";
import type { Server as ControlServer } from "node:http";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type {
	Ack,
	AckAnswer,
	Drift,
	Position,
} from "../contract/edge-protocol.ts";
import { AlarmBoard } from "./alarms.ts";
import { Arming } from "./arming.ts";
import { readKept, takeUp } from "./begin.ts";
import { canarySilenceMs, complaintAbout, readSighting } from "./canary.ts";
import { type Config, lastKnownGoodPath, readServer } from "./config.ts";
import { controlSocket, listenForControl } from "./control.ts";
import type { Driver, Suspicion } from "./drivers/driver.ts";
import { driverOf } from "./drivers/driver-of.ts";
import { BackOff } from "./feed/back-off.ts";
import { Feed, type FeedTimes } from "./feed/feed.ts";
import { Follower } from "./follower.ts";
import { Gate, messageOf } from "./gate.ts";
import { HoldFile } from "./hold-file.ts";
import { Inspector } from "./inspector.ts";
import { Keeper } from "./keeper.ts";
import type { LastKnownGood } from "./last-known-good.ts";
import { watchLinks } from "./links.ts";
import { takeLock } from "./lock.ts";
import type { Target } from "./plan.ts";
import { preflight } from "./preflight.ts";
import { replicaOf, targetOf, withinOwn } from "./replica.ts";
import { Reporter } from "./reporter.ts";
import { Silence } from "./silence.ts";
import type { AgentStatus } from "./status-text.ts";
import { zeroSum } from "./sum.ts";
import { version } from "./version.ts";

export interface AgentOptions {
	readonly config: Config;
	readonly now: () => Date;
	/** From 0 to 1, as `Math.random`. */
	readonly random: () => number;
	readonly log: (line: string) => void;
	/** Other times than the usual ones, for tests that cannot wait a minute. */
	readonly times?: Partial<FeedTimes> & { readonly reportEveryMs?: number };
}

/** Where a machine stands that has applied nothing yet. */
const nowhere: Position = {
	epoch: "00000000-0000-0000-0000-000000000000",
	rev: 0,
	n: 0,
	sum: zeroSum,
};

const checkEveryMs = 10 * 60_000;
const tickMs = 5_000;

export class Agent {
	readonly #options: AgentOptions;
	readonly #alarms: AlarmBoard;
	readonly #driver: Driver;
	readonly #gate: Gate;
	readonly #inspector: Inspector;
	readonly #keeper: Keeper;
	readonly #holdFile: HoldFile;
	readonly #follower: Follower;
	readonly #reporter: Reporter;
	readonly #feed: Feed;
	readonly #arming: Arming;
	/** Patterns of interfaces of which one was there. */
	readonly #seen = new Set<string>();
	readonly #ending = new AbortController();
	/** Of this run, so that two agents with one key are told apart. */
	readonly #instance = randomUUID();
	/** Whose set it is. */
	#owner: Pick<LastKnownGood, "site" | "prefixes"> | null = null;
	/** What stands and is on disk, so that it may be reported. */
	#kept: Target | null = null;
	/** The driver is at work. */
	#isReady: boolean = false;
	#release: () => void = () => {};
	#control: ControlServer | null = null;
	readonly #silence: Silence;
	#canaryAt: Date;

	constructor(options: AgentOptions) {
		const { config, now, random, log, times } = options;
		const server = readServer(config);
		const alarms = new AlarmBoard(now, (line) => {
			log(line);
			this.#reporter.poke();
		});
		this.#options = options;
		this.#alarms = alarms;
		this.#silence = new Silence(now, log);
		this.#canaryAt = now();
		this.#driver = driverOf(config, log);
		this.#gate = new Gate({
			driver: this.#driver,
			alarms,
			now,
			random,
			onApplied: (applied) => this.#onApplied(applied),
			onDrift: (drift) => this.#onDrift(drift),
		});
		this.#inspector = new Inspector({
			driver: this.#driver,
			gate: this.#gate,
			now,
			onRight: () => this.#reporter.poke(),
			onFailure: (error) => log(`a check failed: ${messageOf(error)}`),
		});
		this.#keeper = new Keeper({
			path: lastKnownGoodPath(config),
			alarms,
			onKept: (kept) => this.#onKept(kept),
		});
		this.#holdFile = new HoldFile(join(config.stateFolder, "held-since"));
		this.#follower = new Follower({
			onWant: (want, { site, prefixes }) => {
				this.#owner = { site, prefixes };
				this.#gate.want(want);
			},
			onHold: (since) => void this.#holdFile.remember(since),
			alarms,
			now,
			site: config.site,
			prefixes: config.prefixes,
		});
		this.#reporter = new Reporter({
			server,
			alarms,
			log,
			random,
			state: () => this.#state(),
			onAnswer: (answer) => this.#onAnswer(answer),
			...(times?.reportEveryMs === undefined
				? {}
				: { everyMs: times.reportEveryMs }),
		});
		this.#feed = new Feed({
			server,
			follower: this.#follower,
			alarms,
			random,
			log,
			...(times === undefined ? {} : { times }),
		});
		this.#arming = new Arming({
			look: () => preflight(config, this.#seen),
			watch: config.driver === "nftables" ? watchLinks : () => () => {},
			alarms,
			log,
			onChange: () => this.#reporter.poke(),
		});
	}

	/**
	 * Takes the lock, makes true what this machine knows itself, and then follows the feed until `stop`.
	 *
	 * @throws Locked when another agent is at work here
	 */
	async start(): Promise<void> {
		const { config, log } = this.#options;
		for (const folder of [config.runtimeFolder, config.stateFolder])
			await mkdir(folder, { recursive: true, mode: 0o700 }).catch(
				(error: unknown) => log(`${folder}: ${messageOf(error)}`),
			);
		this.#release = takeLock(join(config.runtimeFolder, "agent.lock"));
		this.#control = await listenForControl(
			controlSocket(config.runtimeFolder),
			{
				status: () => this.status(),
				accept: () => this.accept(),
				canary: (sighting) => this.#onCanary(sighting),
				seen: () => [...this.#seen],
			},
		);
		void this.#reporter.run();
		void this.#begin().then(() => {
			if (!this.#ending.signal.aborted) void this.#feed.run();
		});
		void this.#every(tickMs, () => this.#tick());
		void this.#every(checkEveryMs, () => this.#check());
		void this.#arming.run();
	}

	/** Ends everything but what stands in the kernel, which stays. */
	async stop(): Promise<void> {
		this.#ending.abort();
		this.#arming.end();
		this.#feed.end();
		await this.#gate.end();
		await this.#keeper.end();
		this.#reporter.end();
		this.#driver.close();
		await new Promise((resolve) => {
			if (this.#control === null) return resolve(null);
			this.#control.close(resolve);
			this.#control.closeAllConnections();
		});
		this.#release();
	}

	/** Applies what is held back; false when nothing is. */
	accept(): boolean {
		return this.#follower.accept();
	}

	status(): AgentStatus {
		const have = this.#gate.have;
		const { alarm: cutOff } = this.#silence;
		return {
			agent: this.#options.config.agent,
			version,
			driver: this.#driver.name,
			site: this.#follower.site,
			isConnected: this.#feed.isConnected,
			isArmed: this.#isArmed,
			applied: have?.position ?? null,
			followed: this.#follower.cursor,
			listedSum: this.#inspector.listedSum,
			heldSince: this.#follower.heldSince?.toISOString() ?? null,
			alarms: [...this.#alarms.standing, ...(cutOff === null ? [] : [cutOff])],
		};
	}

	async #begin(): Promise<void> {
		const { config } = this.#options;
		const path = lastKnownGoodPath(config);
		const kept = await readKept(path, config.site, this.#alarms);
		const start = await this.#persist(() =>
			takeUp(this.#driver, kept, (suspicion) => void this.#check(suspicion)),
		);
		if (this.#ending.signal.aborted) return;
		this.#isReady = true;
		// Whoever was at it before may have been missed.
		if (start === null) return void this.#check();
		const { lastKnownGood } = kept;
		if (lastKnownGood !== null) {
			const { site, prefixes } = lastKnownGood;
			this.#owner = { site, prefixes };
			const replica = replicaOf({ site, prefixes, ...start }, config.prefixes);
			this.#follower.start(replica, await this.#holdFile.recall());
			this.#gate.want(targetOf(replica));
		} else this.#gate.want(withinOwn(start, config.prefixes));
	}

	/** Tries until it is done; null when the agent was stopped meanwhile. */
	async #persist<T>(work: () => Promise<T>): Promise<T | null> {
		const backOff = new BackOff({
			firstMs: 500,
			maxMs: 5_000,
			random: this.#options.random,
		});
		while (!this.#ending.signal.aborted) {
			try {
				const done = await work();
				this.#alarms.clear("driver_failed");
				return done;
			} catch (error) {
				if (this.#ending.signal.aborted) return null;
				this.#alarms.raise("driver_failed", messageOf(error));
				await this.#pause(backOff.next());
			}
		}
		return null;
	}

	/** The table sees what it has to see, and stands. */
	get #isArmed(): boolean {
		return this.#arming.isClear && this.#isReady && !this.#gate.isOpen;
	}

	#onApplied(applied: Target): void {
		if (this.#owner !== null) this.#keeper.keep({ ...this.#owner, ...applied });
		// Looked at once after the first load, so that there is something to compare with later.
		if (this.#kept === null) void this.#check();
	}

	#onDrift(drift: Drift): void {
		if (drift.repairedAt !== null)
			this.#options.log(
				`repaired: ${wordsFor(drift)}, by ${drift.by ?? "somebody"}`,
			);
		this.#reporter.drifted(drift);
	}

	#onAnswer({ acceptHeld, epoch }: AckAnswer): void {
		if (acceptHeld) this.accept();
		const { cursor } = this.#follower;
		if (cursor !== null && cursor.epoch !== epoch) this.#feed.askSoon();
	}

	#onKept(kept: Target): void {
		this.#alarms.clear("lkg_bad");
		// Reported are whole revisions only: until the next one this machine has closed more than it says.
		if (kept.isAhead === true || this.#kept?.position === kept.position) return;
		this.#kept = kept;
		this.#reporter.poke();
	}

	async #check(suspicion?: Suspicion): Promise<void> {
		// What is found before that is not what anybody wanted; everything is written then.
		if (!this.#isReady) return;
		await this.#inspector.check(suspicion ?? { by: null, isGone: false });
	}

	async #state(): Promise<Omit<Ack, "drift" | "alarms">> {
		const position = this.#kept?.position ?? nowhere;
		return {
			agent: this.#options.config.agent,
			instance: this.#instance,
			version,
			driver: this.#driver.name,
			...position,
			kernelSum:
				this.#gate.have?.position === position
					? this.#inspector.listedSum
					: null,
			armed: this.#isArmed,
			counters: await this.#driver.counters().catch(() => null),
		};
	}

	#tick(): void {
		const { config, now } = this.#options;
		this.#follower.tick();
		this.#silence.look(this.#feed.isConnected);
		const silence = now().getTime() - this.#canaryAt.getTime();
		if (config.hasCanary && silence > canarySilenceMs)
			this.#alarms.raise("canary_failed", "the canary is not heard");
	}

	#onCanary(said: unknown): boolean {
		const sighting = readSighting(said);
		if (sighting === null) return false;
		this.#canaryAt = this.#options.now();
		const complaint = complaintAbout(sighting);
		if (complaint === null) this.#alarms.clear("canary_failed");
		else this.#alarms.raise("canary_failed", complaint);
		return true;
	}

	async #every(ms: number, work: () => unknown): Promise<void> {
		while (!this.#ending.signal.aborted) {
			await this.#pause(ms * (1 + this.#options.random() / 4));
			if (!this.#ending.signal.aborted) await work();
		}
	}

	async #pause(ms: number): Promise<void> {
		await pause(ms, undefined, { signal: this.#ending.signal }).catch(() => {});
	}
}

function wordsFor({ tableGone, extraCount, missingCount }: Drift): string {
	if (tableGone) return "the table was gone";
	return extraCount + missingCount === 0
		? "the rules were others"
		: `${extraCount} too many, ${missingCount} missing`;
}
