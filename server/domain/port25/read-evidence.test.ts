import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { testNow, useDatabase } from "../../../test/db.ts";
import { createWorld } from "../../../test/world.ts";
import { system } from "../../kernel/actor.ts";
import { sql } from "../../platform/sql.ts";
import { addEntryByHand } from "../allowlist/add-entry-by-hand.ts";
import { revokeEntry } from "../allowlist/revoke-entry.ts";
import { getAddressHistory } from "./address-history.ts";
import { approveRequest } from "./approve-request.ts";
import { knownFacts } from "./known-facts.ts";
import { readEvidence } from "./read-evidence.ts";
import { readReceipt } from "./read-receipt.ts";
import { readRequest } from "./read-request.ts";
import { rejectRequest } from "./reject-request.ts";
import { reopenRequest } from "./reopen-request.ts";
import { requestPort25 } from "./request-port25.ts";

const db = useDatabase();
const world = createWorld(() => db.performer);

beforeAll(() => world.begin());
afterEach(() => {
	db.now = testNow;
});

const day = 24 * 60 * 60 * 1000;
const later = (days: number) => new Date(testNow.getTime() + days * day);

async function pending() {
	const client = await world.addClient("prepaid");
	const vps = await client.addVps();
	const reviewer = await world.addReviewer();
	const request = await db.performer.perform(client.actor, requestPort25, {
		vps: { id: vps.id },
		reason: "Mail.",
		requirement: "enforced",
	});
	return { client, vps, reviewer, request };
}

async function audited(subject: string) {
	return db.sql.rows(sql<{
		verb: string;
		actorId: string;
		clientId: string | null;
		data: unknown;
	}>`
		select a.verb, a.actor_id, e.client_id, e.data from audit a join events e on e.id = a.event_id
		where a.subject = ${subject} and a.kind = 'port25.read_by_staff' order by e.id`);
}

describe("reads of what a customer wrote", () => {
	test("each leave an audit row, in which nothing of it stands", async () => {
		const { reviewer, request } = await pending();
		const { perform } = db.performer;
		const input = { id: request.id };
		expect(await perform(reviewer, readRequest, input)).toMatchObject({
			id: request.id,
			reason: "Mail.",
			entry: null,
		});
		await perform(reviewer, readEvidence, input);
		expect(await perform(reviewer, readReceipt, input)).toMatchObject({
			requestId: request.id,
		});
		expect(await audited(request.id)).toEqual(
			["read-request", "read-evidence", "read-receipt"].map((verb) => ({
				verb,
				actorId: reviewer.staffId,
				clientId: null,
				data: {},
			})),
		);
	});

	test("are for reviewers only, and leave nothing when they are refused", async () => {
		const { client, reviewer, request } = await pending();
		for (const verb of [readRequest, readEvidence, readReceipt]) {
			for (const actor of [
				client.actor,
				{ ...reviewer, scopes: ["desk:tickets", "desk:admin"] },
				system("test"),
			])
				await expect(
					db.performer.perform<{ id: string }, unknown>(actor, verb, {
						id: request.id,
					}),
				).rejects.toMatchObject({ code: "auth.forbidden" });
			await expect(
				db.performer.perform<{ id: string }, unknown>(reviewer, verb, {
					id: "p25_x",
				}),
			).rejects.toMatchObject({ code: "resource.not_found" });
		}
		expect(await audited(request.id)).toEqual([]);
		expect(await audited("p25_x")).toEqual([]);
	});
});

