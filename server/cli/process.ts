/** One running process of Postern: the engine with worker, waking and chores, and what stops them again. */
import { randomInt } from "node:crypto";
import type pg from "pg";
import type { Config } from "../config.ts";
import type { MailPorts } from "../domain/accounts/sign-in-jobs.ts";
import { sweepSessions } from "../domain/accounts/sweep-sessions.ts";
import { sweepSignIns } from "../domain/accounts/sweep-sign-ins.ts";
import { sweepUploads } from "../domain/attachments/sweep-uploads.ts";
import { abandonedAfterMs } from "../domain/attachments/upload.ts";
import { sweepFlows } from "../domain/credentials/begin-flow.ts";
import { countEdge } from "../domain/edge/count-edge.ts";
import {
	concernsEdge,
	createEdgeFeed,
	type EdgeFeed,
} from "../http/edge/edge-feed.ts";
import { concernsKeys, createKeyRing, type KeyRing } from "../http/key-ring.ts";
import { createEventFeed, type EventFeed } from "../http/live/event-feed.ts";
import {
	createOpenStreams,
	type OpenStreams,
} from "../http/live/open-streams.ts";
import { createSessionRing, type SessionRing } from "../http/session-ring.ts";
import { jobHandlersWith } from "../jobs.ts";
import { system } from "../kernel/actor.ts";
import type { FilePorts } from "../outside/outside.ts";
import { addEdgeGauges } from "../platform/edge-gauges.ts";
import { settlesWithin } from "../platform/embedded/settles-within.ts";
import { forgetOldKeys } from "../platform/idempotency.ts";
import { createLog, type Log } from "../platform/log.ts";
import { createMetrics, type Metrics } from "../platform/metrics.ts";
import { createPlaces } from "../platform/places.ts";
import { readQueueState } from "../platform/queue-state.ts";
import { sweepRateWindows } from "../platform/rate-limit.ts";
import { type Chore, startSchedule } from "../platform/schedule.ts";
import type { SealRing } from "../platform/seal/seal-ring.ts";
import { startWaking, type Topic } from "../platform/waking.ts";
import { startWorker } from "../platform/worker.ts";
import { edgeChores } from "./edge-chores.ts";
import { createEngine, type Engine } from "./engine.ts";
import { noticeSystem } from "./notice-system.ts";
import type { OpenDatabase } from "./open-database.ts";
import { sealRingFor } from "./seal-keys-at.ts";

export interface PosternProcess extends Engine {
	readonly log: Log;
	readonly metrics: Metrics;
	readonly keys: KeyRing;
	readonly sessions: SessionRing;
	readonly seals: SealRing;
	readonly streams: OpenStreams;
	readonly edge: EdgeFeed;
	readonly events: EventFeed;
	/**
	 * Takes no more jobs, waits for the running ones, and closes the database connections. What does not end within
	 * `withinMs` is left to itself: call `endSoon` when the database is closed. A job that was cut off is done by the next
	 * worker.
	 */
	stop(withinMs: number): Promise<void>;
}

/**
 * A database that is there and does not answer (stopped, or cut off without a word) is given up after this long: requests
 * are then refused as unavailable instead of hanging.
 */
const queryTimeoutMs = 15_000;

