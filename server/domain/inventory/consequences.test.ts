/** What becomes of requests and entries when what they stand on changes. */
import { beforeAll, describe, expect, test } from "vitest";
import { testNow, useDatabase } from "../../../test/db.ts";
import { expectInvariants } from "../../../test/deltas.ts";
import {
	createWorld,
	type TestClient,
	type TestVps,
} from "../../../test/world.ts";
import { system } from "../../kernel/actor.ts";
import { sql } from "../../platform/sql.ts";
import { saveClient } from "../accounts/save-client.ts";
import { approveRequest } from "../port25/approve-request.ts";
import { requestPort25 } from "../port25/request-port25.ts";
import { endService } from "./end-service.ts";
import { saveEachService } from "./save-each-service.ts";
import { saveInventory } from "./save-inventory.ts";
import { saveService } from "./save-service.ts";
import type { ServiceStatus } from "./service.ts";
import type { SaveServiceInput } from "./service-report.ts";

const db = useDatabase();
const world = createWorld(() => db.performer);
const billing = system("billing");

beforeAll(() => world.begin());

/** A VPS with a pending request on its IPv4 address and a live entry on its IPv6 address. */
async function granted() {
	const client = await world.addClient("trusted");
	const vps = await client.addVps();
	await ask(client, vps, vps.ip6);
	await setProofs(client, []);
	await ask(client, vps, vps.ip);
	expect(await stateOf(vps.ip)).toEqual({ request: "pending", entry: null });
	expect(await stateOf(vps.ip6)).toEqual({
		request: "approved",
		entry: "active",
	});
	return { client, vps };
}

type Granted = Awaited<ReturnType<typeof granted>>;

function ask({ actor }: TestClient, vps: TestVps, address: string) {
	return db.performer.perform(actor, requestPort25, {
		vps: { id: vps.id },
		address,
		reason: "Mail.",
		requirement: "recorded",
	});
}

/** Without a proof nothing is approved by itself. */
async function setProofs({ legacyId }: TestClient, identityProofs: []) {
	await db.performer.perform(billing, saveClient, { legacyId, identityProofs });
}

function save({ legacyId }: TestVps, change: Partial<SaveServiceInput>) {
	return db.performer.perform(billing, saveService, {
		kind: "vps",
		legacyId,
		...change,
	});
}

/** Of the newest request and the newest entry of an address. */
async function stateOf(address: string) {
	const found = await db.sql.first<{
		request: string | null;
		entry: string | null;
	}>(sql`
		select
			(select state from port25_requests where address = ${address}::inet order by number desc limit 1) as request,
			(select state from allowlist_entries where address = ${address}::inet order by number desc limit 1) as entry`);
	return found;
}

async function reasonsOf(address: string) {
	const rows = await db.sql.rows<{ reason: string | null }>(sql`
		select ended_reason as reason from port25_requests where address = ${address}::inet
		union select end_reason from allowlist_entries where address = ${address}::inet`);
	return rows.flatMap(({ reason }) => reason ?? []);
}

async function expectEnded(address: string, reason: string): Promise<void> {
	const { request, entry } = (await stateOf(address)) ?? {};
	expect(request).not.toBe("pending");
	expect(entry ?? "revoked").toBe("revoked");
	expect(await reasonsOf(address)).toEqual([reason]);
}

async function lastEvents(count: number): Promise<string[]> {
	const rows = await db.sql.rows<{ kind: string }>(
		sql`select kind from events order by id desc limit ${count}`,
	);
	return rows.map(({ kind }) => kind).toReversed();
}

describe("an address that moves to another service", () => {
	test("takes nothing along: its request ends and its entry is revoked, whoever has it now", async () => {
		for (const isOwn of [true, false]) {
			const { client, vps } = await granted();
			const receiver = isOwn ? client : await world.addClient("prepaid");
			const other = await receiver.addVps();
			await save(other, { addresses: [other.ip, vps.ip, vps.ip6] });
			for (const address of [vps.ip, vps.ip6])
				await expectEnded(address, "The address moved to another service.");
			await save(vps, { addresses: [vps.ip, vps.ip6] });
			expect(await stateOf(vps.ip)).toMatchObject({ request: "expired" });
			expect(await stateOf(vps.ip6)).toMatchObject({ entry: "revoked" });
		}
	});

	test("leaves the events of all that ended with it, in one transaction", async () => {
		const { client, vps } = await granted();
		const other = await client.addVps();
		await save(other, { addresses: [vps.ip, vps.ip6] });
		expect(await lastEvents(10)).toEqual([
			"port25.expired",
			"allowlist.entry_revoked",
			// The one that gets them, and the one that has no primary address now.
			"service.saved",
			"service.saved",
			// The two that it had, and the two that come.
			"lease.ended",
			"lease.ended",
			"lease.ended",
			"lease.ended",
			"lease.started",
			"lease.started",
		]);
	});
});

