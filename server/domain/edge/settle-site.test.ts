import { beforeAll, describe, expect, test } from "vitest";
import { testNow, useDatabase } from "../../../test/db.ts";
import { expectInvariants } from "../../../test/deltas.ts";
import { createAgents, positionOf } from "../../../test/edge.ts";
import { createSites } from "../../../test/edge-sites.ts";
import { createWorld } from "../../../test/world.ts";
import { system } from "../../kernel/actor.ts";
import { sql } from "../../platform/sql.ts";
import { beginEpoch } from "../allowlist/begin-epoch.ts";
import { saveSite } from "../allowlist/save-site.ts";
import { changeAgent } from "./change-agent.ts";
import { settleSite } from "./settle-site.ts";

const db = useDatabase();
const world = createWorld(() => db.performer);
const agents = createAgents(db);
const operator = system("test");
const { newSite } = createSites(db, world);

beforeAll(() => world.begin());

describe("an entry opens", () => {
	test("when every armed agent has acknowledged it, and the event says so once", async () => {
		const { siteId, open } = await newSite();
		const [one, two] = [await agents.add(siteId), await agents.add(siteId)];
		await one.report();
		await two.report();
		const entry = await open();
		expect(await entry.is()).toBe("pending");
		await one.report();
		expect(await entry.is(), "one of two").toBe("pending");
		db.now = new Date(testNow.getTime() + 1_000);
		await two.report();
		expect(await entry.is()).toBe("open");
		expect((await entry.find()).openedAt).toEqual(db.now);
		db.now = testNow;
		await one.report();
		await two.report();
		expect(await entry.events()).toEqual([
			{
				kind: "allowlist.entry_opened",
				data: {
					address: (await entry.find()).address,
					siteId,
					revision: 1,
				},
			},
		]);
		await expectInvariants(db.sql);
	});

	test("never at a site without an armed agent", async () => {
		const { siteId, open } = await newSite();
		const entry = await open();
		await db.performer.perform(operator, settleSite, { siteId });
		expect(await entry.is(), "no agent").toBe("pending");
		const agent = await agents.add(siteId);
		await db.performer.perform(operator, settleSite, { siteId });
		expect(await entry.is(), "an agent that never reported").toBe("pending");
		await agent.report({ armed: false });
		expect(await entry.is(), "an agent that is not armed").toBe("pending");
		await agent.report();
		expect(await entry.is()).toBe("open");
	});

	test("for the revision that was acknowledged, and not for a later one", async () => {
		const { siteId, open } = await newSite();
		const agent = await agents.add(siteId);
		await agent.report();
		const first = await open();
		const position = await positionOf(db, siteId);
		const second = await open();
		await agent.report({ position });
		expect([await first.is(), await second.is()]).toEqual(["open", "pending"]);
	});

	test("without waiting for an agent that is disabled, disarmed or removed", async () => {
		const { siteId, open } = await newSite();
		const good = await agents.add(siteId);
		await good.report();
		for (const part of ["disable", "disarm", "remove"] as const) {
			const bad = await agents.add(siteId);
			await bad.report();
			const entry = await open();
			await good.report();
			expect(await entry.is(), part).toBe("pending");
			if (part === "disarm") {
				const position = await positionOf(db, siteId);
				await bad.report({
					armed: false,
					position: { ...position, revision: 0, size: 0, sum: "0".repeat(32) },
				});
			} else {
				await db.performer.perform(operator, changeAgent, {
					id: bad.id,
					action: part,
				});
				await db.performer.perform(operator, settleSite, { siteId });
			}
			expect(await entry.is(), part).toBe("open");
		}
	});

	test("and stays open when the agent that was last armed is not any more", async () => {
		const { siteId, open } = await newSite();
		const agent = await agents.add(siteId);
		await agent.report();
		const entry = await open();
		await agent.report();
		await agent.report({ armed: false });
		const later = await open();
		expect([await entry.is(), await later.is()]).toEqual(["open", "pending"]);
	});

	test("an agent that is enabled again counts when it has said that it is armed", async () => {
		const { siteId, open } = await newSite();
		const [one, two] = [await agents.add(siteId), await agents.add(siteId)];
		await one.report();
		await two.report();
		for (const action of ["disable", "enable"] as const)
			await db.performer.perform(operator, changeAgent, { id: two.id, action });
		const entry = await open();
		await one.report();
		expect(await entry.is(), "the other has said nothing yet").toBe("open");
		await two.report();
		const next = await open();
		await one.report();
		expect(await next.is()).toBe("pending");
	});
});