/** Starts everything but the HTTP server. */
export function startProcess(
	config: Config,
	database: OpenDatabase,
	options: {
		readonly acceptsTestKeys: boolean;
		readonly files: FilePorts;
		readonly mail: MailPorts;
	},
): PosternProcess {
	const { acceptsTestKeys, files, mail } = options;
	const log = createLog({
		...config.log,
		isTerminal: process.stdout.isTTY === true,
	});
	let isStopping = false;
	const seals = sealRingFor(config, log);
	const engine = createEngine({
		database,
		config,
		queryTimeoutMs,
		seals,
		onJobs: () => waking.tell("jobs"),
		onEvents(events) {
			if (events.some(concernsKeys)) waking.tell("keys");
			if (events.some(concernsEdge)) waking.tell("edge");
			waking.tell("events");
		},
		onPoolError(err) {
			// At the end the database may close a connection a moment before we do.
			if (!isStopping) log.warn({ err }, "an idle connection broke");
		},
	});
	const metrics = createMetrics({
		readQueue: () => readQueueState(engine.sql),
		readPool: () => poolState(engine.pool),
	});
	addEdgeGauges(metrics.registry, () =>
		engine.performer.ask(system("metrics"), countEdge, {}),
	);
	const keys = createKeyRing({
		performer: engine.performer,
		acceptsTestKeys,
	});
	const sessions = createSessionRing({
		performer: engine.performer,
		onError: (err) => log.warn({ err }, "the use of a session was not noted"),
	});
	const number = randomInt(2 ** 31);
	const streams = createOpenStreams({
		places: createPlaces({ db: engine.sql, number }),
		performer: engine.performer,
		clock: engine.clock,
		onError: (err) =>
			log.warn({ err }, "the keys of open streams were not read"),
	});
	const edge = createEdgeFeed({
		performer: engine.performer,
		clock: engine.clock,
		onError: (err) => log.warn({ err }, "what the edge needs was not done"),
	});
	const events = createEventFeed({
		performer: engine.performer,
		onError: (err) => log.warn({ err }, "streams cannot read what happens"),
	});
	const worker = startWorker({
		db: engine.sql,
		performer: engine.performer,
		handlers: jobHandlersWith({ files, mail }),
		concurrency: config.worker.concurrency,
		onFailure: ({ kind, id, dead }, err) =>
			log.error({ err, job: kind, jobId: id, dead }, "a job failed"),
		onDone: (kind, outcome) => metrics.jobs.inc({ kind, outcome }),
	});
	const waking = startWaking({
		target: database.app,
		number,
		onTopic: (topic) => react[topic](),
		onError: (err) => log.warn({ err }, "waking has no connection"),
	});
	const react: Record<Topic, () => void> = {
		jobs: () => worker.wake(),
		keys() {
			keys.forgetAll();
			sessions.forgetAll();
			streams.recheckKeys();
		},
		edge: () => edge.wake(),
		events: () => events.wake(),
	};
	const schedule = startSchedule(
		[
			...choresOf({ engine, keys, seals, files, log }),
			...edgeChores(engine, edge),
		],
		(chore, err) => log.error({ err, chore }, "a chore failed"),
	);
	async function stopAll(): Promise<void> {
		await Promise.all([worker.stop(), schedule.stop()]);
		await keys
			.flush()
			.catch((err: unknown) => log.warn({ err }, "key uses were not noted"));
		await sessions.settle();
		await edge.stop();
		await streams.settle();
		await waking.stop();
		await engine.pool.end();
	}
	return {
		...engine,
		log,
		metrics,
		keys,
		sessions,
		seals,
		streams,
		edge,
		events,
		async stop(withinMs) {
			isStopping = true;
			const stopped = stopAll().catch((err: unknown) =>
				log.warn({ err }, "the process did not end in order"),
			);
			if (!(await settlesWithin(stopped, withinMs)))
				log.warn("some work did not end in time and is cut off");
		},
	};
}

function choresOf({
	engine,
	keys,
	seals,
	files,
	log,
}: {
	readonly engine: Engine;
	readonly keys: KeyRing;
	readonly seals: SealRing;
	readonly files: FilePorts;
	readonly log: Log;
}): Chore[] {
	const { sql, clock } = engine;
	const minuteMs = 60_000;
	return [
		{
			name: "notice-system",
			everyMs: minuteMs,
			run: () => noticeSystem(engine, log),
		},
		{ name: "note-key-uses", everyMs: minuteMs, run: () => keys.flush() },
		// A key that was destroyed or replaced is out of use everywhere after this long.
		{ name: "watch-seal-keys", everyMs: 10_000, run: () => seals.watch() },
		{
			name: "forget-idempotency-keys",
			everyMs: 10 * minuteMs,
			run: () => forgetOldKeys(sql, clock()),
		},
		{
			name: "sweep-rate-windows",
			everyMs: 5 * minuteMs,
			run: () => sweepRateWindows(sql, clock()),
		},
		{
			name: "sweep-sessions",
			everyMs: 60 * minuteMs,
			run: () => engine.performer.perform(system("sweep"), sweepSessions, {}),
		},
		{
			name: "sweep-sign-ins",
			everyMs: 5 * minuteMs,
			run: () => engine.performer.perform(system("sweep"), sweepSignIns, {}),
		},
		{
			name: "sweep-flows",
			everyMs: 5 * minuteMs,
			run: () => engine.performer.perform(system("sweep"), sweepFlows, {}),
		},
		{
			name: "sweep-uploads",
			everyMs: minuteMs,
			run: () => engine.performer.perform(system("sweep"), sweepUploads, {}),
		},
		{
			name: "sweep-spool",
			everyMs: 10 * minuteMs,
			run: () =>
				files.spool.sweep(new Date(clock().getTime() - abandonedAfterMs)),
		},
	];
}

function poolState(pool: pg.Pool) {
	return {
		total: pool.totalCount,
		idle: pool.idleCount,
		waiting: pool.waitingCount,
	};
}
