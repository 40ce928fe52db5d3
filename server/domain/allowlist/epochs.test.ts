import { beforeAll, describe, expect, test } from "vitest";
import { testNow, useDatabase } from "../../../test/db.ts";
import { expectDeltasReplay } from "../../../test/deltas.ts";
import {
	createWorld,
	type TestClient,
	type TestVps,
} from "../../../test/world.ts";
import { confirm, foresee, suspendAll } from "../../cli/restored-entries.ts";
import { type Actor, system } from "../../kernel/actor.ts";
import { sql } from "../../platform/sql.ts";
import { requestPort25 } from "../port25/request-port25.ts";
import { beginEpoch } from "./begin-epoch.ts";
import { confirmRestored } from "./confirm-restored.ts";
import { compareSystems, restoredReason, whyNotResumed } from "./epoch.ts";
import { noteSystem } from "./note-system.ts";
import { settleRestore } from "./settle-restore.ts";
import { suspendEntry } from "./suspend-entry.ts";
import { suspendRestored } from "./suspend-restored.ts";

const db = useDatabase();
const world = createWorld(() => db.performer);
const actor = system("test");

interface Opened {
	readonly client: TestClient;
	readonly vps: TestVps;
	readonly entryId: string;
}

/** A client whose address is on the allow-list. */
async function open(): Promise<Opened> {
	const client = await world.addClient("trusted");
	const vps = await client.addVps();
	const { entryId } = await db.performer.perform(client.actor, requestPort25, {
		vps: { id: vps.id },
		reason: "Mail.",
		requirement: "enforced",
	});
	return { client, vps, entryId: entryId ?? "" };
}

beforeAll(() => world.begin());

async function site() {
	const row = await db.sql.first(
		sql<{
			epoch: string;
			revision: number;
			size: number;
		}>`select epoch, revision, size from sites where id = 'default'`,
	);
	return row ?? { epoch: "", revision: -1, size: -1 };
}

/** Addresses that are active, wherever. */
async function active(): Promise<string[]> {
	const rows = await db.sql.rows(sql<{ address: string }>`
		select host(address) as address from allowlist_entries where state = 'active' order by address`);
	return rows.map((row) => row.address);
}

async function stateOf(id: string) {
	return db.sql.first(
		sql<{
			state: string;
			endReason: string | null;
		}>`select state, end_reason from allowlist_entries where id = ${id}`,
	);
}

async function eventsAfter(body: () => Promise<unknown>) {
	const last = await db.sql.first(
		sql<{ id: number }>`select coalesce(max(id), 0) as id from events`,
	);
	await body();
	return db.sql.rows(
		sql<{
			kind: string;
			subject: string;
			data: Record<string, unknown>;
		}>`select kind, subject, data from events where id > ${last?.id} order by id`,
	);
}

const first = { systemIdentifier: "7000000000000000001", timeline: 1 };

describe("begin-epoch", () => {
	test("starts revisions over from what is active, which stays so", async () => {
		const opened = await open();
		const before = await site();
		const events = await eventsAfter(() =>
			db.performer.perform(actor, beginEpoch, { reason: "asked" }),
		);
		const after = await site();
		expect(after.epoch).not.toBe(before.epoch);
		expect(after).toMatchObject({ revision: 1, size: before.size });
		expect(await active()).toContain(opened.vps.ip);
		await expectDeltasReplay(db.sql);
		expect(events).toEqual([
			{
				kind: "site.epoch_begun",
				subject: "default",
				data: { epoch: after.epoch, reason: "asked", revision: 1 },
			},
		]);
	});

	test("goes on from there with the next change", async () => {
		await db.performer.perform(actor, beginEpoch, { reason: "asked" });
		const { vps } = await open();
		expect((await site()).revision).toBe(2);
		expect(await active()).toContain(vps.ip);
		await expectDeltasReplay(db.sql);
	});
});

describe("note-system", () => {
	const note = (system: typeof first) =>
		db.performer.perform(actor, noteSystem, system);

	test("remembers the first database without a new epoch, and does nothing for the same one", async () => {
		const before = await site();
		expect(await eventsAfter(() => note(first))).toEqual([]);
		expect(await note(first)).toBe("same");
		expect(await site()).toEqual(before);
	});

	test.each([
		["timeline_changed", { ...first, timeline: 2 }],
		[
			"system_changed",
			{ systemIdentifier: "7000000000000000002", timeline: 2 },
		],
	])("begins one epoch when it finds %s", async (reason, changed) => {
		const before = await site();
		const found = await Promise.all([note(changed), note(changed)]);
		expect(found.sort()).toEqual(["same", reason].sort());
		const after = await site();
		expect(after.epoch).not.toBe(before.epoch);
		await expectDeltasReplay(db.sql);
		expect(await note(changed)).toBe("same");
		expect(await site()).toEqual(after);
	});
});

