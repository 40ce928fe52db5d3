import { beforeAll, beforeEach, describe, expect, test } from "vitest";
import { testNow, useDatabase } from "../../../test/db.ts";
import {
	createAgents,
	honestReport,
	positionOf,
	type TestAgent,
} from "../../../test/edge.ts";
import { createWorld } from "../../../test/world.ts";
import { system } from "../../kernel/actor.ts";
import { sql } from "../../platform/sql.ts";
import { requestPort25 } from "../port25/request-port25.ts";
import { acceptHold } from "./accept-hold.ts";
import { findAgent } from "./agent-store.ts";
import { listLiveAlarms } from "./alarm-store.ts";
import { changeAgent } from "./change-agent.ts";
import { listDrifts } from "./drift-store.ts";
import { recordAcks } from "./record-acks.ts";
import { recordReport } from "./record-report.ts";
import { type DriftReport, driftsKept, type Report } from "./report.ts";
import { toldMax } from "./restraint.ts";

const db = useDatabase();
const world = createWorld(() => db.performer);
const agents = createAgents(db);
const operator = system("test");
let agent: TestAgent;

beforeAll(async () => {
	await world.begin();
	await approve();
});

beforeEach(async () => {
	db.now = testNow;
	agent = await agents.add();
	await agent.report();
});

/** One more address is approved at the site. */
async function approve(): Promise<void> {
	const client = await world.addClient("trusted");
	const vps = await client.addVps();
	await db.performer.perform(client.actor, requestPort25, {
		vps: { id: vps.id },
		reason: "Mail.",
		requirement: "enforced",
	});
}

/** It is so many seconds after the test began. */
function atSecond(seconds: number): void {
	db.now = new Date(testNow.getTime() + seconds * 1_000);
}

async function pending(): Promise<number> {
	const found = await db.sql.first(sql<{ count: number }>`
		select count(*) as count from allowlist_entries where state = 'active' and opened_at is null`);
	return found?.count ?? 0;
}

async function alarms(): Promise<string[]> {
	const live = await listLiveAlarms(db.sql, { agentId: agent.id });
	return live.map(({ kind }) => kind);
}

async function eventsOf(kind: string): Promise<unknown[]> {
	const rows = await db.sql.rows(sql<{ data: unknown }>`
		select data from events where subject = ${agent.id} and kind like ${kind} order by id`);
	return rows.map(({ data }) => data);
}

describe("a position", () => {
	const otherEpoch = "0c5e9d1e-8f3b-4c0a-9a51-3f6d9c2b7a10";

	test.each<[string, Partial<Report["position"]>, string[]]>([
		["ahead of the site", { revision: 1_000_000 }, ["set_differs"]],
		["with another sum", { sum: "f".repeat(32) }, ["set_differs"]],
		["with another size", { size: 4_711 }, ["set_differs"]],
		["of another epoch", { epoch: otherEpoch }, []],
	])("%s opens nothing and is worth nothing", async (_, lie, raised) => {
		// All others are silent or gone: it depends on this one.
		await db.ownerSql.run(
			sql`update edge_agents set armed = false where id <> ${agent.id}`,
		);
		await approve();
		const before = await pending();
		const honest = await positionOf(db, "default");
		const answer = await agent.report({ position: { ...honest, ...lie } });
		expect(answer).toEqual({
			epoch: honest.epoch,
			revision: honest.revision,
			acceptHeld: false,
		});
		expect(await pending()).toBe(before);
		expect(await findAgent(db.sql, agent.id)).toMatchObject({
			epoch: null,
			revision: null,
		});
		expect(await alarms()).toEqual(raised);
		atSecond(60);
		await agent.report();
		expect(await pending()).toBe(0);
		expect(await alarms()).toEqual([]);
		expect(await eventsOf("edge.alarm_%")).toEqual(
			raised.length === 0
				? []
				: [0, 1].map(() => ({ alarm: raised[0], siteId: "default" })),
		);
	});

	test("whose set is not what the driver listed is worth nothing", async () => {
		await agent.report({ kernelSum: "f".repeat(32) });
		expect(await findAgent(db.sql, agent.id)).toMatchObject({ revision: null });
		const [alarm] = await listLiveAlarms(db.sql, { agentId: agent.id });
		expect(alarm).toMatchObject({
			kind: "set_differs",
			detail: expect.stringContaining("driver listed"),
		});
		const { sum } = await positionOf(db, "default");
		atSecond(60);
		await agent.report({ kernelSum: sum });
		expect(await alarms()).toEqual([]);
	});

	test("of a past revision is known by the sum that the set had then", async () => {
		const past = await positionOf(db, "default");
		await approve();
		await agent.report({ position: past });
		expect(await findAgent(db.sql, agent.id)).toMatchObject({
			revision: past.revision,
		});
		await agent.report({ position: { ...past, size: past.size + 1 } });
		expect(await findAgent(db.sql, agent.id)).toMatchObject({ revision: null });
		await agent.report();
	});

	test("of a site that the agent is not at cannot be named: there is no word for it", async () => {
		await expect(
			db.performer.perform(operator, recordReport, await report()),
		).rejects.toMatchObject({ code: "auth.forbidden" });
	});
});

