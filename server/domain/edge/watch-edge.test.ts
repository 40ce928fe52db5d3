import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { testNow, useDatabase } from "../../../test/db.ts";
import {
	createAgents,
	positionOf,
	type TestAgent,
} from "../../../test/edge.ts";
import { createWorld, type TestVps } from "../../../test/world.ts";
import { system } from "../../kernel/actor.ts";
import { sql } from "../../platform/sql.ts";
import { beginEpoch } from "../allowlist/begin-epoch.ts";
import { saveSite } from "../allowlist/save-site.ts";
import { requestPort25 } from "../port25/request-port25.ts";
import { listAlarmsSince, listLiveAlarms } from "./alarm-store.ts";
import { changeAgent } from "./change-agent.ts";
import { readEdge } from "./read-edge.ts";
import { watchEdge } from "./watch-edge.ts";

const db = useDatabase();
const world = createWorld(() => db.performer);
const agents = createAgents(db);
const operator = system("test");
let agent: TestAgent;
let servers: TestVps[] = [];

beforeAll(() => world.begin());

beforeEach(async () => {
	db.now = testNow;
	for (const { id } of (await db.performer.ask(operator, readEdge, {})).agents)
		await db.performer.perform(operator, changeAgent, { id, action: "remove" });
	await watch(0);
	agent = await agents.add();
	await agents.feed.snapshot(agent.actor, []);
	await agent.report();
});

/** Looks so many seconds after the test began, in two processes at once. */
async function watch(seconds: number): Promise<string[]> {
	db.now = new Date(testNow.getTime() + seconds * 1_000);
	const other = db.performerWith({});
	await Promise.all([
		db.performer.perform(operator, watchEdge, {}),
		other.perform(operator, watchEdge, {}),
	]);
	const live = await listLiveAlarms(db.sql);
	return live.map(({ kind }) => kind);
}

async function approve(): Promise<void> {
	const client = await world.addClient("trusted");
	const vps = await client.addVps();
	servers.push(vps);
	await db.performer.perform(client.actor, requestPort25, {
		vps: { id: vps.id },
		reason: "Mail.",
		requirement: "enforced",
	});
}

async function told(kind: string): Promise<string[]> {
	const rows = await db.sql.rows(sql<{ kind: string }>`
		select kind from events
		where kind like 'edge.alarm_%' and data->>'alarm' = ${kind} and subject in (${agent.id}, 'default') order by id`);
	return rows.map((row) => row.kind);
}

const raisedAndCleared = ["edge.alarm_raised", "edge.alarm_cleared"];

describe("an agent", () => {
	test("that has not reported for two minutes is silent, until it reports", async () => {
		expect(await watch(120)).toEqual([]);
		expect(await watch(121)).toEqual(["agent_silent"]);
		expect(await watch(300)).toEqual(["agent_silent"]);
		await agent.report();
		expect(await watch(301)).toEqual([]);
		expect(await told("agent_silent")).toEqual(raisedAndCleared);
	});

	test("that was given the set and never reported is silent too; one that was not is none", async () => {
		await agents.add();
		const met = await agents.add();
		await agents.feed.snapshot(met.actor, []);
		db.now = new Date(testNow.getTime() + 115_000);
		await agent.report();
		expect(await watch(121)).toEqual(["agent_silent"]);
		const [alarm] = await listLiveAlarms(db.sql);
		expect(alarm?.agentId).toBe(met.id);
	});

	test("that has not followed for half a minute is behind, counted from the first change it lacks", async () => {
		await approve();
		const first = await positionOf(db, "default");
		db.now = new Date(testNow.getTime() + 20_000);
		await approve();
		expect(await watch(30)).toEqual([]);
		expect(await watch(31)).toEqual(["agent_behind"]);
		await agent.report({ position: first });
		expect(await watch(50), "the second is not half a minute old").toEqual([]);
		expect(await watch(51)).toEqual(["agent_behind"]);
		await agent.report();
		expect(await watch(52)).toEqual([]);
		expect(await told("agent_behind")).toEqual([
			...raisedAndCleared,
			...raisedAndCleared,
		]);
	});

	test("that stays in an epoch that is over is behind, also where nothing is open any more", async () => {
		await db.ownerSql.run(sql`
			update allowlist_entries set state = 'suspended', end_reason = 'x' where state = 'active'`);
		await db.performer.perform(operator, beginEpoch, { reason: "asked" });
		expect((await positionOf(db, "default")).revision).toBe(0);
		expect(await watch(30)).toEqual([]);
		expect(await watch(31)).toEqual(["agent_behind"]);
		await agent.report();
		expect(await watch(32)).toEqual([]);
	});

	test("that found drift is known for it, until a quarter of an hour after it was repaired", async () => {
		const drift = {
			foundAt: testNow,
			repairedAt: null,
			tableGone: true,
			extraCount: 0,
			missingCount: 3,
			extra: [],
			missing: [],
			by: null,
		};
		await agent.report({ drift });
		expect(await watch(1)).toEqual(["drift_found"]);
		await agent.report({ drift: { ...drift, repairedAt: db.now } });
		expect(await watch(60)).toEqual(["drift_found"]);
		db.now = new Date(testNow.getTime() + 15 * 60_000);
		await agent.report();
		expect(await watch(15 * 60 + 1)).toEqual([]);
		expect(await told("drift_found")).toEqual(raisedAndCleared);
	});

	test("that is disabled raises nothing", async () => {
		await db.performer.perform(operator, changeAgent, {
			id: agent.id,
			action: "disable",
		});
		await approve();
		expect(await watch(1_000)).toEqual([]);
	});
});

