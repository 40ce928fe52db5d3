import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { testNow, testSettings, useDatabase } from "../../../test/db.ts";
import { expectInvariants } from "../../../test/deltas.ts";
import { createWorld, type Standing } from "../../../test/world.ts";
import { system } from "../../kernel/actor.ts";
import { sql } from "../../platform/sql.ts";
import { addEntryByHand } from "../allowlist/add-entry-by-hand.ts";
import { revokeEntry } from "../allowlist/revoke-entry.ts";
import { approveRequest } from "./approve-request.ts";
import { expireRequest } from "./expire-request.ts";
import { getOwnRequest, getReceipt } from "./read-requests.ts";
import { rejectRequest } from "./reject-request.ts";
import { reopenRequest } from "./reopen-request.ts";
import { listReopenings } from "./reopening-store.ts";
import { requestPort25 } from "./request-port25.ts";
import { withdrawRequest } from "./withdraw-request.ts";

const db = useDatabase();
const world = createWorld(() => db.performer);

beforeAll(() => world.begin());
afterEach(() => {
	db.now = testNow;
});

const hour = 60 * 60 * 1000;
const later = (ms: number) => new Date(testNow.getTime() + ms);

async function submitted(standing: Standing = "prepaid") {
	const client = await world.addClient(standing);
	const vps = await client.addVps();
	const reviewer = await world.addReviewer();
	const submit = () =>
		db.performer.perform(client.actor, requestPort25, {
			vps: { id: vps.id },
			reason: "Mail.",
			requirement: "enforced",
		});
	const request = await submit();
	const { id } = request;
	const { perform } = db.performer;
	return {
		client,
		vps,
		reviewer,
		request,
		submit,
		approve: () => perform(reviewer, approveRequest, { id, note: "Fine." }),
		reject: () => perform(reviewer, rejectRequest, { id, reason: "No." }),
		reopen: (reason = "A second look.") =>
			perform(reviewer, reopenRequest, { id, reason }),
		own: () => db.performer.ask(client.actor, getOwnRequest, { id }),
		receipt: () => db.performer.ask(system("cli"), getReceipt, { id }),
	};
}

async function eventsOf(id: string) {
	const rows = await db.sql.rows<{ kind: string }>(
		sql`select kind from events where subject = ${id} order by id`,
	);
	return rows.map(({ kind }) => kind);
}