describe("after a restore", () => {
	let confirmed: Opened;
	let suspendedByStaff: Opened;

	test("every active entry is suspended, the epoch is new, and the deltas lead to the empty set", async () => {
		confirmed = await open();
		suspendedByStaff = await open();
		const reviewer = await world.addReviewer();
		// In the words of a restore, which anybody may have read: they are not what tells the two apart.
		await db.performer.perform(reviewer, suspendEntry, {
			id: suspendedByStaff.entryId,
			reason: restoredReason,
		});
		const before = await site();
		const wasActive = await active();
		expect(await suspendAll(db.performer, actor)).toBe(wasActive.length);
		const events = await eventsAfter(() =>
			db.performer.perform(actor, settleRestore, {
				backupAt: testNow,
				system: { systemIdentifier: "7000000000000000003", timeline: 1 },
			}),
		);
		expect(events.map(({ kind }) => kind)).toEqual([
			"database.restored",
			"site.epoch_begun",
		]);
		expect(await active()).toEqual([]);
		expect(await stateOf(confirmed.entryId)).toEqual({
			state: "suspended",
			endReason: restoredReason,
		});
		const after = await site();
		expect(after.epoch).not.toBe(before.epoch);
		expect(after).toMatchObject({ revision: 0, size: 0 });
		await expectDeltasReplay(db.sql);
	});

	test("the next start finds nothing changed", async () => {
		const system = { systemIdentifier: "7000000000000000003", timeline: 1 };
		expect(await db.performer.perform(actor, noteSystem, system)).toBe("same");
	});

	test("confirm shows what it would do, and resumes exactly what the restore suspended and still may be open", async () => {
		const inactive = await suspendedByRestore();
		// Not through the billing system's verbs: they would revoke the entry at once.
		await db.ownerSql.run(
			sql`update clients set status = 'suspended' where id = ${inactive.client.id}`,
		);
		const stopped = await suspendedByRestore();
		await db.ownerSql.run(
			sql`update services set status = 'suspended' where id = ${stopped.vps.id}`,
		);
		const staying = [
			expect.objectContaining({
				id: inactive.entryId,
				whyNot: "the account is not active",
			}),
			expect.objectContaining({
				id: stopped.entryId,
				whyNot: "the service is not active",
			}),
		];
		const before = await site();
		const foreseen = await foresee(db.performer, actor);
		expect(await site()).toEqual(before);
		expect(foreseen.staying).toHaveLength(2);
		expect(foreseen.staying).toEqual(expect.arrayContaining(staying));

		expect(await confirm(db.performer, actor)).toEqual(foreseen);
		expect(await active()).toHaveLength(foreseen.resumed);
		expect(await active()).toContain(confirmed.vps.ip);
		await expectDeltasReplay(db.sql);
		expect(await stateOf(confirmed.entryId)).toEqual({
			state: "active",
			endReason: null,
		});
		expect(await stateOf(suspendedByStaff.entryId)).toEqual({
			state: "suspended",
			endReason: restoredReason,
		});
		expect(await stateOf(inactive.entryId)).toMatchObject({
			state: "suspended",
		});

		await db.ownerSql.run(
			sql`update clients set status = 'active' where id = ${inactive.client.id}`,
		);
		expect(await confirm(db.performer, actor)).toMatchObject({ resumed: 1 });
		expect(await active()).toContain(inactive.vps.ip);
	});

	async function suspendedByRestore(): Promise<Opened> {
		const opened = await open();
		await suspendAll(db.performer, actor);
		return opened;
	}

	test("more entries than fit one transaction are suspended and resumed, each once", async () => {
		const { client, vps } = await open();
		await db.ownerSql.run(sql`
			with many as (select i, ('100.64.' || i / 256 || '.' || i % 256)::inet as address from generate_series(1, 2100) i),
			leased as (
				insert into leases (id, address, service_id, client_id, started_at)
				select 'lease_' || i, address, ${vps.id}, ${client.id}, now() from many
			)
			insert into allowlist_entries
				(id, address, lease_id, client_id, client_legacy_id, service_id, service_legacy_id, service_name, site_id,
				 site_revision, state, added_by, added_by_id, created_at, updated_at)
			select 'entry_' || lpad(i::text, 26, '0'), address, 'lease_' || i, ${client.id}, 1, ${vps.id}, 1, 'x', 'default',
				0, 'active', 'system', 'test', now(), now() from many`);
		await db.performer.perform(actor, beginEpoch, { reason: "asked" });
		const wasActive = await active();
		expect(await suspendAll(db.performer, actor)).toBe(wasActive.length);
		await expectDeltasReplay(db.sql);
		expect((await confirm(db.performer, actor)).resumed).toBeGreaterThan(2_100);
		expect(await active()).toEqual(expect.arrayContaining(wasActive));
		await expectDeltasReplay(db.sql);
	});
});

test("all of it is for the system and administrators", async () => {
	const reviewer: Actor = {
		kind: "staff",
		staffId: "staff_x",
		name: "Sam",
		keyId: "key_x",
		scopes: ["desk:review"],
	};
	const refused = { code: "auth.forbidden" };
	const { performer } = db;
	const attempts = [
		() => performer.perform(reviewer, beginEpoch, { reason: "asked" }),
		() => performer.perform(reviewer, noteSystem, first),
		() => performer.perform(reviewer, suspendRestored, { after: "" }),
		() => performer.perform(reviewer, confirmRestored, { after: "" }),
		() =>
			performer.perform(reviewer, settleRestore, {
				backupAt: testNow,
				system: first,
			}),
	];
	for (const attempt of attempts)
		await expect(attempt()).rejects.toMatchObject(refused);
});

test("rules of the noun", () => {
	expect(compareSystems(null, first)).toBe("first");
	expect(compareSystems(first, { ...first })).toBe("same");
	expect(
		whyNotResumed({ isClientActive: true, isServiceActive: true }),
	).toBeUndefined();
});