async function report(change: Partial<Report> = {}): Promise<Report> {
	return { ...(await honestReport(db, "default", "hv-1")), ...change };
}

describe("reports without news", () => {
	test("of many agents are one statement, and each is told where the site stands", async () => {
		const many = [];
		for (let i = 0; i < 5; i += 1) {
			const one = await agents.add();
			await one.report();
			many.push(one);
		}
		await approve();
		db.now = new Date(testNow.getTime() + 5_000);
		const { revision, epoch } = await positionOf(db, "default");
		const acks = await Promise.all(
			many.map(async ({ id, siteId }) => ({
				agentId: id,
				siteId,
				report: await report({
					host: (await findAgent(db.sql, id))?.host ?? "",
					instance: `run-of-${(await findAgent(db.sql, id))?.host}`,
				}),
			})),
		);
		const recorded = await db.performer.perform(operator, recordAcks, acks);
		expect(recorded).toEqual(
			many.map(({ id }) => ({
				agentId: id,
				answer: { epoch, revision, acceptHeld: false },
				isMoved: true,
			})),
		);
		const again = await db.performer.perform(operator, recordAcks, acks);
		expect(again.map(({ isMoved }) => isMoved)).toEqual(many.map(() => false));
		expect(await findAgent(db.sql, many[0]?.id ?? "")).toMatchObject({
			seenAt: db.now,
			revision,
		});
	});

	test("are left to be looked at when anything but the position is new, or something was wrong", async () => {
		const known = await report({
			host: (await findAgent(db.sql, agent.id))?.host ?? "",
			instance: `run-of-${(await findAgent(db.sql, agent.id))?.host}`,
		});
		const plain = (change: Partial<Report>) =>
			db.performer.perform(operator, recordAcks, [
				{
					agentId: agent.id,
					siteId: "default",
					report: { ...known, ...change },
				},
			]);
		expect(await plain({})).toHaveLength(1);
		for (const change of [
			{ armed: false },
			{ host: "other" },
			{ instance: "another-run" },
			{ version: "9" },
			{ driver: "nftables" },
			{ position: { ...known.position, sum: "0".repeat(32) } },
		])
			expect(await plain(change), JSON.stringify(change)).toEqual([]);
		await agent.report({
			alarms: [{ kind: "lkg_bad", detail: "x", since: testNow }],
		});
		expect(await plain({})).toEqual([]);
	});

	test("are refused to everybody but the system", async () => {
		await expect(
			db.performer.perform(agent.actor, recordAcks, []),
		).rejects.toMatchObject({ code: "auth.forbidden" });
	});

	test("of an agent that was disabled or removed are refused", async () => {
		for (const action of ["disable", "remove"] as const) {
			await db.performer.perform(operator, changeAgent, {
				id: agent.id,
				action,
			});
			await expect(agent.report()).rejects.toMatchObject({
				code: "auth.forbidden",
			});
		}
	});
});

describe("two programs under one key", () => {
	const run = (instance: string) => agent.report({ instance });

	test("are an alarm when one that was replaced comes back, and over when only one has reported for two minutes", async () => {
		await run("run-one-1");
		await run("run-two-2");
		expect(await alarms(), "a program that was started again").toEqual([]);
		await run("run-one-1");
		expect(await alarms()).toEqual(["two_agents"]);
		await run("run-two-2");
		db.now = new Date(testNow.getTime() + 60_000);
		await run("run-one-1");
		db.now = new Date(testNow.getTime() + 150_000);
		await run("run-one-1");
		expect(await alarms()).toEqual(["two_agents"]);
		db.now = new Date(testNow.getTime() + 200_000);
		await run("run-one-1");
		expect(await alarms()).toEqual([]);
		expect(await eventsOf("edge.alarm_%")).toHaveLength(2);
	});
});

