import { describe, expect, test } from "vitest";
import { useDatabase } from "../../../test/db.ts";
import { type Actor, system } from "../../kernel/actor.ts";
import { sql } from "../../platform/sql.ts";
import { addSite } from "./add-site.ts";
import { findSiteOf } from "./site-store.ts";

const db = useDatabase();

function add(
	id: string,
	prefixes: readonly string[],
	actor: Actor = system("cli"),
) {
	return db.performer.perform(actor, addSite, { id, prefixes });
}

async function eventsOf(id: string) {
	const rows = await db.sql.rows<{ data: { prefixes: string[] } }>(
		sql`select data from events where kind = 'site.added' and subject = ${id} order by id`,
	);
	return rows.map((row) => row.data.prefixes);
}

describe("addSite", () => {
	test("makes a site that is found by each of its addresses", async () => {
		await add("malmo-1", ["192.0.2.0/25", "2001:db8::/32"]);
		expect(await findSiteOf(db.sql, "192.0.2.127")).toEqual({ id: "malmo-1" });
		expect(await findSiteOf(db.sql, "2001:db8:ffff::1")).toEqual({
			id: "malmo-1",
		});
		expect(await findSiteOf(db.sql, "192.0.2.128")).toBeUndefined();
		expect(await findSiteOf(db.sql, "2001:db9::1")).toBeUndefined();
	});

	test("adds what is new to a site that exists, and does nothing the second time", async () => {
		await add("lund", ["198.51.100.0/25"]);
		await add("lund", ["198.51.100.0/25", "198.51.100.128/25"]);
		await add("lund", ["198.51.100.0/25", "198.51.100.128/25"]);
		expect(await findSiteOf(db.sql, "198.51.100.200")).toEqual({ id: "lund" });
		expect(await eventsOf("lund")).toEqual([
			["198.51.100.0/25"],
			["198.51.100.128/25"],
		]);
	});

	test.each([
		["another site's", ["203.0.113.64/26"]],
		["a part of another site's", ["203.0.112.0/23"]],
		["its own", ["10.0.0.0/8", "10.1.0.0/16"]],
	])(
		"refuses a prefix that overlaps with %s, and writes nothing",
		async (_, prefixes) => {
			await add("taken", ["203.0.113.0/24"]);
			await expect(add("greedy", prefixes)).rejects.toMatchObject({
				code: "site.prefix_overlaps",
			});
			const found = await db.sql.rows(
				sql`select id from sites where id = 'greedy'`,
			);
			expect(found).toEqual([]);
		},
	);

	test("refuses a prefix and an id that are none", async () => {
		await expect(add("x", ["10.0.0.0/8", "10.0.0.1/8"])).rejects.toMatchObject({
			faults: [{ pointer: "/prefixes/1" }],
		});
		await expect(add("Not An Id", [])).rejects.toMatchObject({
			faults: [{ pointer: "/id" }],
		});
	});

	test("is for administrators and the system", async () => {
		const staff = {
			kind: "staff",
			staffId: "staff_x",
			name: "Sam",
			keyId: "key_x",
		} as const;
		await expect(
			add("y", [], { ...staff, scopes: ["desk:inventory"] }),
		).rejects.toMatchObject({ code: "auth.forbidden" });
		await expect(
			add("y", [], { ...staff, scopes: ["desk:admin"] }),
		).resolves.toEqual({
			id: "y",
		});
	});
});
