import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { testNow, useDatabase } from "../../test/db.ts";
import { parseKey } from "../domain/accounts/api-key.ts";
import { findKeyActor } from "../domain/accounts/find-key-actor.ts";
import { getMe } from "../domain/accounts/get-me.ts";
import { saveClient } from "../domain/accounts/save-client.ts";
import { listVps } from "../domain/inventory/list-vps.ts";
import { adoptPolicy } from "../domain/port25/adopt-policy.ts";
import { defaultPolicy } from "../domain/port25/policy/policy.ts";
import { requestPort25 } from "../domain/port25/request-port25.ts";
import { scopes, scopesSatisfy, system } from "../kernel/actor.ts";
import { sql } from "../platform/sql.ts";
import type { DemoFile } from "./demo-file.ts";
import { demoContent } from "./load-demo.ts";
import { prepareDemo } from "./prepare-demo.ts";
import { demoClients, demoNames } from "./provider.ts";

const db = useDatabase();
const baseUrl = "http://127.0.0.1:3000";
let folder = "";
let path = "";
let demo: DemoFile;

beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), "postern-demo-"));
	path = join(folder, "demo.json");
	demo = await prepareDemo(db.performer, { path, baseUrl });
	await db.performer.perform(system("test"), adoptPolicy, defaultPolicy);
});

afterAll(() => rm(folder, { recursive: true, force: true }));

function prepare() {
	return prepareDemo(db.performer, { path, baseUrl });
}

async function actorOf(key: string) {
	const hash = parseKey(key)?.hash ?? "";
	const found = await db.performer.ask(system("test"), findKeyActor, { hash });
	return found?.state.revokedAt === null ? found.actor : undefined;
}

async function customer(name: keyof DemoFile["clients"]) {
	const actor = await actorOf(demo.clients[name].key);
	if (actor === undefined) throw new Error("the key does not work");
	return actor;
}

async function count(
	table:
		| "clients"
		| "services"
		| "leases"
		| "staff"
		| "sites"
		| "tickets"
		| "ticket_messages",
) {
	const { rows } = await db.pool.query<{ count: number }>(
		`select count(*) as count from ${table}`,
	);
	return rows[0]?.count;
}

describe("the demo file", () => {
	test("holds the address of the server, every key and every id, for its owner's eyes only", async () => {
		const file: unknown = JSON.parse(await readFile(path, "utf8"));
		expect(file).toEqual(JSON.parse(JSON.stringify(demo)));
		expect((await stat(path)).mode & 0o777).toBe(0o600);
		expect(new Set(Object.keys(demo))).toEqual(
			new Set(["baseUrl", "clients", "edgeKey", "staffKey"]),
		);
		for (const name of demoNames) {
			const client = demo.clients[name];
			expect(new Set(Object.keys(client))).toEqual(
				new Set([
					"clientId",
					"domains",
					"hosting",
					"key",
					"legacyId",
					"readOnlyKey",
					"vps",
				]),
			);
			expect(client.vps.length).toBeGreaterThanOrEqual(2);
			expect(client.vps.some((vps) => vps.ip6 !== null)).toBe(true);
			expect(client.hosting).toHaveLength(1);
			expect(client.domains).toHaveLength(1);
			for (const vps of client.vps)
				expect(Object.keys(vps)).toEqual([
					"id",
					"legacyId",
					"name",
					"ip",
					"ip6",
				]);
		}
		expect(demo.clients.trusted.vps.length).toBeGreaterThanOrEqual(5);
		expect(demo.clients.prepaid.vps.length).toBeGreaterThanOrEqual(5);
	});

	test("names the ids of the contract's examples", () => {
		const { trusted, unverified } = demo.clients;
		expect(trusted.vps[0]).toMatchObject({
			id: "vps_01hxa3b4c5d6e7f8g9h0j1k2m3",
			name: "mail.example.com",
			ip: "203.0.113.10",
		});
		expect(trusted.domains[0]?.id).toBe("dom_01hxa3b4c5d6e7f8g9h0j1k2m3");
		expect(unverified.legacyId).toBe(30_000);
		expect(unverified.vps[0]).toMatchObject({
			legacyId: 10_712,
			name: "starup",
			ip: "192.0.0.1",
		});
	});

	test("has keys that sign in as who they say, with the scopes they should have", async () => {
		for (const name of demoNames) {
			const { key, readOnlyKey, clientId } = demo.clients[name];
			expect(key).toMatch(/^pst_test_/);
			expect(await actorOf(key)).toMatchObject({ kind: "customer", clientId });
			const held = (await actorOf(key))?.scopes ?? [];
			expect(scopes.customer.every((scope) => scopesSatisfy(held, scope))).toBe(
				true,
			);
			const reading = (await actorOf(readOnlyKey))?.scopes ?? [];
			expect(reading).toContain("read:support");
			expect(reading.some((scope) => !scope.startsWith("read:"))).toBe(false);
		}
		expect(await actorOf(demo.edgeKey)).toMatchObject({
			kind: "agent",
			siteId: "default",
			scopes: scopes.agent,
		});
		const staff = await actorOf(demo.staffKey);
		expect(staff).toMatchObject({ kind: "staff" });
		expect(scopes.staff.every((scope) => staff?.scopes.includes(scope))).toBe(
			true,
		);
	});
});