describe("an alarm of the agent", () => {
	const held = (since: Date, detail = "It would remove 300 of 400.") => ({
		kind: "snapshot_held" as const,
		detail,
		since,
	});

	test("is raised once, learns new words, and is cleared once", async () => {
		await agent.report({ alarms: [held(testNow)] });
		await agent.report({ alarms: [held(testNow)] });
		await agent.report({ alarms: [held(testNow, "It would remove 301.")] });
		const [live] = await listLiveAlarms(db.sql, { agentId: agent.id });
		expect(live).toMatchObject({
			detail: "It would remove 301.",
			since: testNow,
		});
		await agent.report();
		expect(await alarms(), "within a minute").toEqual(["snapshot_held"]);
		atSecond(60);
		await agent.report();
		await agent.report();
		expect(await alarms()).toEqual([]);
		expect(await eventsOf("edge.alarm_%")).toHaveLength(2);
	});

	test("that blinks is told a few times an hour, and then stays on", async () => {
		for (let i = 0; i < 100; i += 1) {
			atSecond(i * 30);
			await agent.report({ alarms: i % 2 === 0 ? [held(testNow)] : [] });
		}
		expect(await alarms()).toEqual(["snapshot_held"]);
		expect(await eventsOf("edge.alarm_%")).toHaveLength(7);
		atSecond(3_960);
		await agent.report();
		expect(await alarms(), "an hour after it was raised last").toEqual([]);
	});

	test("of a hold is accepted for that hold only", async () => {
		const accept = () =>
			db.performer.perform(operator, acceptHold, { id: agent.id });
		await expect(accept()).rejects.toMatchObject({ code: "edge.nothing_held" });
		await agent.report({ alarms: [held(testNow)] });
		await accept();
		await accept();
		const later = new Date(testNow.getTime() + 1_000);
		expect((await agent.report({ alarms: [held(testNow)] })).acceptHeld).toBe(
			true,
		);
		expect((await agent.report({ alarms: [held(testNow)] })).acceptHeld).toBe(
			true,
		);
		expect((await agent.report({ alarms: [held(later)] })).acceptHeld).toBe(
			false,
		);
		expect((await agent.report()).acceptHeld).toBe(false);
		expect(await eventsOf("edge.hold_accepted")).toHaveLength(1);
	});

	test("is over when the agent is disabled: it could never say so", async () => {
		await agent.report({ alarms: [held(testNow)] });
		await db.performer.perform(operator, changeAgent, {
			id: agent.id,
			action: "disable",
		});
		expect(await alarms()).toEqual([]);
	});
});

describe("drift", () => {
	const drift = (change: Partial<DriftReport> = {}): DriftReport => ({
		foundAt: testNow,
		repairedAt: null,
		tableGone: false,
		extraCount: 1,
		missingCount: 2,
		extra: ["198.18.0.1"],
		missing: ["198.18.0.2", "198.18.0.3"],
		by: "nft 4711",
		...change,
	});

	test("is kept and told once, however often it is reported, and learns when it was repaired, and by whom it was", async () => {
		const repairedAt = new Date(testNow.getTime() + 500);
		await agent.report({ drift: drift({ by: null }) });
		await agent.report({ drift: drift({ by: null }) });
		await agent.report({ drift: drift({ repairedAt }) });
		expect(await listDrifts(db.sql, agent.id, 10)).toEqual([
			{
				...drift({ repairedAt }),
				agentId: agent.id,
				reportedAt: testNow,
			},
		]);
		expect(await eventsOf("edge.drift_found")).toEqual([
			{ extra: 1, missing: 2, tableGone: false, isRepaired: false },
		]);
		const { rows } = await db.pool.query(
			"select actor_kind, actor_id, key_id, verb from audit where kind = 'edge.drift_found' and subject = $1",
			[agent.id],
		);
		expect(rows).toEqual([
			{
				actor_kind: "agent",
				actor_id: agent.id,
				key_id: agent.actor.keyId,
				verb: "record-report",
			},
		]);
	});

	test("and arming are told so often an hour, and kept all the same", async () => {
		for (let i = 0; i < 2 * toldMax; i += 1)
			await agent.report({
				armed: i % 4 > 1,
				drift: drift({ foundAt: new Date(testNow.getTime() + i) }),
			});
		const told = async () => [
			...(await eventsOf("edge.drift_found")),
			...(await eventsOf("edge.agent_%armed")),
		];
		// The first was that it is armed, before.
		expect(await told()).toHaveLength(toldMax);
		expect(await listDrifts(db.sql, agent.id, 100)).toHaveLength(2 * toldMax);
		atSecond(3_600);
		await agent.report({ armed: false });
		expect(await told()).toHaveLength(toldMax + 1);
	});

	test("is kept for the newest reports only", async () => {
		for (let i = 0; i < driftsKept + 3; i += 1)
			await agent.report({
				drift: drift({ foundAt: new Date(testNow.getTime() + i) }),
			});
		const kept = await listDrifts(db.sql, agent.id, 1_000);
		expect(kept).toHaveLength(driftsKept);
		expect(kept[0]?.foundAt.getTime()).toBe(testNow.getTime() + driftsKept + 2);
	});
});