test("an address that is taken away ends what stood on it, and leaves the others alone", async () => {
	const { vps } = await granted();
	await save(vps, { addresses: [vps.ip] });
	await expectEnded(vps.ip6, "The address was taken away from the service.");
	expect(await stateOf(vps.ip)).toMatchObject({ request: "pending" });
});

describe("a service", () => {
	test.each<[ServiceStatus, string]>([
		["suspended", "The service was suspended."],
		["terminated", "The service was terminated."],
		["cancelled", "The service was cancelled."],
		["expired", "The service expired."],
		["fraud", "The service was closed."],
	])(
		"that becomes %s ends what stood on it in words for the customer, and coming back opens nothing",
		async (status, words) => {
			const { vps } = await granted();
			await save(vps, { status });
			await save(vps, { status: "active" });
			for (const address of [vps.ip, vps.ip6])
				await expectEnded(address, words);
		},
	);

	test.each(["pending", "unknown"] as const)(
		"that becomes %s keeps what was granted, and gets nothing new",
		async (status) => {
			const { client, vps } = await granted();
			await save(vps, { status });
			expect(await stateOf(vps.ip)).toMatchObject({ request: "pending" });
			expect(await stateOf(vps.ip6)).toMatchObject({ entry: "active" });
			await save(vps, { addresses: [vps.ip, vps.ip6, `${vps.ip6}:1`] });
			await expect(ask(client, vps, `${vps.ip6}:1`)).rejects.toMatchObject({
				code: "vps.not_ready",
			});
			await save(vps, { status: "fraud" });
			expect(await stateOf(vps.ip6)).toMatchObject({ entry: "revoked" });
		},
	);

	test("that ends loses its addresses and what stood on them, once", async () => {
		const { vps } = await granted();
		const end = () =>
			db.performer.perform(billing, endService, {
				kind: "vps",
				legacyId: vps.legacyId,
			});
		expect(await end()).toEqual({ id: vps.id, applied: true });
		for (const address of [vps.ip, vps.ip6])
			await expectEnded(address, "The service has ended.");
		const row = await db.sql.first(sql`
			select status, ended_at, host(primary_ip) as primary_ip, observed_at,
				(select count(*) from leases where service_id = ${vps.id} and ended_at is null) as addresses
			from services where id = ${vps.id}`);
		expect(row).toEqual({
			status: "terminated",
			endedAt: testNow,
			primaryIp: null,
			observedAt: testNow,
			addresses: 0,
		});
		expect(await lastEvents(5)).toEqual([
			"port25.expired",
			"allowlist.entry_revoked",
			"lease.ended",
			"lease.ended",
			"service.ended",
		]);
		const before = await db.sql.first(sql`select max(id) as last from events`);
		expect(await end()).toEqual({ id: vps.id, applied: true });
		expect(await db.sql.first(sql`select max(id) as last from events`)).toEqual(
			before,
		);
	});

	test("that has ended has no addresses until it comes back with a status", async () => {
		const { vps } = await granted();
		const key = { kind: "vps", legacyId: vps.legacyId } as const;
		await db.performer.perform(billing, endService, key);
		for (const status of [undefined, "terminated"] as const)
			await expect(
				save(vps, { addresses: [vps.ip], ...(status && { status }) }),
			).rejects.toMatchObject({ faults: [{ pointer: "/addresses" }] });
		// What was true before it ended, and comes late.
		expect(
			await save(vps, {
				status: "active",
				observedAt: new Date(testNow.getTime() - 1),
			}),
		).toEqual({ id: vps.id, applied: false });
		await save(vps, { status: "active", addresses: [vps.ip] });
		expect(await stateOf(vps.ip)).toMatchObject({ request: "expired" });
		const row = await db.sql.first(
			sql`select status, ended_at, host(primary_ip) as primary_ip from services where id = ${vps.id}`,
		);
		expect(row).toEqual({ status: "active", endedAt: null, primaryIp: vps.ip });
	});

	test("nobody knows cannot be ended, nor by others than the operator", async () => {
		await expect(
			db.performer.perform(billing, endService, { kind: "vps", legacyId: 1 }),
		).rejects.toMatchObject({ code: "resource.not_found" });
		const { client, vps } = await granted();
		const key = { kind: "vps", legacyId: vps.legacyId } as const;
		for (const actor of [
			client.actor,
			{ ...(await world.addReviewer()), scopes: ["desk:review"] },
		])
			await expect(
				db.performer.perform(actor, endService, key),
			).rejects.toMatchObject({ code: "auth.forbidden" });
		await expect(
			db.performer.perform(billing, endService, { ...key, kind: "domain" }),
		).rejects.toMatchObject({ code: "resource.not_found" });
	});
});