describe("a site", () => {
	test("whose agents are all not armed is unarmed; one without agents is not", async () => {
		expect(await watch(1)).toEqual([]);
		await agent.report({ armed: false });
		expect(await watch(2)).toEqual(["site_unarmed"]);
		await agent.report();
		expect(await watch(3)).toEqual([]);
		expect(await told("site_unarmed")).toEqual(raisedAndCleared);
	});

	test("that loses more than a fifth of its set within an hour has shrunk", async () => {
		servers = [];
		for (let i = 0; i < 50; i += 1) await approve();
		const { size } = await positionOf(db, "default");
		const lost = Math.floor(size * 0.2) + 1;
		expect(lost).toBeGreaterThanOrEqual(10);
		for (const [i, vps] of servers.slice(0, lost).entries()) {
			await agent.report();
			expect(await watch(1), `${i} of ${size} are gone`).toEqual([]);
			await world.takeAddresses(vps);
		}
		await agent.report();
		expect(await watch(1)).toEqual(["set_shrank"]);
		db.now = new Date(testNow.getTime() + 3_601_000);
		await agent.report();
		expect(await watch(3_602)).toEqual([]);
		expect(await told("set_shrank")).toEqual(raisedAndCleared);
	});

	test.each([1_900, 30_000])(
		"that loses it in %i steps has shrunk as well, and one that lost it before the hour has not",
		async (steps) => {
			const siteId = `large-${steps}`;
			await db.performer.perform(operator, saveSite, {
				id: siteId,
				prefixes: [],
			});
			const each = Math.round(30_000 / steps);
			const left = 100_000 - steps * each;
			await db.sql.run(sql`
				insert into allowlist_deltas (site_id, revision, added, removed, size, sum, at)
				select ${siteId}, i, '{}', array_fill('5.9.0.1'::inet, array[${each}::int]), 100000 - i * ${each}::int, 0,
					${testNow}::timestamptz - interval '30 minutes'
				from generate_series(1, ${steps}::int) i`);
			await db.ownerSql.run(sql`
				update sites set revision = ${steps}, size = ${left} where id = ${siteId}`);
			const shrunk = async () =>
				(await listLiveAlarms(db.sql, { kinds: ["set_shrank"] })).filter(
					(alarm) => alarm.siteId === siteId,
				);
			await watch(0);
			expect(await shrunk()).toMatchObject([
				{ detail: `From 100000 to ${left} within an hour.` },
			]);
			await watch(1_801);
			expect(await shrunk()).toEqual([]);
		},
	);
});

test("alarms that were over three months ago are forgotten", async () => {
	await watch(121);
	await agent.report();
	await watch(122);
	const all = async () =>
		(await listAlarmsSince(db.sql, new Date(0), 100)).filter(
			({ agentId }) => agentId === agent.id,
		);
	expect((await all()).length).toBeGreaterThan(0);
	await db.performer.perform(operator, changeAgent, {
		id: agent.id,
		action: "remove",
	});
	await watch(91 * 86_400);
	expect(await all()).toEqual([]);
});
