/** How reports are written together; what they say is looked at in `record-report.test.ts`. */
import { beforeAll, beforeEach, expect, test } from "vitest";
import { testNow, useDatabase } from "../../../test/db.ts";
import {
	createAgents,
	honestReport,
	type TestAgent,
} from "../../../test/edge.ts";
import { createWorld } from "../../../test/world.ts";
import { findAgent } from "../../domain/edge/agent-store.ts";
import { changeAgent } from "../../domain/edge/change-agent.ts";
import type { Report } from "../../domain/edge/report.ts";
import { system } from "../../kernel/actor.ts";
import type { Performer } from "../../platform/perform.ts";
import { createAckCollector } from "./ack-collector.ts";

const db = useDatabase();
const world = createWorld(() => db.performer);
const agents = createAgents(db);
/** Names of the verbs that were performed. */
let performed: string[] = [];
let own: TestAgent[] = [];

beforeAll(async () => {
	await world.begin();
	for (let i = 0; i < 20; i += 1) own.push(await agents.add());
});

beforeEach(() => {
	performed = [];
});

function collector(change: Partial<Pick<Performer, "perform">> = {}) {
	const errors: unknown[] = [];
	const acks = createAckCollector({
		performer: {
			perform(actor, verb, input) {
				performed.push(verb.name);
				return (change.perform ?? db.performer.perform)(actor, verb, input);
			},
		},
		onError: (error) => errors.push(error),
	});
	return { acks, errors };
}

async function report(
	{ id }: TestAgent,
	change: Partial<Report> = {},
): Promise<Report> {
	const honest = await honestReport(db, "default", `host-of-${id}`);
	return { ...honest, instance: "instance-1", ...change };
}

test("reports that come together are one statement; the first of an agent is looked at by itself", async () => {
	const { acks } = collector();
	const say = async () => {
		const reports = await Promise.all(own.map((agent) => report(agent)));
		performed = [];
		await Promise.all(
			own.map((agent, i) => acks.take(agent.actor, reports[i] as Report)),
		);
		await acks.idle();
	};
	await say();
	expect(performed.filter((name) => name === "record-report")).toHaveLength(
		own.length,
	);
	await say();
	expect(performed).toEqual(["record-acks"]);
});

test("reports of one agent are written one after another, in their order", async () => {
	const { acks } = collector();
	const [agent] = own;
	const reports: Report[] = [];
	for (const version of ["1", "2", "3"])
		reports.push(await report(agent!, { version }));
	const answers = await Promise.all(
		reports.map((said) => acks.take(agent!.actor, said)),
	);
	expect(answers).toHaveLength(3);
	expect(await findAgent(db.sql, agent!.id)).toMatchObject({ version: "3" });
});

test("a report that takes its time holds up only its own agent", async () => {
	const go = Promise.withResolvers<void>();
	const { acks } = collector({
		async perform(actor, verb, input) {
			if (verb.name === "record-report") await go.promise;
			return db.performer.perform(actor, verb, input);
		},
	});
	const [slow, other] = [own[1]!, own[2]!];
	const alarms = [{ kind: "lkg_bad" as const, detail: "x", since: testNow }];
	const slowly = acks.take(slow.actor, await report(slow, { alarms }));
	const behindIt = acks.take(slow.actor, await report(slow));
	const answer = await acks.take(other.actor, await report(other));
	expect(answer).toMatchObject({ acceptHeld: false });
	go.resolve();
	await Promise.all([slowly, behindIt]);
});

test("a database that is away is told to everybody who waits, and to nobody after it is back", async () => {
	const database = { perform: db.performer.perform };
	const { acks, errors } = collector({
		perform: (actor, verb, input) => database.perform(actor, verb, input),
	});
	database.perform = () => Promise.reject(new Error("connect ECONNREFUSED"));
	const reports = await Promise.all(own.slice(3, 8).map((one) => report(one)));
	const told = await Promise.allSettled(
		reports.map((said, i) => acks.take(own[3 + i]!.actor, said)),
	);
	expect(told.every(({ status }) => status === "rejected")).toBe(true);
	acks.settle("default");
	await acks.idle();
	expect(errors).toHaveLength(1);
	database.perform = db.performer.perform;
	const [agent] = own.slice(3);
	await acks.take(agent!.actor, await report(agent!));
	acks.settle("default");
	await acks.idle();
	expect(errors).toHaveLength(1);
});

test("one report that is refused takes no other with it", async () => {
	const { acks } = collector();
	const [gone, ...others] = own.slice(10, 15);
	await db.performer.perform(system("test"), changeAgent, {
		id: gone!.id,
		action: "remove",
	});
	const results = await Promise.allSettled(
		[gone!, ...others].map(async (agent) =>
			acks.take(agent.actor, await report(agent)),
		),
	);
	expect(results.map(({ status }) => status)).toEqual([
		"rejected",
		...others.map(() => "fulfilled"),
	]);
	own = own.filter((agent) => agent !== gone);
});
