import { beforeAll, describe, expect, test, vi } from "vitest";
import { useDatabase } from "../../../test/db.ts";
import { expectInvariants } from "../../../test/deltas.ts";
import { createWorld } from "../../../test/world.ts";
import { type Actor, system } from "../../kernel/actor.ts";
import { sql } from "../../platform/sql.ts";
import { requestPort25 } from "../port25/request-port25.ts";
import { revokeEntry } from "./revoke-entry.ts";
import { saveSite } from "./save-site.ts";
import { findSite, siteOf } from "./site-store.ts";

const db = useDatabase();
const world = createWorld(() => db.performer);

beforeAll(() => world.begin());

function save(
	id: string,
	prefixes: readonly string[],
	actor: Actor = system("cli"),
) {
	return db.performer.perform(actor, saveSite, { id, prefixes });
}

async function savedAs(id: string) {
	const rows = await db.sql.rows<{ data: { prefixes: string[] } }>(
		sql`select data from events where kind = 'site.saved' and subject = ${id} order by id`,
	);
	return rows.map((row) => row.data.prefixes);
}

function siteAt(address: string) {
	return db.sql.first(siteOf(address));
}

describe("saveSite", () => {
	test("makes a site that is found by each of its addresses", async () => {
		const site = await save("malmo-1", ["192.0.2.0/25", "2a01:db8::/32"]);
		expect(site).toMatchObject({
			id: "malmo-1",
			prefixes: ["192.0.2.0/25", "2a01:db8::/32"],
			revision: 0,
			size: 0,
		});
		expect(await siteAt("192.0.2.127")).toEqual({ siteId: "malmo-1" });
		expect(await siteAt("2a01:db8:ffff::1")).toEqual({ siteId: "malmo-1" });
		expect(await siteAt("192.0.2.128")).toBeUndefined();
		expect(await siteAt("2a01:db9::1")).toBeUndefined();
	});

	test("sets the prefixes of a site that exists, and does nothing the second time", async () => {
		await save("lund", ["198.51.100.0/24"]);
		await save("lund", ["198.51.100.0/25", "2a01:4f8::/32"]);
		await save("lund", ["2A01:04f8::/32", "198.51.100.0/25"]);
		expect(await siteAt("198.51.100.200")).toBeUndefined();
		expect(await siteAt("198.51.100.100")).toEqual({ siteId: "lund" });
		await save("lund", []);
		expect(await findSite(db.sql, "lund")).toMatchObject({ prefixes: [] });
		expect(await savedAs("lund")).toEqual([
			["198.51.100.0/24"],
			["198.51.100.0/25", "2a01:4f8::/32"],
			[],
		]);
	});

	test.each([
		["another site's", ["203.0.113.64/26"]],
		["a part of another site's", ["203.0.112.0/23"]],
		["its own", ["9.0.0.0/8", "9.1.0.0/16"]],
		["itself", ["9.0.0.0/8", "9.0.0.0/8"]],
	])(
		"refuses a prefix that overlaps with %s, and writes nothing",
		async (_, prefixes) => {
			await save("taken", ["203.0.113.0/24"]);
			await expect(save("greedy", prefixes)).rejects.toMatchObject({
				code: "site.prefix_overlaps",
			});
			expect(await findSite(db.sql, "greedy")).toBeUndefined();
		},
	);

	test.each([
		"0.0.0.0/0",
		"::/0",
		"9.0.0.1/8",
		"9.0.0.0",
		"10.0.0.0/8",
		"10.1.2.0/24",
		"8.0.0.0/6",
		"100.64.0.0/10",
		"127.0.0.0/8",
		"169.254.0.0/16",
		"192.168.1.0/24",
		"224.0.0.0/4",
		"fd00::/8",
		"fe80::/10",
		"::ffff:0:0/96",
		"2000::/3",
		"malmö",
		"",
	])("refuses %j, which is no public network", async (prefix) => {
		await expect(
			save("x", ["198.51.100.128/25", prefix]),
		).rejects.toMatchObject({
			code: "request.invalid",
			faults: [{ pointer: "/prefixes/1" }],
		});
	});

	test.each(["", "Not An Id", "-a", "a".repeat(64), "a\n"])(
		"refuses the id %j",
		async (id) => {
			await expect(save(id, [])).rejects.toMatchObject({
				faults: [{ pointer: "/id" }],
			});
		},
	);

	test("is for administrators and the system", async () => {
		const staff = await world.addReviewer();
		await expect(
			save("y", [], { ...staff, scopes: ["desk:inventory", "desk:review"] }),
		).rejects.toMatchObject({ code: "auth.forbidden" });
		await expect(
			save("y", [], { ...staff, scopes: ["desk:admin"] }),
		).resolves.toMatchObject({ id: "y" });
	});
});

