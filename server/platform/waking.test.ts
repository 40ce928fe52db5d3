import { setTimeout as pause } from "node:timers/promises";
import { afterEach, assert, expect, onTestFinished, test } from "vitest";
import { useDatabase } from "../../test/db.ts";
import { sql } from "./sql.ts";
import { startWaking, type Topic, type Waking } from "./waking.ts";

const db = useDatabase();
const wakings: Waking[] = [];

afterEach(async () => {
	await Promise.all(wakings.map((waking) => waking.stop()));
	wakings.length = 0;
});

/** A listening process; `heard` resolves at the first topic after it has begun to listen. */
async function listener() {
	const topics: Topic[] = [];
	const errors: unknown[] = [];
	let next = Promise.withResolvers<void>();
	const waking = startWaking({
		number: wakings.length + 1,
		target: db.target,
		onTopic(topic) {
			topics.push(topic);
			next.resolve();
		},
		onError: (error) => errors.push(error),
	});
	wakings.push(waking);
	await next.promise;
	return {
		waking,
		topics,
		errors,
		async heard(topic: Topic) {
			while (!topics.includes(topic)) {
				next = Promise.withResolvers<void>();
				await next.promise;
			}
		},
		clear() {
			topics.length = 0;
			next = Promise.withResolvers<void>();
		},
	};
}

test("what one process tells, another hears", async () => {
	const [one, two] = await Promise.all([listener(), listener()]);
	one.clear();
	two.clear();
	one.waking.tell("keys");
	await two.heard("keys");
	expect(two.topics).toEqual(["keys"]);
});

test("the process that tells hears it at once, without the database", async () => {
	const one = await listener();
	one.clear();
	one.waking.tell("jobs");
	expect(one.topics).toEqual(["jobs"]);
});

test("many tellings arrive as one", async () => {
	const [one, two] = await Promise.all([listener(), listener()]);
	two.clear();
	for (let i = 0; i < 500; i += 1) one.waking.tell("jobs");
	await two.heard("jobs");
	one.waking.tell("keys");
	await two.heard("keys");
	expect(two.topics.filter((topic) => topic === "jobs").length).toBeLessThan(5);
});

test("a lost connection is made again, and what was told meanwhile is looked for", async () => {
	const one = await listener();
	one.clear();
	await db.sql.run(sql`
		select pg_terminate_backend(pid) from pg_stat_activity
		where datname = current_database() and query = 'listen postern'`);
	await one.heard("jobs");
	await one.heard("keys");
});

test("the end cuts off what is being told, and that is no error", async () => {
	const one = await listener();
	const backend = await db.sql.first(sql<{ pid: number }>`
		select pid from pg_stat_activity
		where datname = current_database() and query = 'listen postern'`);
	assert(backend);
	process.kill(backend.pid, "SIGSTOP");
	onTestFinished(() => void process.kill(backend.pid, "SIGCONT"));
	one.waking.tell("jobs");
	// It is sent after some milliseconds, and not answered.
	await pause(50);
	await one.waking.stop();
	await pause(50);
	expect(one.errors).toEqual([]);
});

test("stopping twice is legal", async () => {
	const one = await listener();
	await one.waking.stop();
	await one.waking.stop();
});
