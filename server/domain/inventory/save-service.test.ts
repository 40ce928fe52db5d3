import { beforeAll, describe, expect, test } from "vitest";
import { testNow, useDatabase } from "../../../test/db.ts";
import { type Actor, system } from "../../kernel/actor.ts";
import { sql } from "../../platform/sql.ts";
import { saveClient } from "../accounts/save-client.ts";
import { getVps } from "./get-vps.ts";
import { saveService } from "./save-service.ts";
import type { SaveServiceInput } from "./service-report.ts";

const db = useDatabase();
const billing = system("billing");
const clientLegacyId = 100;
let clientId = "";
let lastNumber = 0;

beforeAll(async () => {
	for (const legacyId of [clientLegacyId, clientLegacyId + 1])
		await db.performer.perform(billing, saveClient, {
			legacyId,
			status: "active",
		});
	const found = await db.sql.first<{ id: string }>(
		sql`select id from clients where legacy_id = ${clientLegacyId}`,
	);
	clientId = found?.id ?? "";
});

/** A VPS that nobody else in this file has, and addresses of its own. */
function fresh() {
	lastNumber += 1;
	const n = lastNumber;
	return {
		vps: {
			kind: "vps",
			legacyId: n,
			clientLegacyId,
			name: `vps-${n}`,
			status: "active",
		},
		a: `192.0.2.${n}`,
		b: `198.51.100.${n}`,
		six: `2001:db8::${n.toString(16)}`,
	} as const;
}

function save(input: SaveServiceInput, actor: Actor = billing) {
	return db.performer.perform(actor, saveService, input);
}

function read(id: string) {
	const actor: Actor = {
		kind: "customer",
		clientId,
		keyId: "key_x",
		scopes: [],
	};
	return db.performer.ask(actor, getVps, { id });
}

function leases(serviceId: string) {
	return db.sql.rows<{ address: string; endReason: string | null }>(sql`
		select host(address) as address, started_at, ended_at, end_reason from leases
		where service_id = ${serviceId} order by started_at, address`);
}

async function liveAddresses(serviceId: string): Promise<string[]> {
	const all = await leases(serviceId);
	return all
		.filter((lease) => lease.endReason === null)
		.map((lease) => lease.address);
}

async function eventKinds(): Promise<string[]> {
	const rows = await db.sql.rows<{ kind: string }>(
		sql`select kind from events where kind <> 'client.saved' order by id`,
	);
	return rows.map((row) => row.kind);
}

describe("a service that is new", () => {
	test("is stored with its leases and their events, in one transaction", async () => {
		const { vps, a, six } = fresh();
		const before = (await eventKinds()).length;
		const { id, applied } = await save({
			...vps,
			planName: "VPS S",
			billing: {
				amount: "199.00",
				currencyCode: "EUR",
				billingCycle: "annually",
				periodYears: 1,
			},
			paidUntil: testNow,
			addresses: [a, six.toUpperCase()],
			primaryIp: a,
			details: { powerState: "running" },
			observedAt: testNow,
		});
		expect(applied).toBe(true);
		expect(await read(id)).toMatchObject({
			id,
			clientId,
			legacyId: vps.legacyId,
			planName: "VPS S",
			amount: "199.00",
			currencyCode: "EUR",
			billingCycle: "annually",
			isPayg: false,
			periodYears: 1,
			paidUntil: testNow,
			primaryIp: a,
			powerState: "running",
			observedAt: testNow,
			createdAt: testNow,
		});
		expect(await leases(id)).toEqual([
			{ address: a, startedAt: testNow, endedAt: null, endReason: null },
			{ address: six, startedAt: testNow, endedAt: null, endReason: null },
		]);
		expect((await eventKinds()).slice(before)).toEqual([
			"service.saved",
			"lease.started",
			"lease.started",
		]);
	});

	test.each([
		["hosting", /^acct_/],
		["domain", /^dom_/],
	] as const)("of the kind %s has the id of its kind", async (kind, form) => {
		const { vps } = fresh();
		expect((await save({ ...vps, kind })).id).toMatch(form);
	});

	test("shares its number with one of another kind", async () => {
		const { vps } = fresh();
		const saved = await Promise.all([
			save(vps),
			save({ ...vps, kind: "domain" }),
		]);
		expect(saved.every(({ applied }) => applied)).toBe(true);
	});

	test.each(["clientLegacyId", "name", "status"] as const)(
		"is refused without %s",
		async (field) => {
			const { vps } = fresh();
			const { [field]: _, ...rest } = vps;
			await expect(save(rest)).rejects.toMatchObject({
				code: "request.invalid",
				faults: [{ pointer: `/${field}` }],
			});
		},
	);

	test("is made once when ten arrive at the same time", async () => {
		const { vps, a } = fresh();
		const saved = await Promise.all(
			Array.from({ length: 10 }, () => save({ ...vps, addresses: [a] })),
		);
		const ids = new Set(saved.map(({ id }) => id));
		expect(ids.size).toBe(1);
		expect(await leases([...ids][0] ?? "")).toHaveLength(1);
	});
});