describe("reopenRequest", () => {
	test("makes a rejected request pending again, and keeps the rejection on record", async () => {
		const { request, reviewer, reject, reopen, own } = await submitted();
		await reject();
		db.now = later(hour);
		const reopened = await reopen();
		expect(reopened).toMatchObject({
			state: "pending",
			requestedAt: testNow,
			reopenedAt: later(hour),
			updatedAt: later(hour),
			resolvedAt: null,
			decisionReason: null,
			decidedBy: null,
			decidedById: null,
			entry: null,
		});
		expect(await own()).toEqual(reopened);
		expect(await listReopenings(db.sql, request.id)).toEqual([
			{
				requestId: request.id,
				at: later(hour),
				staffId: reviewer.staffId,
				reason: "A second look.",
				decision: "rejected",
				decidedAt: testNow,
				decidedBy: "staff",
				decidedById: reviewer.staffId,
				decisionReason: "No.",
				entryId: null,
			},
		]);
		expect(await eventsOf(request.id)).toEqual([
			"port25.requested",
			"port25.rejected",
			"port25.reopened",
		]);
		await expectInvariants(db.sql);
	});

	test("revokes what an approval had opened, and a later approval opens it anew", async () => {
		const { request, approve, reopen, own, receipt } = await submitted();
		const before = await receipt();
		const first = (await approve()).entry;
		const reopened = await reopen();
		expect(reopened).toMatchObject({
			state: "pending",
			entryId: null,
			entry: {
				id: first?.id,
				state: "revoked",
				endReason: "The approval was taken back.",
			},
		});
		await expectInvariants(db.sql);

		const second = (await approve()).entry;
		expect(second).toMatchObject({ state: "active", requestId: request.id });
		expect(second?.id).not.toBe(first?.id);
		expect((await own()).entry?.id).toBe(second?.id);
		expect(await receipt()).toEqual(before);
		await expectInvariants(db.sql);

		await reopen("Once more.");
		const decisions = await listReopenings(db.sql, request.id);
		expect(decisions.map((one) => [one.reason, one.entryId])).toEqual([
			["A second look.", first?.id],
			["Once more.", second?.id],
		]);
		await expectInvariants(db.sql);
	});

	test("takes back an automatic approval too, which then waits for a person", async () => {
		const { request, reopen, reject, own } = await submitted("trusted");
		expect(request.state).toBe("approved");
		await reopen();
		const [taken] = await listReopenings(db.sql, request.id);
		expect(taken).toMatchObject({
			decision: "approved",
			decidedBy: "system",
			decidedById: "port25-auto",
			decisionReason: "Auto-approved via trust tier policy",
			entryId: request.entryId,
		});
		const rejected = await reject();
		expect(rejected).toMatchObject({
			state: "rejected",
			entry: { state: "revoked" },
		});
		expect(await own()).toEqual(rejected);
	});

	test("works where the entry was revoked already", async () => {
		const { reviewer, approve, reopen } = await submitted();
		const { entry } = await approve();
		await db.performer.perform(reviewer, revokeEntry, {
			id: entry!.id,
			reason: "Spam.",
		});
		const reopened = await reopen();
		expect(reopened.entry).toMatchObject({ endReason: "Spam." });
		expect(await eventsOf(entry!.id)).toEqual([
			"allowlist.entry_added",
			"allowlist.entry_revoked",
		]);
	});

	test("is refused when the grace time is over, to the millisecond", async () => {
		const { reject, reopen } = await submitted();
		await reject();
		db.now = later(24 * hour);
		await expect(reopen()).rejects.toMatchObject({
			code: "port25.decision_final",
		});
		db.now = later(24 * hour - 1);
		await expect(reopen()).resolves.toMatchObject({ state: "pending" });
	});

	test("is never possible where every decision is final", async () => {
		const { reviewer, request, reject } = await submitted();
		await reject();
		const strict = db.performerWith({
			settings: {
				...testSettings,
				port25: { ...testSettings.port25, reopenHours: 0 },
			},
		});
		await expect(
			strict.perform(reviewer, reopenRequest, { id: request.id, reason: "x" }),
		).rejects.toMatchObject({ code: "port25.decision_final" });
	});

	test("is refused for what was not decided, and for what does not exist", async () => {
		const pending = await submitted();
		await expect(pending.reopen()).rejects.toMatchObject({
			code: "port25.not_decided",
		});
		const withdrawn = await submitted();
		await db.performer.perform(withdrawn.client.actor, withdrawRequest, {
			id: withdrawn.request.id,
		});
		await expect(withdrawn.reopen()).rejects.toMatchObject({
			code: "port25.not_decided",
		});
		await expect(
			db.performer.perform(pending.reviewer, reopenRequest, {
				id: "p25_x",
				reason: "x",
			}),
		).rejects.toMatchObject({ code: "resource.not_found" });
	});

	test("is refused where nobody could ask any more", async () => {
		const inactive = await submitted();
		await inactive.reject();
		await inactive.client.setStatus("suspended");
		await expect(inactive.reopen()).rejects.toMatchObject({
			code: "account.inactive",
		});
		const moved = await submitted();
		await moved.reject();
		await world.takeAddresses(moved.vps);
		await expect(moved.reopen()).rejects.toMatchObject({
			code: "vps.not_ready",
		});
		expect(await listReopenings(db.sql, moved.request.id)).toEqual([]);
	});

	test("is refused while another request for the address is pending, or the address is open otherwise", async () => {
		const { vps, reviewer, request, reject, reopen, submit } =
			await submitted();
		await reject();
		const eager = db.performerWith({
			settings: {
				...testSettings,
				port25: { ...testSettings.port25, reopenHours: 1000 },
			},
		});
		const reopenLate = () =>
			eager.perform(reviewer, reopenRequest, { id: request.id, reason: "x" });
		db.now = later(7 * 24 * hour);
		const other = await submit();
		await expect(reopenLate()).rejects.toMatchObject({
			code: "port25.request_pending",
		});
		await expect(reopen()).rejects.toMatchObject({
			code: "port25.decision_final",
		});
		await db.performer.perform(reviewer, rejectRequest, {
			id: other.id,
			reason: "No.",
		});
		await db.performer.perform(reviewer, addEntryByHand, {
			address: vps.ip,
			note: "Called.",
		});
		await expect(reopenLate()).rejects.toMatchObject({
			code: "port25.already_open",
		});
		await expectInvariants(db.sql);
	});

	test("is for reviewers only", async () => {
		const { client, reviewer, request, reject } = await submitted();
		await reject();
		for (const actor of [
			client.actor,
			{ ...reviewer, scopes: ["desk:tickets", "desk:admin"] },
			system("test"),
		])
			await expect(
				db.performer.perform(actor, reopenRequest, {
					id: request.id,
					reason: "x",
				}),
			).rejects.toMatchObject({ code: "auth.forbidden" });
	});

	test("of two reviewers at once one re-opens and the other is told so", async () => {
		for (let round = 0; round < 5; round += 1) {
			const { approve, reopen } = await submitted();
			await approve();
			const results = await Promise.allSettled([reopen("a"), reopen("b")]);
			expect(results.map(({ status }) => status).sort()).toEqual([
				"fulfilled",
				"rejected",
			]);
			expect(results.find(({ status }) => status === "rejected")).toMatchObject(
				{ reason: { code: "port25.not_decided" } },
			);
		}
		await expectInvariants(db.sql);
	});
});

describe("a request that was re-opened", () => {
	test("has its full time again before it expires", async () => {
		const { request, reject, reopen, own } = await submitted();
		await reject();
		db.now = later(hour);
		await reopen();
		const jobs = await db.sql.rows<{ payload: { since: string }; runAt: Date }>(
			sql`select payload, run_at from jobs where payload ->> 'requestId' = ${request.id} order by id`,
		);
		expect(jobs).toEqual([
			{
				payload: { requestId: request.id, since: testNow.toISOString() },
				runAt: later(30 * 24 * hour),
			},
			{
				payload: { requestId: request.id, since: later(hour).toISOString() },
				runAt: later(30 * 24 * hour + hour),
			},
		]);
		const expire = (since: Date) =>
			db.performer.perform(system("worker"), expireRequest, {
				id: request.id,
				since,
			});
		db.now = later(30 * 24 * hour);
		expect(await expire(testNow)).toBe(false);
		db.now = later(30 * 24 * hour + hour);
		expect(await expire(later(hour))).toBe(true);
		expect(await own()).toMatchObject({ state: "expired" });
	});

	test("can be withdrawn, and does not cool off any more", async () => {
		const { client, request, reject, reopen, submit } = await submitted();
		await reject();
		await expect(submit()).rejects.toMatchObject({
			code: "port25.cooling_off",
		});
		await reopen();
		await db.performer.perform(client.actor, withdrawRequest, {
			id: request.id,
		});
		await expect(submit()).resolves.toMatchObject({ state: "pending" });
	});
});