describe("entries", () => {
	/** An open address, in a network of its own. */
	async function openAt(address: string) {
		const client = await world.addClient("trusted");
		const vps = await client.addVps({ addresses: [address] });
		const { entry } = await db.performer.perform(client.actor, requestPort25, {
			vps: { id: vps.id },
			reason: "Mail.",
			requirement: "enforced",
		});
		return entry!;
	}

	async function find(id: string) {
		return db.sql.first(sql<{ siteId: string | null; openedAt: Date | null }>`
			select site_id, opened_at from allowlist_entries where id = ${id}`);
	}

	async function revisionOf(id: string) {
		const site = await findSite(db.sql, id);
		return { revision: site?.revision, size: site?.size };
	}

	test("go with their address, from no site to one, to another, and to none", async () => {
		const entry = await openAt("5.5.5.5");
		expect(entry.siteId).toBeNull();

		await save("west", ["5.5.5.0/24"]);
		expect(await find(entry.id)).toMatchObject({ siteId: "west" });
		expect(await revisionOf("west")).toEqual({ revision: 1, size: 1 });
		await db.ownerSql.run(
			sql`update allowlist_entries set opened_at = now() where id = ${entry.id}`,
		);

		await save("west", []);
		expect(await find(entry.id)).toEqual({ siteId: null, openedAt: null });
		expect(await revisionOf("west")).toEqual({ revision: 3, size: 0 });

		await save("east", ["5.5.0.0/16"]);
		expect(await find(entry.id)).toMatchObject({ siteId: "east" });
		expect(await revisionOf("west")).toEqual({ revision: 3, size: 0 });
		expect(await revisionOf("east")).toEqual({ revision: 1, size: 1 });

		await save("east", ["5.5.5.4/30", "6.0.0.0/8"]);
		// Its agents have to learn that, so it is a revision, though nothing moved.
		expect(await revisionOf("east")).toEqual({ revision: 2, size: 1 });
		await save("east", ["6.0.0.0/8", "5.5.5.4/30"]);
		expect(await revisionOf("east")).toEqual({ revision: 2, size: 1 });
		await expectInvariants(db.sql);

		const moves = await db.sql.rows(sql<{ data: unknown }>`
			select data from events where kind = 'allowlist.entry_moved' and subject = ${entry.id} order by id`);
		expect(moves.map(({ data }) => data)).toEqual(
			[
				{ siteId: "west", revision: 1, fromSiteId: null, fromRevision: null },
				{ siteId: null, revision: null, fromSiteId: "west", fromRevision: 3 },
				{ siteId: "east", revision: 1, fromSiteId: null, fromRevision: null },
			].map((move) => ({ address: "5.5.5.5", ...move })),
		);
	});

	test("that are suspended or revoked open nothing where they go", async () => {
		const suspended = await openAt("7.7.7.1");
		const revoked = await openAt("7.7.7.2");
		for (const [id, state] of [
			[suspended.id, "suspended"],
			[revoked.id, "revoked"],
		] as const)
			await db.ownerSql.run(sql`
				update allowlist_entries set state = ${state}, end_reason = 'x',
					revoked_at = case when ${state} = 'revoked' then now() end, closed_at = now()
				where id = ${id}`);
		await save("quiet", ["7.7.7.0/24"]);
		expect(await find(suspended.id)).toMatchObject({ siteId: "quiet" });
		expect(await find(revoked.id)).toMatchObject({ siteId: null });
		expect(await revisionOf("quiet")).toEqual({ revision: 1, size: 0 });
		await expectInvariants(db.sql);
	});

	test("one that is revoked while it arrives leaves its new site as empty as it was", async () => {
		const entry = await openAt("5.9.9.9");
		const arrived = Promise.withResolvers<void>();
		const go = Promise.withResolvers<void>();
		const arriving = db.performer.performWith(system("cli"), saveSite, {
			input: { id: "north", prefixes: ["5.9.0.0/16"] },
			lastly() {
				arrived.resolve();
				return go.promise;
			},
		});
		await arrived.promise;
		const revoking = db.performer.perform(
			await world.addReviewer(),
			revokeEntry,
			{ id: entry.id, reason: "Spam." },
		);
		// It waits for the layout: before that, its site is none, and nobody would be told that it is closed.
		await vi.waitFor(async () => {
			const { rows } = await db.pool.query(
				"select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
			);
			expect(rows.length).toBe(1);
		});
		go.resolve();
		await Promise.all([arriving, revoking]);
		expect(await revisionOf("north")).toEqual({ revision: 2, size: 0 });
		await expectInvariants(db.sql);
	});

	test("that are added while the layout changes end at the right site", async () => {
		for (let round = 0; round < 5; round += 1) {
			const net = `11.0.${round}`;
			await Promise.all([
				save(`race-${round}`, [`${net}.0/24`]),
				...[1, 2, 3].map((host) => openAt(`${net}.${host}`)),
				save(`race-${round}`, [`${net}.0/25`]),
			]);
			await expectInvariants(db.sql);
		}
	});
});
