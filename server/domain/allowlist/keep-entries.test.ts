import { beforeAll, describe, expect, test } from "vitest";
import { testNow, useDatabase } from "../../../test/db.ts";
import { expectInvariants } from "../../../test/deltas.ts";
import { createWorld } from "../../../test/world.ts";
import { type Actor, system } from "../../kernel/actor.ts";
import { sql } from "../../platform/sql.ts";
import { requestPort25 } from "../port25/request-port25.ts";
import { addEntryByHand } from "./add-entry-by-hand.ts";
import { listOwnEntries } from "./read-entries.ts";
import { resumeEntry } from "./resume-entry.ts";
import { revokeEntry } from "./revoke-entry.ts";
import { findSite } from "./site-store.ts";
import { suspendEntry } from "./suspend-entry.ts";

const db = useDatabase();
const world = createWorld(() => db.performer);

beforeAll(() => world.begin());

async function open() {
	const client = await world.addClient("trusted");
	const vps = await client.addVps();
	const reviewer = await world.addReviewer();
	const { entry } = await db.performer.perform(client.actor, requestPort25, {
		vps: { id: vps.id },
		reason: "Mail.",
		requirement: "enforced",
	});
	const { id } = entry!;
	const { perform } = db.performer;
	return {
		client,
		vps,
		reviewer,
		id,
		suspend: (reason = "Complaints.", actor: Actor = reviewer) =>
			perform(actor, suspendEntry, { id, reason }),
		resume: (actor: Actor = reviewer) => perform(actor, resumeEntry, { id }),
		revoke: (reason = "Spam.", actor: Actor = reviewer) =>
			perform(actor, revokeEntry, { id, reason }),
	};
}

/** The last delta of the site, and the site. */
async function siteNow() {
	const [site, delta] = await Promise.all([
		findSite(db.sql, "default"),
		db.sql.first(sql<{ added: string[]; removed: string[] }>`
			select array(select host(a) from unnest(added) a) as added, array(select host(r) from unnest(removed) r) as removed
			from allowlist_deltas where site_id = 'default' order by revision desc limit 1`),
	]);
	return { revision: site?.revision ?? 0, size: site?.size ?? 0, ...delta };
}

describe("suspend, resume and revoke", () => {
	test("each raise the revision of the site, and leave their delta and event", async () => {
		const { id, vps, client, suspend, resume, revoke } = await open();
		const { revision, size } = await siteNow();

		expect(await suspend()).toMatchObject({
			state: "suspended",
			endReason: "Complaints.",
			updatedAt: testNow,
		});
		expect(await siteNow()).toEqual({
			revision: revision + 1,
			size: size - 1,
			added: [],
			removed: [vps.ip],
		});
		expect(
			await db.performer.ask(client.actor, listOwnEntries, {}),
		).toHaveLength(1);

		expect(await resume()).toMatchObject({ state: "active", endReason: null });
		expect(await siteNow()).toEqual({
			revision: revision + 2,
			size,
			added: [vps.ip],
			removed: [],
		});

		expect(await revoke()).toMatchObject({
			state: "revoked",
			endReason: "Spam.",
		});
		expect(await siteNow()).toEqual({
			revision: revision + 3,
			size: size - 1,
			added: [],
			removed: [vps.ip],
		});
		expect(await db.performer.ask(client.actor, listOwnEntries, {})).toEqual(
			[],
		);

		const events = await db.sql.rows<{ kind: string; data: unknown }>(
			sql`select kind, data from events where subject = ${id} order by id`,
		);
		expect(events).toEqual(
			["added", "suspended", "resumed", "revoked"].map((what, i) => ({
				kind: `allowlist.entry_${what}`,
				data: { address: vps.ip, siteId: "default", revision: revision + i },
			})),
		);
		await expectInvariants(db.sql);
	});

	test("a suspended entry can be revoked: nothing is open to close", async () => {
		const { suspend, revoke } = await open();
		await suspend();
		const before = await siteNow();
		await revoke();
		expect(await siteNow()).toEqual({
			revision: before.revision + 1,
			size: before.size,
			added: [],
			removed: [],
		});
		await expectInvariants(db.sql);
	});

	test("an entry that is opened again is not open before the edge says so", async () => {
		const { id, suspend, resume } = await open();
		await db.ownerSql.run(
			sql`update allowlist_entries set opened_at = now() where id = ${id}`,
		);
		expect((await suspend()).openedAt).not.toBeNull();
		expect((await resume()).openedAt).toBeNull();
	});

	test("refuse what the state does not allow, and what does not exist", async () => {
		const { reviewer, suspend, resume, revoke } = await open();
		const wrong = { code: "allowlist.state_wrong" };
		await expect(resume()).rejects.toMatchObject(wrong);
		await suspend();
		await expect(suspend()).rejects.toMatchObject(wrong);
		await revoke();
		await expect(suspend()).rejects.toMatchObject(wrong);
		await expect(resume()).rejects.toMatchObject(wrong);
		await expect(revoke()).rejects.toMatchObject(wrong);
		const missing = { id: "entry_x", reason: "x" };
		for (const verb of [suspendEntry, resumeEntry, revokeEntry])
			await expect(
				db.performer.perform(reviewer, verb, missing),
			).rejects.toMatchObject({ code: "resource.not_found" });
	});

	test("are for reviewers only", async () => {
		const { client, reviewer, suspend, resume, revoke } = await open();
		for (const actor of [
			client.actor,
			{ ...reviewer, scopes: ["desk:admin", "desk:inventory"] },
			system("test"),
		])
			for (const attempt of [
				() => suspend("x", actor),
				() => resume(actor),
				() => revoke("x", actor),
			])
				await expect(attempt()).rejects.toMatchObject({
					code: "auth.forbidden",
				});
	});

	test("what became inactive is not resumed", async () => {
		const { id, client, vps, suspend, resume } = await open();
		await suspend();
		// Ending them revokes the entry; here somebody put the rows right by hand.
		const set = (table: "clients" | "services", status: string) =>
			db.ownerSql.run(
				table === "clients"
					? sql`update clients set status = ${status} where id = ${client.id}`
					: sql`update services set status = ${status} where id = ${vps.id}`,
			);
		await set("clients", "suspended");
		await expect(resume()).rejects.toMatchObject({ code: "account.inactive" });
		await set("clients", "active");
		await set("services", "suspended");
		await expect(resume()).rejects.toMatchObject({ code: "vps.not_ready" });
		await set("services", "active");
		await expect(resume()).resolves.toMatchObject({ id, state: "active" });
		await expectInvariants(db.sql);
	});

	test("of two at once one wins and the other is told so", async () => {
		for (let round = 0; round < 5; round += 1) {
			const { revoke } = await open();
			const results = await Promise.allSettled([revoke("a"), revoke("b")]);
			expect(
				results.filter(({ status }) => status === "rejected"),
			).toMatchObject([{ reason: { code: "allowlist.state_wrong" } }]);
		}
		await expectInvariants(db.sql);
	});
});

