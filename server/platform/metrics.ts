/**
 * What Prometheus reads at `/metrics`: our own names begin with `postern_`; those of the process and of Node keep the
 * names that ready-made dashboards look for (`process_…`, `nodejs_…`).
 *
 * Labels take few values: a route is its pattern, never a path, and no label holds an id.
 */
import {
	Counter,
	collectDefaultMetrics,
	Gauge,
	Histogram,
	Registry,
} from "prom-client";

/** The state of the job queue at one moment. */
export interface QueueState {
	/** Jobs that are due and not taken. */
	readonly ready: number;
	/** How long the oldest of them has been due, in seconds; 0 when there is none. */
	readonly oldestSeconds: number;
	/** Jobs whose every attempt failed. */
	readonly dead: number;
}

/** The state of the connection pool at one moment, in connections and in callers that wait for one. */
export interface PoolState {
	readonly total: number;
	readonly idle: number;
	readonly waiting: number;
}

export interface MetricsSources {
	/** Asked once per scrape. */
	readonly readQueue: () => Promise<QueueState>;
	/** Asked at each scrape. A `pg.Pool` has these numbers as `totalCount`, `idleCount` and `waitingCount`. */
	readonly readPool: () => PoolState;
	/** How long a scrape waits for `readQueue`. */
	readonly queueTimeoutMs?: number;
}

export interface Metrics {
	readonly registry: Registry;
	/** The content type of `text()`. */
	readonly contentType: string;
	/** Answered requests. `route` is the pattern, or `unknown` when none matched. */
	readonly requests: Counter<"face" | "method" | "route" | "status">;
	/** Seconds from the head of a request to the end of its answer. */
	readonly requestDuration: Histogram<"face" | "route">;
	/** Streams that are open now. */
	readonly openStreams: Gauge<"route">;
	/** Streams that have ended, by who ended them. */
	readonly streamEnds: Counter<"route" | "by">;
	/** Attempts at jobs; `outcome` is `done`, `retried` or `dead`. */
	readonly jobs: Counter<"kind" | "outcome">;
	/** Everything in the text format of Prometheus. */
	text(): Promise<string>;
}

/** Less than a scraper's usual 10 seconds: when the database hangs, the other numbers are wanted most. */
const queueTimeoutMsDefault = 2_000;

/** From a cached refusal to a request that waits for the database. */
const durationBuckets = [
	0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
];

/** Makes the metrics of a process, in a registry of its own. */
export function createMetrics(sources: MetricsSources): Metrics {
	const registry = new Registry();
	const registers = [registry];
	collectDefaultMetrics({ register: registry });
	addQueue(registry, sources);
	addPool(registry, sources.readPool);
	return {
		registry,
		contentType: registry.contentType,
		requests: new Counter({
			name: "postern_http_requests_total",
			help: "Requests that were answered.",
			labelNames: ["face", "method", "route", "status"],
			registers,
		}),
		requestDuration: new Histogram({
			name: "postern_http_request_duration_seconds",
			help: "Time from the head of a request to the end of its answer.",
			labelNames: ["face", "route"],
			buckets: durationBuckets,
			registers,
		}),
		openStreams: new Gauge({
			name: "postern_streams_open",
			help: "Streams that are open now.",
			labelNames: ["route"],
			registers,
		}),
		streamEnds: new Counter({
			name: "postern_streams_ended_total",
			help: "Streams that have ended, by who ended them.",
			labelNames: ["route", "by"],
			registers,
		}),
		jobs: new Counter({
			name: "postern_jobs_total",
			help: "Attempts at jobs by how they ended.",
			labelNames: ["kind", "outcome"],
			registers,
		}),
		text: () => registry.metrics(),
	};
}

/**
 * All numbers come from one reading. When it fails or takes too long they are absent, because an old number would say
 * that all is well, and `postern_queue_readable` is 0.
 */
function addQueue(registry: Registry, sources: MetricsSources): void {
	const timeoutMs = sources.queueTimeoutMs ?? queueTimeoutMsDefault;
	let reading: Promise<void> | undefined;

	async function read(): Promise<void> {
		const state = await inTime(sources.readQueue(), timeoutMs);
		readable.set(state === undefined ? 0 : 1);
		show(ready, state?.ready);
		show(oldest, state?.oldestSeconds);
		show(dead, state?.dead);
	}

	/** The gauges are collected side by side; the first one starts the reading and the others wait for it. */
	function collect(): Promise<void> {
		reading ??= read().finally(() => {
			reading = undefined;
		});
		return reading;
	}

	function queueGauge(name: string, help: string): Gauge {
		return new Gauge({ name, help, collect, registers: [registry] });
	}
	const ready = queueGauge(
		"postern_queue_ready_jobs",
		"Jobs that are due and not taken.",
	);
	const oldest = queueGauge(
		"postern_queue_oldest_job_age_seconds",
		"How long the oldest job has been due.",
	);
	const dead = queueGauge(
		"postern_queue_dead_jobs",
		"Jobs whose every attempt failed, which wait for an operator.",
	);
	const readable = queueGauge(
		"postern_queue_readable",
		"1 when the queue could be read for this scrape, 0 otherwise.",
	);
}

function show(gauge: Gauge, value: number | undefined): void {
	if (value === undefined) gauge.remove();
	else gauge.set(value);
}

/** The value, or undefined when it fails or does not come in time. */
export async function inTime<Value>(
	promise: Promise<Value>,
	timeoutMs: number,
): Promise<Value | undefined> {
	const { promise: late, resolve } = Promise.withResolvers<undefined>();
	const timer = setTimeout(resolve, timeoutMs, undefined);
	try {
		return await Promise.race([promise, late]);
	} catch {
		return undefined;
	} finally {
		clearTimeout(timer);
	}
}

function addPool(registry: Registry, readPool: () => PoolState): void {
	function poolGauge(
		name: string,
		help: string,
		value: (state: PoolState) => number,
	): void {
		new Gauge({
			name,
			help,
			registers: [registry],
			collect() {
				this.set(value(readPool()));
			},
		});
	}
	poolGauge(
		"postern_db_pool_connections",
		"Open connections to the database.",
		(state) => state.total,
	);
	poolGauge(
		"postern_db_pool_idle_connections",
		"Open connections to the database that nobody uses.",
		(state) => state.idle,
	);
	poolGauge(
		"postern_db_pool_waiting_callers",
		"Callers that wait for a connection.",
		(state) => state.waiting,
	);
}
