import { register } from "prom-client";
import { expect, test } from "vitest";
import { createMetrics, type MetricsSources } from "./metrics.ts";

const pool = { total: 3, idle: 1, waiting: 2 };

function metricsOf(sources: Partial<MetricsSources> = {}) {
	return createMetrics({
		readQueue: () => Promise.resolve({ ready: 4, oldestSeconds: 1.5, dead: 2 }),
		readPool: () => pool,
		...sources,
	});
}

/** The samples of our own metrics. */
async function samples(
	metrics: ReturnType<typeof createMetrics>,
): Promise<string[]> {
	const text = await metrics.text();
	return text.split("\n").filter((line) => line.startsWith("postern_"));
}

test("requests, durations and jobs are counted by their labels", async () => {
	const metrics = metricsOf();
	metrics.requests.inc({
		face: "v2",
		method: "GET",
		route: "/api/v2/me",
		status: 200,
	});
	metrics.requests.inc({
		face: "v2",
		method: "GET",
		route: "/api/v2/me",
		status: 200,
	});
	metrics.requestDuration.observe({ face: "v2", route: "/api/v2/me" }, 0.004);
	metrics.jobs.inc({ kind: "mail-customer", outcome: "retried" });
	const lines = await samples(metrics);
	expect(lines).toContain(
		'postern_http_requests_total{face="v2",method="GET",route="/api/v2/me",status="200"} 2',
	);
	expect(lines).toContain(
		'postern_http_request_duration_seconds_bucket{le="0.005",face="v2",route="/api/v2/me"} 1',
	);
	expect(lines).toContain(
		'postern_http_request_duration_seconds_bucket{le="0.0025",face="v2",route="/api/v2/me"} 0',
	);
	expect(lines).toContain(
		'postern_jobs_total{kind="mail-customer",outcome="retried"} 1',
	);
});

test("queue and pool are read when they are asked for, the queue once a scrape", async () => {
	let asked = 0;
	const metrics = metricsOf({
		readQueue: () => {
			asked += 1;
			return Promise.resolve({
				ready: asked,
				oldestSeconds: asked / 2,
				dead: 0,
			});
		},
	});
	expect(asked).toBe(0);
	await metrics.text();
	const lines = await samples(metrics);
	expect(asked).toBe(2);
	expect(lines).toEqual(
		expect.arrayContaining([
			"postern_queue_ready_jobs 2",
			"postern_queue_oldest_job_age_seconds 1",
			"postern_queue_readable 1",
			"postern_db_pool_connections 3",
			"postern_db_pool_idle_connections 1",
			"postern_db_pool_waiting_callers 2",
		]),
	);
});

test.each([
	["fails", () => Promise.reject(new Error("no database"))],
	["hangs", () => new Promise<never>(() => {})],
])(
	"a queue whose reading %s is absent, and the rest is still there",
	async (_, broken) => {
		const good: MetricsSources["readQueue"] = () =>
			Promise.resolve({ ready: 1, oldestSeconds: 1, dead: 0 });
		let readQueue = good;
		const metrics = metricsOf({
			readQueue: () => readQueue(),
			queueTimeoutMs: 5,
		});
		expect(await samples(metrics)).toContain("postern_queue_ready_jobs 1");
		readQueue = broken;
		const lines = await samples(metrics);
		expect(lines.filter((line) => line.startsWith("postern_queue"))).toEqual([
			"postern_queue_readable 0",
		]);
		expect(lines).toContain("postern_db_pool_connections 3");
		readQueue = good;
		expect(await samples(metrics)).toContain("postern_queue_ready_jobs 1");
	},
);

test("the numbers of the process and of Node are included", async () => {
	const text = await metricsOf().text();
	expect(text).toMatch(/^process_cpu_seconds_total /m);
	expect(text).toMatch(/^nodejs_eventloop_lag_seconds /m);
});

test("two sets of metrics share nothing, and nothing is in the global registry", async () => {
	const one = metricsOf();
	const other = metricsOf();
	one.jobs.inc({ kind: "mail-customer", outcome: "done" });
	expect(await other.text()).not.toContain("mail-customer");
	expect(register.getMetricsAsArray()).toEqual([]);
	expect(one.contentType).toMatch(/^text\/plain; version=0\.0\.4/);
});