describe("the addresses of a service", () => {
	test("end and start as they are sent; those that stay keep their lease", async () => {
		const { vps, a, b, six } = fresh();
		const { id } = await save({ ...vps, addresses: [a, six] });
		db.now = new Date(testNow.getTime() + 60_000);
		await save({ kind: "vps", legacyId: vps.legacyId, addresses: [six, b] });
		expect(await leases(id)).toEqual([
			{
				address: a,
				startedAt: testNow,
				endedAt: db.now,
				endReason: "address_removed",
			},
			{ address: six, startedAt: testNow, endedAt: null, endReason: null },
			{ address: b, startedAt: db.now, endedAt: null, endReason: null },
		]);
		expect((await eventKinds()).slice(-3)).toEqual([
			"service.saved",
			"lease.ended",
			"lease.started",
		]);
		expect((await read(id)).primaryIp).toBe(six);
		db.now = testNow;
	});

	test("stay when they are absent, and all end when the list is empty", async () => {
		const { vps, a } = fresh();
		const { id } = await save({ ...vps, addresses: [a] });
		await save({ ...vps, name: "renamed" });
		expect(await liveAddresses(id)).toEqual([a]);
		await save({ ...vps, addresses: [] });
		expect(await liveAddresses(id)).toEqual([]);
		expect((await read(id)).primaryIp).toBeNull();
	});

	test("can return later, as a lease of their own", async () => {
		const { vps, a } = fresh();
		const { id } = await save({ ...vps, addresses: [a] });
		await save({ ...vps, addresses: [] });
		await save({ ...vps, addresses: [a] });
		expect(await leases(id)).toHaveLength(2);
		expect(await liveAddresses(id)).toEqual([a]);
	});

	test("end without going back in time when the clock was set back", async () => {
		const { vps, a } = fresh();
		const { id } = await save({ ...vps, addresses: [a] });
		db.now = new Date(testNow.getTime() - 60_000);
		await save({ ...vps, addresses: [] });
		db.now = testNow;
		expect(await leases(id)).toMatchObject([
			{ startedAt: testNow, endedAt: testNow },
		]);
	});

	test("move from the service that has one, whose primary address becomes another of its own", async () => {
		const { vps, a, b, six } = fresh();
		const other = fresh();
		const { id: loser } = await save({ ...vps, addresses: [a, b, six] });
		const before = (await eventKinds()).length;
		const { id } = await save({
			...other.vps,
			clientLegacyId: clientLegacyId + 1,
			addresses: [other.a, a],
		});
		expect(await liveAddresses(id)).toEqual([other.a, a].toSorted());
		expect(await leases(loser)).toMatchObject([
			{ address: a, endReason: "address_moved" },
			{ address: b, endReason: null },
			{ address: six, endReason: null },
		]);
		expect((await read(loser)).primaryIp).toBe(b);
		expect((await eventKinds()).slice(before)).toEqual([
			"service.saved",
			"service.saved",
			"lease.ended",
			"lease.started",
			"lease.started",
		]);
	});

	test("end with one of many that want the same at the same time, and nobody is refused", async () => {
		const { a } = fresh();
		const saved = await Promise.all(
			Array.from({ length: 8 }, () => save({ ...fresh().vps, addresses: [a] })),
		);
		const found = await db.sql.rows<{ serviceId: string }>(sql`
			select l.service_id, host(s.primary_ip) as primary_ip from leases l join services s on s.id = l.service_id
			where l.address = ${a}::inet and l.ended_at is null`);
		expect(found).toEqual([{ serviceId: expect.any(String), primaryIp: a }]);
		expect(saved.map(({ id }) => id)).toContain(found[0]?.serviceId);
		const losers = saved.filter(({ id }) => id !== found[0]?.serviceId);
		for (const { id } of losers)
			expect((await read(id)).primaryIp, id).toBeNull();
	});

	test("are refused where they are none, and the primary one where it is not among them", async () => {
		const { vps, a, b } = fresh();
		await expect(
			save({ ...vps, addresses: [a, "::ffff:192.0.2.1"] }),
		).rejects.toMatchObject({ faults: [{ pointer: "/addresses/1" }] });
		await expect(save({ ...vps, addresses: [a, a] })).rejects.toMatchObject({
			faults: [{ pointer: "/addresses/1" }],
		});
		await expect(
			save({ ...vps, addresses: [a], primaryIp: b }),
		).rejects.toMatchObject({ faults: [{ pointer: "/primaryIp" }] });
		await expect(
			save({ ...vps, addresses: [a], primaryIp: "nowhere" }),
		).rejects.toMatchObject({ faults: [{ pointer: "/primaryIp" }] });
	});
});