describe("the demo's clients", () => {
	const cases = [
		["trusted", "enforced", "approved", 3],
		["prepaid", "enforced", "pending", 0],
		["other", "enforced", "pending", 1],
		["unverified", "recorded", "pending", 0],
	] as const;

	test.each(cases)(
		"%s: a request that is %s is %s in tier %i",
		async (name, requirement, state, tier) => {
			const request = await db.performer.perform(
				await customer(name),
				requestPort25,
				{
					vps: { legacyId: demoClients[name].vps[0]?.legacyId ?? 0 },
					reason: "Order confirmations to our own customers.",
					requirement,
				},
			);
			expect(request).toMatchObject({ state, tier });
			if (state === "approved") expect(request.entry?.siteId).toBe("default");
		},
	);

	test("unverified does not meet the requirement, and is 619 days old", async () => {
		const actor = await customer("unverified");
		const input = {
			vps: { legacyId: 10_712 },
			reason: "Mail.",
			requirement: "enforced",
		} as const;
		await expect(
			db.performer.perform(actor, requestPort25, input),
		).rejects.toMatchObject({ code: "port25.requirements_not_met" });
		const me = await db.performer.ask(actor, getMe, {});
		expect(testNow.getTime() - me.createdAt.getTime()).toBe(
			619 * 24 * 60 * 60 * 1000,
		);
	});

	test("suspended may read and is refused the rest", async () => {
		const actor = await customer("suspended");
		expect(
			(await db.performer.ask(actor, listVps, { limit: 9 })).data,
		).toHaveLength(2);
		await expect(
			db.performer.perform(actor, requestPort25, {
				vps: { legacyId: 10_741 },
				reason: "Mail.",
				requirement: "enforced",
			}),
		).rejects.toMatchObject({ code: "account.inactive" });
	});

	test("every address lies at the site", async () => {
		const outside = await db.sql.rows(sql`
			select address from leases l
			where not exists (select from site_prefixes p where p.prefix >>= l.address)`);
		expect(outside).toEqual([]);
	});
});

describe("a later start", () => {
	test("changes no key and adds nothing, and makes the observations fresh again", async () => {
		const before = [
			await count("clients"),
			await count("services"),
			await count("leases"),
			await count("tickets"),
			await count("ticket_messages"),
		];
		db.now = new Date(testNow.getTime() + 40 * 24 * 60 * 60 * 1000);
		expect(await prepare()).toEqual(demo);
		expect([
			await count("clients"),
			await count("services"),
			await count("leases"),
			await count("tickets"),
			await count("ticket_messages"),
		]).toEqual(before);
		expect(await count("staff")).toBe(1);
		const stale = await db.sql.rows(sql`
			select id from clients where observed_at < ${db.now}
			union all select id from services where observed_at < ${db.now} or paid_until < ${db.now}`);
		expect(stale).toEqual([]);
		db.now = testNow;
	});

	test("leaves alone what was changed in the demo", async () => {
		const { legacyId } = demoClients.other;
		await db.performer.perform(system("test"), saveClient, {
			legacyId,
			name: "Renamed",
		});
		await prepare();
		expect(
			(await db.performer.ask(await customer("other"), getMe, {})).name,
		).toBe("Renamed");
	});

	test("writes the address of the server anew", async () => {
		const moved = await prepareDemo(db.performer, {
			path,
			baseUrl: "http://127.0.0.1:4000",
		});
		expect(moved).toEqual({ ...demo, baseUrl: "http://127.0.0.1:4000" });
	});

	test.each([
		["is lost", () => rm(path)],
		["is half a file", () => writeFile(path, '{"staffKey": "pst')],
		[
			"holds a key of another installation",
			async () => {
				const other = { ...demo, staffKey: demo.clients.trusted.key };
				await writeFile(path, JSON.stringify(other));
			},
		],
	])(
		"makes all keys anew when the file %s, and ends the old ones",
		async (_, spoil) => {
			const before = demo;
			await spoil();
			demo = await prepare();
			for (const name of demoNames) {
				expect(demo.clients[name].key).not.toBe(before.clients[name].key);
				expect(await actorOf(before.clients[name].key)).toBeUndefined();
				expect(await actorOf(before.clients[name].readOnlyKey)).toBeUndefined();
				expect(await actorOf(demo.clients[name].key)).toBeDefined();
			}
			expect(await actorOf(before.staffKey)).toBeUndefined();
			expect(await actorOf(demo.staffKey)).toBeDefined();
			expect(await count("staff")).toBe(1);
		},
	);

	test("gives a file of an older version the agent's key, and keeps the others", async () => {
		const { edgeKey, ...older } = demo;
		await writeFile(path, JSON.stringify(older));
		demo = await prepare();
		expect(demo).toEqual({ ...older, edgeKey: demo.edgeKey });
		expect(await actorOf(edgeKey)).toBeUndefined();
		expect(await actorOf(demo.edgeKey)).toMatchObject({ kind: "agent" });
		expect((await prepare()).edgeKey).toBe(demo.edgeKey);
	});

	test("is told that the database holds the demo", async () => {
		expect(await db.performer.ask(system("test"), demoContent, {})).toBe(
			"demo",
		);
	});
});
