import { beforeAll, describe, expect, test } from "vitest";
import { useDatabase } from "../../../test/db.ts";
import { createWorld } from "../../../test/world.ts";
import type { StaffActor } from "../../kernel/actor.ts";
import { addEntryByHand } from "./add-entry-by-hand.ts";
import {
	type EntryListInput,
	getEntry,
	listAllowlist,
} from "./list-entries.ts";
import { revokeEntry } from "./revoke-entry.ts";
import { saveSite } from "./save-site.ts";
import { suspendEntry } from "./suspend-entry.ts";

const db = useDatabase();
const world = createWorld(() => db.performer);

const addresses = [
	"192.0.2.0",
	"192.0.2.1",
	"192.0.2.255",
	"192.0.3.0",
	"2001:db8:1::1",
	"2001:db8:1:ffff::1",
] as const;

/** An entry on each address, the first suspended, the second revoked; of two clients by turns. */
let made: {
	readonly reviewer: StaffActor;
	readonly ids: readonly string[];
	readonly clients: readonly {
		readonly id: string;
		readonly legacyId: number;
	}[];
};

beforeAll(async () => {
	await world.begin();
	const reviewer = await world.addReviewer();
	await db.performer.perform(reviewer, saveSite, {
		id: "docs",
		prefixes: ["192.0.2.0/24"],
	});
	const clients = [
		await world.addClient("prepaid"),
		await world.addClient("prepaid"),
	];
	const ids: string[] = [];
	for (const [i, address] of addresses.entries()) {
		await clients[i % 2]!.addVps({ addresses: [address] });
		db.now = new Date(db.now.getTime() + 1);
		const { id } = await db.performer.perform(reviewer, addEntryByHand, {
			address,
			note: "Called.",
		});
		ids.push(id);
	}
	const reason = "Spam.";
	await db.performer.perform(reviewer, suspendEntry, { id: ids[0]!, reason });
	await db.performer.perform(reviewer, revokeEntry, { id: ids[1]!, reason });
	made = { reviewer, ids, clients };
});

function list(input: Partial<EntryListInput>) {
	return db.performer.ask(made.reviewer, listAllowlist, {
		limit: 100,
		...input,
	});
}

describe("listAllowlist", () => {
	test.each<[string, () => Partial<EntryListInput>, readonly number[]]>([
		["everything, the newest first", () => ({}), [5, 4, 3, 2, 1, 0]],
		["what is active", () => ({ state: "active" }), [5, 4, 3, 2]],
		["what is suspended", () => ({ state: "suspended" }), [0]],
		["what was revoked", () => ({ state: "revoked" }), [1]],
		["a site", () => ({ siteId: "docs" }), [2, 1, 0]],
		["no site of the name", () => ({ siteId: "doc" }), []],
		["a client", () => ({ clientId: made.clients[0]!.id }), [4, 2, 0]],
		[
			"a client by its number",
			() => ({ clientLegacyId: made.clients[1]!.legacyId }),
			[5, 3, 1],
		],
		[
			"a number that no client has",
			() => ({ clientLegacyId: 999_999_999 }),
			[],
		],
		["an address", () => ({ network: "192.0.2.1/32" }), [1]],
		[
			"a network, its first and last address too",
			() => ({ network: "192.0.2.0/24" }),
			[2, 1, 0],
		],
		["a wider network", () => ({ network: "192.0.2.0/23" }), [3, 2, 1, 0]],
		["an IPv6 address", () => ({ network: "2001:db8:1::1/128" }), [4]],
		["an IPv6 network", () => ({ network: "2001:db8:1::/64" }), [4]],
		["a wider IPv6 network", () => ({ network: "2001:db8::/32" }), [5, 4]],
		[
			"all at once",
			() => ({
				state: "active",
				siteId: "docs",
				clientId: made.clients[0]!.id,
				network: "192.0.2.128/25",
			}),
			[2],
		],
	])("narrows to %s", async (_, input, expected) => {
		const { data, nextCursor } = await list(input());
		expect(data.map(({ id }) => id)).toEqual(expected.map((i) => made.ids[i]));
		expect(nextCursor).toBeNull();
	});

	test("goes on where its cursor says, under the same filters only", async () => {
		const filter = { state: "active" as const };
		const first = await list({ ...filter, limit: 3 });
		const cursor = first.nextCursor!;
		expect(
			(await list({ ...filter, cursor })).data.map(({ id }) => id),
		).toEqual([made.ids[2]]);
		for (const other of [
			{},
			{ state: "revoked" as const },
			{ ...filter, siteId: "docs" },
			{ ...filter, clientId: "client_x" },
			{ ...filter, clientLegacyId: 1 },
			{ ...filter, network: "192.0.2.0/24" },
		])
			await expect(list({ ...other, cursor })).rejects.toMatchObject({
				code: "request.cursor_invalid",
			});
	});

	test("and a single entry are for reviewers only", async () => {
		const { reviewer, ids } = made;
		const admin = { ...reviewer, scopes: ["desk:admin"] };
		const forbidden = { code: "auth.forbidden" };
		await expect(
			db.performer.ask(admin, listAllowlist, { limit: 1 }),
		).rejects.toMatchObject(forbidden);
		await expect(
			db.performer.ask(admin, getEntry, { id: ids[1]! }),
		).rejects.toMatchObject(forbidden);
		expect(
			await db.performer.ask(reviewer, getEntry, { id: ids[1]! }),
		).toMatchObject({ state: "revoked", endReason: "Spam." });
		await expect(
			db.performer.ask(reviewer, getEntry, { id: "entry_x" }),
		).rejects.toMatchObject({ code: "resource.not_found" });
	});
});