describe("a service that is known", () => {
	test("keeps what is absent, within billing and details too", async () => {
		const { vps } = fresh();
		const { id } = await save({
			...vps,
			planName: "S",
			billing: { amount: "10", billingCycle: "monthly" },
			details: { powerState: "running", resources: { cpuCores: 1 } },
		});
		await save({
			kind: "vps",
			legacyId: vps.legacyId,
			planName: null,
			billing: { isPayg: true },
			details: { powerState: "stopped" },
		});
		expect(await read(id)).toMatchObject({
			name: vps.name,
			planName: null,
			amount: "10.00",
			billingCycle: "monthly",
			isPayg: true,
			powerState: "stopped",
			resources: { cpuCores: 1 },
		});
	});

	test("changes by nothing that is older than what is stored", async () => {
		const { vps, a } = fresh();
		const { id } = await save({ ...vps, addresses: [a], observedAt: testNow });
		const before = (await eventKinds()).length;
		const observedAt = new Date(testNow.getTime() - 1);
		expect(
			await save({ ...vps, name: "old", addresses: [], observedAt }),
		).toEqual({
			id,
			applied: false,
		});
		expect(await liveAddresses(id)).toEqual([a]);
		expect((await read(id)).name).toBe(vps.name);
		expect(await eventKinds()).toHaveLength(before);
	});

	test("is not told of again when the same is said again", async () => {
		const { vps, a } = fresh();
		const input = {
			...vps,
			billing: { amount: "10" },
			details: { resources: { cpuCores: 1 }, powerState: "running" },
			addresses: [a],
			observedAt: testNow,
		};
		const { id } = await save(input);
		const before = await eventKinds();
		db.now = new Date(testNow.getTime() + 60_000);
		expect(await save({ ...input, billing: { amount: "10.00" } })).toEqual({
			id,
			applied: true,
		});
		expect(await eventKinds()).toEqual(before);
		const row = await db.sql.first(
			sql`select updated_at from services where id = ${id}`,
		);
		expect(row).toEqual({ updatedAt: testNow });
		db.now = testNow;
	});

	test("refuses what was observed after now, five minutes aside", async () => {
		const { vps } = fresh();
		const observedAt = new Date(testNow.getTime() + 5 * 60_000);
		await expect(save({ ...vps, observedAt })).resolves.toBeDefined();
		await expect(
			save({ ...vps, observedAt: new Date(observedAt.getTime() + 1) }),
		).rejects.toMatchObject({ faults: [{ pointer: "/observedAt" }] });
	});

	test("does not change hands, and belongs to nobody unknown", async () => {
		const { vps } = fresh();
		await save(vps);
		for (const legacyId of [clientLegacyId + 1, 999_999])
			await expect(
				save({ ...vps, clientLegacyId: legacyId }),
			).rejects.toMatchObject({ faults: [{ pointer: "/clientLegacyId" }] });
	});

	test("refuses an amount that is none", async () => {
		const { vps } = fresh();
		await expect(
			save({ ...vps, billing: { amount: "-1" } }),
		).rejects.toMatchObject({ faults: [{ pointer: "/billing/amount" }] });
	});
});

test("only staff with desk:inventory and the system may", async () => {
	const { vps } = fresh();
	const staff = {
		kind: "staff",
		staffId: "staff_x",
		name: "Sam",
		keyId: "key_x",
	} as const;
	await expect(
		save(vps, { ...staff, scopes: ["desk:review", "desk:tickets"] }),
	).rejects.toMatchObject({ code: "auth.forbidden" });
	await expect(
		save(vps, {
			kind: "customer",
			clientId,
			keyId: "key_x",
			scopes: ["write:all"],
		}),
	).rejects.toMatchObject({ code: "auth.forbidden" });
	await expect(
		save(vps, { ...staff, scopes: ["desk:inventory"] }),
	).resolves.toMatchObject({ applied: true });
});