describe("readEvidence", () => {
	test("has the facts with their source and age, the trace, and what was decided before", async () => {
		const { reviewer, request } = await pending();
		const { perform } = db.performer;
		const { id } = request;
		await perform(reviewer, rejectRequest, { id, reason: "No." });
		await perform(reviewer, reopenRequest, { id, reason: "Wrong one." });
		db.now = later(3);
		const evidence = await perform(reviewer, readEvidence, { id });
		expect(evidence.request).toMatchObject({ id, state: "pending" });
		expect(evidence.facts.map(({ name }) => name)).toEqual([
			"identityProofs",
			"clientStatus",
			"accountCreatedAt",
			"totalSpend",
			"openAbuseCases",
			"vpsBilling",
			"address",
			"history",
		]);
		expect(evidence.facts[1]).toEqual({
			name: "clientStatus",
			value: "active",
			source: "billing",
			observedAt: testNow.toISOString(),
			ageSeconds: 3 * 24 * 60 * 60,
		});
		expect(evidence.evaluation).toMatchObject({
			verdict: "review",
			tier: 0,
			trace: expect.arrayContaining([
				{
					rule: expect.any(String),
					outcome: "yes",
					because: expect.any(String),
				},
			]),
		});
		expect(evidence.reopenings).toMatchObject([
			{ decision: "rejected", reason: "Wrong one.", decisionReason: "No." },
		]);
	});

	test("has the history of the client and of the address, the oldest first", async () => {
		const first = await pending();
		const { reviewer, vps } = first;
		const { perform } = db.performer;
		const { entry } = await perform(reviewer, approveRequest, {
			id: first.request.id,
			note: null,
		});
		db.now = later(1);
		await perform(reviewer, revokeEntry, { id: entry!.id, reason: "Spam." });
		db.now = later(2);
		const byHand = await perform(reviewer, addEntryByHand, {
			address: vps.ip,
			note: "Called.",
		});
		await world.takeAddresses(vps);
		db.now = later(3);

		const next = await world.addClient("prepaid");
		const nextVps = await next.addVps({ addresses: [vps.ip] });
		const other = await next.addVps();
		const ask = (vpsId: string) =>
			perform(next.actor, requestPort25, {
				vps: { id: vpsId },
				reason: "Mail.",
				requirement: "enforced",
			});
		const elsewhere = await ask(other.id);
		db.now = later(4);
		const again = await ask(nextVps.id);

		const { client, address } = await perform(reviewer, readEvidence, {
			id: again.id,
		});
		expect(client.requests.map(({ id }) => id)).toEqual([
			elsewhere.id,
			again.id,
		]);
		expect(client.entries).toEqual([]);
		expect(client.isComplete).toBe(true);
		expect(address).toMatchObject({
			address: vps.ip,
			leases: [
				{
					clientId: first.client.id,
					serviceId: vps.id,
					serviceKind: "vps",
					serviceLegacyId: vps.legacyId,
					serviceName: vps.name,
					startedAt: testNow,
					endedAt: later(2),
				},
				{ clientId: next.id, serviceId: nextVps.id, endedAt: null },
			],
			requests: [
				{ id: first.request.id, entry: { id: entry!.id } },
				{ id: again.id, entry: null },
			],
			entries: [
				{ id: entry!.id, state: "revoked", endReason: "Spam." },
				{ id: byHand.id, state: "revoked" },
			],
			isComplete: true,
		});
		expect(
			await db.performer.ask(reviewer, getAddressHistory, { address: vps.ip }),
		).toEqual(address);
	});

	test("has the newest of a long history, and says so", async () => {
		const { client, vps, reviewer, request } = await pending();
		await db.ownerSql.run(sql`
			insert into port25_requests (id, client_id, client_legacy_id, service_id, service_legacy_id, service_name, address,
				lease_id, state, tier, bankid_verified, total_spend, account_age_days, policy_hash, receipt, requested_at,
				updated_at, resolved_at, decided_by, decided_by_id)
			select 'p25_' || lpad(n::text, 26, '0'), client_id, client_legacy_id, service_id, service_legacy_id, service_name,
				address, lease_id, 'withdrawn', tier, bankid_verified, total_spend, account_age_days, policy_hash, receipt,
				requested_at - n * interval '1 day', updated_at, updated_at, 'customer', client_id
			from port25_requests, generate_series(1, 100) n where id = ${request.id}`);
		const { client: own, address } = await db.performer.perform(
			reviewer,
			readEvidence,
			{ id: request.id },
		);
		for (const history of [own, address]) {
			expect(history.requests).toHaveLength(100);
			expect(history.requests.at(-1)?.id).toBe(request.id);
			expect(history.requests[0]).toMatchObject({
				requestedAt: later(-99),
				clientId: client.id,
				address: vps.ip,
			});
			expect(history.isComplete).toBe(false);
		}
	});
});

describe("getAddressHistory", () => {
	test("is empty for an address that nobody had, and for reviewers only", async () => {
		const reviewer = await world.addReviewer();
		const input = { address: "192.0.2.200" };
		expect(await db.performer.ask(reviewer, getAddressHistory, input)).toEqual({
			...input,
			leases: [],
			requests: [],
			entries: [],
			isComplete: true,
		});
		await expect(
			db.performer.ask(
				{ ...reviewer, scopes: ["desk:admin"] },
				getAddressHistory,
				input,
			),
		).rejects.toMatchObject({ code: "auth.forbidden" });
	});
});

describe("knownFacts", () => {
	test.each([null, undefined, 7, "x", [], {}, { facts: 7 }, { facts: [] }])(
		"gives every fact its place for the receipt %j",
		(receipt) => {
			const facts = knownFacts(receipt, testNow);
			expect(facts).toHaveLength(8);
			for (const { name, ...rest } of facts)
				expect(rest, name).toEqual({
					value: null,
					source: null,
					observedAt: null,
					ageSeconds: null,
				});
		},
	);

	test("gives one fact for each VPS, and no age to what nobody knows the time of", () => {
		const receipt = {
			facts: {
				vpsBilling: [
					{
						value: { vpsId: "a" },
						source: "billing",
						observedAt: "2026-11-20T09:59:30.500Z",
					},
					{ value: { vpsId: "b" }, source: "billing", observedAt: null },
				],
			},
		};
		expect(
			knownFacts(receipt, testNow).filter(({ name }) => name === "vpsBilling"),
		).toEqual([
			{
				name: "vpsBilling",
				value: { vpsId: "a" },
				source: "billing",
				observedAt: "2026-11-20T09:59:30.500Z",
				ageSeconds: 29,
			},
			{
				name: "vpsBilling",
				value: { vpsId: "b" },
				source: "billing",
				observedAt: null,
				ageSeconds: null,
			},
		]);
	});
});