describe("an account", () => {
	test.each(["suspended", "closed"] as const)(
		"that becomes %s loses what was granted on all its services, and gets nothing back",
		async (status) => {
			const { client, vps } = await granted();
			const bystander = await granted();
			await client.setStatus(status);
			await client.setStatus("active");
			for (const address of [vps.ip, vps.ip6])
				await expectEnded(address, "The account is no longer active.");
			expect(await stateOf(bystander.vps.ip)).toMatchObject({
				request: "pending",
			});
		},
	);
});

describe("a decision at the same moment", () => {
	const ends = {
		"the address moves": async ({ vps }: Granted) => {
			const other = await (await world.addClient("prepaid")).addVps();
			return () => save(other, { addresses: [vps.ip, vps.ip6] });
		},
		"the address is taken away": async ({ vps }: Granted) => {
			return () => save(vps, { addresses: [] });
		},
		"the service ends": async ({ vps }: Granted) => {
			const key = { kind: "vps", legacyId: vps.legacyId } as const;
			return () => db.performer.perform(billing, endService, key);
		},
		"the account is suspended": async ({ client }: Granted) => {
			return () => client.setStatus("suspended");
		},
	};

	test.each(Object.entries(ends))(
		"never leaves anything behind when %s",
		async (_, prepare) => {
			const reviewer = await world.addReviewer();
			for (let round = 0; round < 12; round += 1) {
				const stage = await granted();
				const { client, vps } = stage;
				const end = await prepare(stage);
				const found = await db.sql.first<{ id: string }>(
					sql`select id from port25_requests where address = ${vps.ip}::inet and state = 'pending'`,
				);
				const input = { id: found?.id ?? "", note: null };
				const approve = () =>
					db.performer.perform(reviewer, approveRequest, input);
				// In each order, and what the customer asks for in between.
				const work = [approve, end, () => ask(client, vps, vps.ip)];
				const order = round % 2 === 0 ? work : work.toReversed();
				const [first, , third] = await Promise.allSettled(
					order.map((one) => one()),
				);
				const decided = round % 2 === 0 ? first : third;
				if (decided?.status === "rejected")
					expect(decided.reason).toMatchObject({ code: "port25.not_pending" });
				for (const address of [vps.ip, vps.ip6]) {
					const { request, entry } = (await stateOf(address)) ?? {};
					expect(request).not.toBe("pending");
					expect(entry ?? "revoked").toBe("revoked");
				}
			}
			await expectInvariants(db.sql);
		},
	);
});

describe("many reports in one transaction", () => {
	test("are taken as if one came after the other", async () => {
		const { client, vps } = await granted();
		const other = await client.addVps();
		const key = { kind: "vps", legacyId: vps.legacyId } as const;
		const otherKey = { kind: "vps", legacyId: other.legacyId } as const;
		const outcomes = await db.performer.perform(billing, saveEachService, [
			{ ...otherKey, addresses: [vps.ip6] },
			{ ...key, addresses: [vps.ip, vps.ip6], name: "first" },
			{ ...key, name: "second" },
			{ ...key, addresses: [vps.ip, vps.ip] },
			{ ...otherKey, addresses: [other.ip] },
		]);
		expect(outcomes).toMatchObject([
			{ id: other.id, applied: true },
			{ id: vps.id, applied: true },
			{ id: vps.id, applied: true },
			{ code: "request.invalid" },
			{ id: other.id, applied: true },
		]);
		await expectEnded(vps.ip6, "The address moved to another service.");
		const rows = await db.sql.rows(sql`
			select s.name, host(l.address) as address from leases l join services s on s.id = l.service_id
			where s.id = any(${[vps.id, other.id]}::text[]) and l.ended_at is null order by l.address`);
		expect(rows).toEqual(
			[
				{ name: "second", address: vps.ip },
				{ name: other.name, address: other.ip },
				{ name: "second", address: vps.ip6 },
			].toSorted(byAddress),
		);
	});

	test("a client is there for the services that follow, and not for those before", async () => {
		const client = { legacyId: 77_001, status: "active" } as const;
		const vps = {
			clientLegacyId: 77_001,
			name: "x",
			status: "active",
		} as const;
		const outcomes = await db.performer.perform(billing, saveInventory, [
			{ ...vps, kind: "vps", legacyId: 77_001 },
			{ ...client, kind: "client" },
			{ ...vps, kind: "vps", legacyId: 77_002 },
			{ ...vps, kind: "domain", legacyId: 77_001 },
		]);
		expect(outcomes).toMatchObject([
			{ code: "request.invalid", faults: [{ pointer: "/clientLegacyId" }] },
			{ applied: true },
			{ applied: true },
			{ applied: true },
		]);
	});
});

function byAddress(a: { address: string }, b: { address: string }): number {
	const isSix = (text: string) => Number(text.includes(":"));
	return (
		isSix(a.address) - isSix(b.address) || a.address.localeCompare(b.address)
	);
}
