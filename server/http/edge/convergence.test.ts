/**
 * Whatever happens to an allow-list, and to the connections of those who follow it, they end up with the set that the
 * database holds. Real servers, real streams; two processes that do not tell each other, so that one of them only polls.
 */
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { useDatabase } from "../../../test/db.ts";
import { createAgents, positionOf } from "../../../test/edge.ts";
import { type Follower, startFollower } from "../../../test/edge-follower.ts";
import { seed } from "../../../test/seed.ts";
import { buildServer } from "../../../test/server.ts";
import { createWorld } from "../../../test/world.ts";
import { addEntryByHand } from "../../domain/allowlist/add-entry-by-hand.ts";
import { beginEpoch } from "../../domain/allowlist/begin-epoch.ts";
import { resumeEntry } from "../../domain/allowlist/resume-entry.ts";
import { revokeEntry } from "../../domain/allowlist/revoke-entry.ts";
import { saveSite } from "../../domain/allowlist/save-site.ts";
import { listPrefixesOf } from "../../domain/allowlist/site-store.ts";
import { suspendEntry } from "../../domain/allowlist/suspend-entry.ts";
import { type StaffActor, system } from "../../kernel/actor.ts";
import { Refusal } from "../../kernel/errors.ts";
import { sql } from "../../platform/sql.ts";
import { createEdgeFeed, type EdgeFeed } from "./edge-feed.ts";
import { edgeRoutes } from "./routes.ts";

const db = useDatabase();
const world = createWorld(() => db.performer);
const agents = createAgents(db);
const operator = system("test");
const faces = [
	{ name: "edge", prefix: "/api/edge", routes: edgeRoutes },
] as const;

/** Addresses of the site that is played with; one may go to the other site with its half. */
const addresses = Array.from({ length: 12 }, (_, i) => `7.7.${i % 2}.${i + 1}`);
const processes: { feed: EdgeFeed; url: string; close(): Promise<void> }[] = [];
const followers: Follower[] = [];
const broken: Error[] = [];
let reviewer: StaffActor;

async function startProcess() {
	const performer = db.performerWith({
		pool: db.openPool(4),
		onEvents: () => feed.wake(),
	});
	const feed = createEdgeFeed({
		performer,
		clock: () => new Date(),
		onError: (error) => void broken.push(error as Error),
	});
	const { app } = buildServer(db, faces, { performer, edge: feed });
	const url = await app.listen({ host: "127.0.0.1", port: 0 });
	return {
		feed,
		url,
		performer,
		async close() {
			await app.close();
			await feed.stop();
		},
	};
}

beforeAll(async () => {
	await world.begin();
	reviewer = await world.addReviewer();
	await db.performer.perform(operator, saveSite, {
		id: "near",
		prefixes: ["7.7.0.0/24", "7.7.1.0/24"],
	});
	await db.performer.perform(operator, saveSite, { id: "far", prefixes: [] });
	for (const address of addresses)
		await (await world.addClient("prepaid")).addVps({ addresses: [address] });
	processes.push(await startProcess(), await startProcess());
});

afterAll(async () => {
	await Promise.all(followers.map((follower) => follower.stop()));
	await Promise.all(processes.map((one) => one.close()));
});

async function addFollower(siteId: string): Promise<Follower> {
	const { key } = await agents.add(siteId);
	const follower = startFollower({
		url: processes[followers.length % 2]?.url ?? "",
		key,
		host: `hv-${followers.length}`,
		onBroken: (error) => void broken.push(error),
	});
	followers.push(follower);
	return follower;
}

const step = fc.oneof(
	{
		weight: 10,
		arbitrary: fc.record({
			is: fc.constantFrom("add", "add", "suspend", "resume", "revoke"),
			of: fc.nat(addresses.length - 1),
		}),
	},
	{
		weight: 3,
		arbitrary: fc.record({
			is: fc.constantFrom("cut", "cut", "move"),
			of: fc.nat(3),
		}),
	},
	{
		weight: 1,
		arbitrary: fc.record({
			is: fc.constantFrom("epoch", "rehome", "trim", "rest"),
			of: fc.nat(1),
		}),
	},
);

type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