describe("an entry is closed", () => {
	test("when every agent that was given the set has acknowledged that it is gone", async () => {
		const { siteId, open } = await newSite();
		const [one, two] = [await agents.add(siteId), await agents.add(siteId)];
		await one.report();
		await two.report({ armed: false });
		const entry = await open();
		await one.report();
		await entry.revoke();
		expect(await entry.is()).toBe("closing");
		await one.report();
		expect(await entry.is(), "the one that is not armed may hold it").toBe(
			"closing",
		);
		await two.report({ armed: false });
		expect(await entry.is()).toBe("closed");
		expect((await entry.events()).map(({ kind }) => kind)).toEqual([
			"allowlist.entry_opened",
			"allowlist.entry_closed",
		]);
	});

	test("also one that was never called open: an agent may have opened it before it was taken back", async () => {
		const { siteId, open } = await newSite();
		const [one, two] = [await agents.add(siteId), await agents.add(siteId)];
		await one.report();
		await two.report();
		const entry = await open();
		await one.report();
		await entry.suspend();
		expect(await entry.is()).toBe("closing");
		await one.report();
		await two.report();
		expect(await entry.is()).toBe("closed");
		await entry.resume();
		expect(await entry.is()).toBe("pending");
		expect(await entry.find()).toMatchObject({
			openedAt: null,
			closedAt: null,
		});
	});

	test("at once where no agent was ever given the set", async () => {
		const { siteId, open } = await newSite();
		await agents.add(siteId);
		const entry = await open();
		await entry.revoke();
		expect(await entry.is()).toBe("closed");
		expect(await entry.events()).toEqual([]);
	});

	test("not while a disabled agent may still hold it, until that one is removed", async () => {
		const { siteId, open } = await newSite();
		const [one, two] = [await agents.add(siteId), await agents.add(siteId)];
		await one.report();
		await two.report();
		const entry = await open();
		await one.report();
		await two.report();
		await db.performer.perform(operator, changeAgent, {
			id: two.id,
			action: "disable",
		});
		await entry.revoke();
		await one.report();
		expect(await entry.is()).toBe("closing");
		await db.performer.perform(operator, changeAgent, {
			id: two.id,
			action: "remove",
		});
		await db.performer.perform(operator, settleSite, { siteId });
		expect(await entry.is()).toBe("closed");
	});

	test("an agent that was given a snapshot counts, though it has never reported", async () => {
		const { siteId, open } = await newSite();
		const agent = await agents.add(siteId);
		const entry = await open();
		await agents.feed.snapshot(agent.actor, []);
		await entry.revoke();
		expect(await entry.is()).toBe("closing");
		await agent.report();
		expect(await entry.is()).toBe("closed");
	});
});

describe("a new epoch", () => {
	test("counts only what is acknowledged in it, and leaves open what was open", async () => {
		const { siteId, open } = await newSite();
		const [one, two] = [await agents.add(siteId), await agents.add(siteId)];
		const all = async () => {
			await one.report();
			await two.report();
		};
		await all();
		const [held, closing] = [await open(), await open()];
		await all();
		for (let i = 0; i < 5; i += 1) await (await open()).suspend();
		const old = await positionOf(db, siteId);
		const pending = await open();
		await closing.suspend();
		await db.performer.perform(operator, beginEpoch, { reason: "asked" });
		expect(await held.is()).toBe("open");
		await one.report({ position: old });
		await two.report({ position: old });
		expect([await pending.is(), await closing.is()]).toEqual([
			"pending",
			"closing",
		]);
		await all();
		expect([await held.is(), await pending.is(), await closing.is()]).toEqual([
			"open",
			"open",
			"closed",
		]);
		await expectInvariants(db.sql);
	});

	test("a settling that began before it opens nothing by the revisions of the old one", async () => {
		const { siteId, open } = await newSite();
		const agent = await agents.add(siteId);
		await agent.report();
		for (let i = 0; i < 3; i += 1) await open();
		await agent.report();
		for (let round = 0; round < 10; round += 1) {
			const entry = await open();
			await Promise.all([
				db.performer.perform(operator, settleSite, { siteId }),
				db.performer.perform(operator, beginEpoch, { reason: "asked" }),
				db.performer.perform(operator, settleSite, { siteId }),
			]);
			expect(await entry.is()).toBe("pending");
			await agent.report();
			expect(await entry.is()).toBe("open");
		}
	});
});

test("an address that goes to another site is pending there until that one's agents say so", async () => {
	const [here, there] = [await newSite(), await newSite()];
	const [near, far] = [
		await agents.add(here.siteId),
		await agents.add(there.siteId),
	];
	await near.report();
	await far.report();
	const entry = await here.open();
	await near.report();
	expect(await entry.is()).toBe("open");
	const { address } = await entry.find();
	await db.performer.perform(operator, saveSite, {
		id: here.siteId,
		prefixes: [],
	});
	expect(await entry.is()).toBe("unmanaged");
	await db.performer.perform(operator, saveSite, {
		id: there.siteId,
		prefixes: [`${address}/32`],
	});
	await near.report();
	expect(await entry.is()).toBe("pending");
	await far.report();
	expect(await entry.is()).toBe("open");
	await expectInvariants(db.sql);
});

test("many entries open in several transactions, each once", async () => {
	const { siteId, open } = await newSite();
	await open();
	await db.ownerSql.run(sql`
		with model as (select * from allowlist_entries where site_id = ${siteId} limit 1),
		many as (select i, ('9.9.' || i / 256 || '.' || i % 256)::inet as address from generate_series(1, 2100) i),
		leased as (
			insert into leases (id, address, service_id, client_id, started_at)
			select 'lease_' || ${siteId} || i, many.address, service_id, client_id, now() from many, model
		)
		insert into allowlist_entries
			(id, address, lease_id, client_id, client_legacy_id, service_id, service_legacy_id, service_name, site_id,
			 site_revision, state, added_by, added_by_id, created_at, updated_at)
		select 'entry_' || lpad(i::text, 26, '0'), many.address, 'lease_' || ${siteId} || i, client_id, 1, service_id, 1, 'x',
			site_id, 0, 'active', 'system', 'test', now(), now() from many, model`);
	await db.ownerSql.run(sql`
		insert into site_prefixes (site_id, prefix) values (${siteId}, '9.9.0.0/16')`);
	await db.performer.perform(operator, beginEpoch, { reason: "asked" });
	const agent = await agents.add(siteId);
	await agent.report();
	const counted = await db.sql.first(sql<{ open: number; told: number }>`
		select count(*) filter (where opened_at is not null) as open,
			(select count(*) from events where kind = 'allowlist.entry_opened' and data->>'siteId' = ${siteId}) as told
		from allowlist_entries where site_id = ${siteId}`);
	expect(counted).toEqual({ open: 2_101, told: 2_101 });
	await expectInvariants(db.sql);
});