describe("addEntryByHand", () => {
	async function closed(standing: "prepaid" | "trusted" = "prepaid") {
		const client = await world.addClient(standing);
		const vps = await client.addVps();
		const reviewer = await world.addReviewer();
		const add = (address = vps.ip, actor: Actor = reviewer) =>
			db.performer.perform(actor, addEntryByHand, { address, note: "Called." });
		const submit = () =>
			db.performer.perform(client.actor, requestPort25, {
				vps: { id: vps.id },
				reason: "Mail.",
				requirement: "enforced",
			});
		return { client, vps, reviewer, add, submit };
	}

	test("opens an address that a VPS has, of either family", async () => {
		const { client, vps, reviewer, add } = await closed();
		const { revision, size } = await siteNow();
		expect(await add()).toMatchObject({
			state: "active",
			address: vps.ip,
			clientId: client.id,
			clientLegacyId: client.legacyId,
			serviceId: vps.id,
			serviceLegacyId: vps.legacyId,
			serviceName: vps.name,
			siteId: "default",
			requestId: null,
			notes: "Called.",
			addedBy: "staff",
			addedById: reviewer.staffId,
		});
		await add(vps.ip6);
		expect(await siteNow()).toEqual({
			revision: revision + 2,
			size: size + 2,
			added: [vps.ip6],
			removed: [],
		});
		await expectInvariants(db.sql);
	});

	test("refuses an address that nobody has, and one that was taken away", async () => {
		const { vps, add } = await closed();
		const refusal = {
			code: "request.invalid",
			faults: [{ pointer: "/ipAddress" }],
		};
		await expect(add("198.18.255.255")).rejects.toMatchObject(refusal);
		await world.takeAddresses(vps);
		await expect(add()).rejects.toMatchObject(refusal);
	});

	test("refuses an address that is open, and one that waits for a decision", async () => {
		const asked = await closed();
		await asked.submit();
		await expect(asked.add()).rejects.toMatchObject({
			code: "port25.request_pending",
		});
		const twice = await closed();
		await twice.add();
		await expect(twice.add()).rejects.toMatchObject({
			code: "port25.already_open",
		});
		await expect(twice.submit()).rejects.toMatchObject({
			code: "port25.already_open",
		});
	});

	test("refuses an inactive account and a VPS that is not active", async () => {
		const suspended = await closed();
		await suspended.client.setStatus("suspended");
		await expect(suspended.add()).rejects.toMatchObject({
			code: "account.inactive",
		});
		const { client, add } = await closed();
		const pending = await client.addVps({ status: "pending" });
		await expect(add(pending.ip)).rejects.toMatchObject({
			code: "vps.not_ready",
		});
	});

	test("and the customer's own request at once: never both", async () => {
		for (let round = 0; round < 8; round += 1) {
			const { add, submit } = await closed();
			const [added, asked] = await Promise.allSettled([add(), submit()]);
			expect([added.status, asked.status].sort()).toEqual([
				"fulfilled",
				"rejected",
			]);
		}
		await expectInvariants(db.sql);
	});

	test("is for reviewers only", async () => {
		const { client, vps, reviewer, add } = await closed();
		for (const actor of [
			client.actor,
			{ ...reviewer, scopes: ["desk:admin"] },
			system("test"),
		])
			await expect(add(vps.ip, actor)).rejects.toMatchObject({
				code: "auth.forbidden",
			});
	});
});