async function entryOn(address: string): Promise<string> {
	const found = await db.sql.first(sql<{ id: string }>`
		select id from allowlist_entries where address = ${address}::inet and state <> 'revoked'`);
	return found?.id ?? "entry_00000000000000000000000000";
}

async function act({ is, of }: Step): Promise<void> {
	const { perform } = db.performer;
	const address = addresses[of] ?? "";
	const reason = "x";
	switch (is) {
		case "add":
			await perform(reviewer, addEntryByHand, { address, note: "x" });
			break;
		case "suspend":
			await perform(reviewer, suspendEntry, {
				id: await entryOn(address),
				reason,
			});
			break;
		case "resume":
			await perform(reviewer, resumeEntry, { id: await entryOn(address) });
			break;
		case "revoke":
			await perform(reviewer, revokeEntry, {
				id: await entryOn(address),
				reason,
			});
			break;
		case "cut":
			followers[of]?.cut();
			break;
		case "move":
			followers[of]?.moveTo(processes[(of + 1) % 2]?.url ?? "");
			followers[of]?.cut();
			break;
		case "epoch":
			await perform(operator, beginEpoch, { reason: "asked" });
			break;
		case "trim":
			// As the chore does after a week, only sooner: all but the newest.
			await db.ownerSql.run(sql`
				delete from allowlist_deltas d using sites s where s.id = d.site_id and d.revision < s.revision`);
			break;
		case "rehome": {
			const [near, far] =
				of === 0 ? [["7.7.0.0/24"], ["7.7.1.0/24"]] : [["7.7.0.0/23"], []];
			await perform(operator, saveSite, { id: "far", prefixes: [] });
			await perform(operator, saveSite, { id: "near", prefixes: near });
			await perform(operator, saveSite, { id: "far", prefixes: far });
			break;
		}
		case "rest":
			// Long enough for a follower to be told: otherwise all of them would only ever catch up.
			await sleep(30);
			break;
	}
}

async function expectConverged(): Promise<void> {
	for (const [i, follower] of followers.entries()) {
		const siteId = i % 4 === 3 ? "far" : "near";
		const { epoch, revision, size, sum } = await positionOf(db, siteId);
		await Promise.race([
			follower.reaches(epoch, revision),
			sleep(60_000).then(() => {
				throw new Error(`follower ${i} does not reach ${revision}`);
			}),
		]);
		expect(broken).toEqual([]);
		const active = await db.sql.rows(sql<{ address: string }>`
			select host(address) as address from allowlist_entries where site_id = ${siteId} and state = 'active'`);
		expect(follower.set).toEqual(new Set(active.map(({ address }) => address)));
		expect(follower.set.size).toBe(size);
		expect(new Set(follower.prefixes)).toEqual(
			new Set(await listPrefixesOf(db.sql, siteId)),
		);
		expect(sum).toMatch(/^[0-9a-f]{32}$/);
	}
}

test("followers end up with the desired set of their site, and nothing else", async () => {
	await addFollower("near");
	await addFollower("near");
	await addFollower("near");
	await addFollower("far");
	await fc.assert(
		fc.asyncProperty(
			fc.array(step, { minLength: 5, maxLength: 25 }),
			async (steps) => {
				for (const one of steps)
					await act(one).catch((error: unknown) => {
						if (!(error instanceof Refusal)) throw error;
					});
				await expectConverged();
			},
		),
		{ seed, numRuns: 15, endOnFailure: true },
	);
	const total = (of: keyof Follower["counts"]) =>
		followers.reduce((sum, { counts }) => sum + counts[of], 0);
	expect(total("changes"), "changes were applied").toBeGreaterThan(25);
	expect(total("snapshots"), "snapshots were taken").toBeGreaterThan(4);
	const waiting = async () => {
		for (const { feed } of processes) await feed.idle();
		const found = await db.sql.first(sql<{ count: number }>`
			select count(*) as count from allowlist_entries
			where site_id = 'near' and (state = 'active' and opened_at is null or state <> 'active' and closed_at is null)`);
		return found?.count;
	};
	await expect
		.poll(waiting, { message: "all of it is open or closed by their word" })
		.toBe(0);
}, 120_000);
