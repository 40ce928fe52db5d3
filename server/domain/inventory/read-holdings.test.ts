import { beforeAll, describe, expect, test } from "vitest";
import { testNow, useDatabase } from "../../../test/db.ts";
import { system } from "../../kernel/actor.ts";
import { newId } from "../../kernel/id.ts";
import type { Verb } from "../../platform/perform.ts";
import { sql } from "../../platform/sql.ts";
import { saveClient } from "../accounts/save-client.ts";
import { listVpsBilling, lockVps, lockVpsByLegacyId } from "./read-holdings.ts";
import { saveService } from "./save-service.ts";

const db = useDatabase();
const billing = system("billing");
let clientId = "";
let otherClientId = "";
let vpsId = "";
let bareId = "";

const billed = {
	amount: "1990",
	billingCycle: "annually",
	isPayg: false,
} as const;

beforeAll(async () => {
	const save = async (legacyId: number) =>
		(
			await db.performer.perform(billing, saveClient, {
				legacyId,
				status: "active",
			})
		).id;
	clientId = await save(1);
	otherClientId = await save(2);
	const common = { kind: "vps", clientLegacyId: 1, status: "active" } as const;
	vpsId = (
		await db.performer.perform(billing, saveService, {
			...common,
			legacyId: 11,
			name: "mail.example.com",
			addresses: ["203.0.113.10", "2001:db8::10", "203.0.113.11"],
			primaryIp: "2001:db8::10",
			billing: billed,
			paidUntil: testNow,
			observedAt: testNow,
		})
	).id;
	await db.performer.perform(billing, saveService, {
		kind: "vps",
		legacyId: 11,
		addresses: ["203.0.113.10", "2001:db8::10"],
	});
	bareId = (
		await db.performer.perform(billing, saveService, {
			...common,
			legacyId: 12,
			name: "bare",
			status: "pending",
		})
	).id;
	await db.performer.perform(billing, saveService, {
		...common,
		kind: "domain",
		legacyId: 13,
		name: "example.com",
	});
});

describe("lockVps", () => {
	test("gives the VPS with its live leases, by its id and by its number", async () => {
		const holding = await lockVps(db.sql, { clientId, vpsId });
		expect(holding).toMatchObject({
			id: vpsId,
			legacyId: 11,
			name: "mail.example.com",
			status: "active",
			primaryIp: "2001:db8::10",
		});
		const leases = new Map(
			holding?.leases.map((lease) => [lease.address, lease]),
		);
		expect(new Set(leases.keys())).toEqual(
			new Set(["2001:db8::10", "203.0.113.10"]),
		);
		expect(leases.get("203.0.113.10")).toEqual({
			id: expect.stringMatching(/^lease_/),
			address: "203.0.113.10",
			startedAt: testNow,
		});
		expect(await lockVpsByLegacyId(db.sql, { clientId, legacyId: 11 })).toEqual(
			holding,
		);
	});

	test("gives a VPS without addresses", async () => {
		expect(await lockVps(db.sql, { clientId, vpsId: bareId })).toMatchObject({
			status: "pending",
			primaryIp: null,
			leases: [],
		});
	});

	test("gives nothing for another client's, for one that does not exist, and for another kind", async () => {
		const missing = newId("vps", testNow);
		expect(
			await lockVps(db.sql, { clientId: otherClientId, vpsId }),
		).toBeUndefined();
		expect(await lockVps(db.sql, { clientId, vpsId: missing })).toBeUndefined();
		expect(
			await lockVpsByLegacyId(db.sql, {
				clientId: otherClientId,
				legacyId: 11,
			}),
		).toBeUndefined();
		expect(
			await lockVpsByLegacyId(db.sql, { clientId, legacyId: 13 }),
		).toBeUndefined();
	});

	test("holds the leases: one that is taken away ends after the decision, not during it", async () => {
		const gate = Promise.withResolvers<void>();
		const holding = Promise.withResolvers<void>();
		const order: string[] = [];
		const decide: Verb<Record<never, never>, void> = {
			name: "decide",
			async run(tx) {
				await lockVps(tx, { clientId, vpsId });
				holding.resolve();
				await gate.promise;
				order.push("decided");
			},
		};
		const decision = db.performer.perform(billing, decide, {});
		await holding.promise;
		const removal = db.performer
			.perform(billing, saveService, {
				kind: "vps",
				legacyId: 11,
				addresses: ["203.0.113.10"],
			})
			.then(() => order.push("removed"));
		await waitUntilBlocked();
		gate.resolve();
		await Promise.all([decision, removal]);
		expect(order).toEqual(["decided", "removed"]);
	});

	test("does not see a lease that ended while it waited", async () => {
		const legacyId = 14;
		const { id } = await db.performer.perform(billing, saveService, {
			kind: "vps",
			legacyId,
			clientLegacyId: 1,
			name: "waiting",
			status: "active",
			addresses: ["203.0.113.14", "203.0.113.15"],
		});
		const gate = Promise.withResolvers<void>();
		const ended = Promise.withResolvers<void>();
		const remove: Verb<Record<never, never>, void> = {
			name: "remove",
			async run(tx) {
				await saveService.run(tx, {
					kind: "vps",
					legacyId,
					addresses: ["203.0.113.15"],
				});
				ended.resolve();
				await gate.promise;
			},
		};
		const removal = db.performer.perform(billing, remove, {});
		await ended.promise;
		const look = lockVps(db.sql, { clientId, vpsId: id });
		await waitUntilBlocked();
		gate.resolve();
		await removal;
		expect((await look)?.leases.map((lease) => lease.address)).toEqual([
			"203.0.113.15",
		]);
	});
});

describe("listVpsBilling", () => {
	test("gives how each VPS of the client is paid for, and nothing else", async () => {
		const rows = await listVpsBilling(db.sql, clientId);
		expect(rows.find((row) => row.vpsId === vpsId)).toEqual({
			vpsId,
			status: "active",
			isPayg: false,
			billingCycle: "annually",
			paidUntil: testNow,
			observedAt: testNow,
		});
		expect(rows.find((row) => row.vpsId === bareId)).toMatchObject({
			status: "pending",
			billingCycle: null,
			paidUntil: null,
			observedAt: null,
		});
		expect(rows.every((row) => row.vpsId.startsWith("vps_"))).toBe(true);
		expect(await listVpsBilling(db.sql, otherClientId)).toEqual([]);
	});
});

test("an address of which the database has its own spelling is found by ours", async () => {
	const { id } = await db.performer.perform(billing, saveService, {
		kind: "vps",
		legacyId: 15,
		clientLegacyId: 1,
		name: "odd",
		status: "active",
		addresses: ["2001:db8::15"],
	});
	// No customer has such an address; the readers rely on nothing.
	await db.sql.run(
		sql`update leases set address = '::102:304' where service_id = ${id}`,
	);
	await db.sql.run(
		sql`update services set primary_ip = '::102:304' where id = ${id}`,
	);
	const stored = await db.sql.first<{ address: string }>(
		sql`select host(address) as address from leases where service_id = ${id}`,
	);
	expect(stored?.address).toBe("::1.2.3.4");
	expect(await lockVps(db.sql, { clientId, vpsId: id })).toMatchObject({
		primaryIp: "::102:304",
		leases: [{ address: "::102:304" }],
	});
});

/** The database says who waits for a lock: no guess at how long that takes. */
async function waitUntilBlocked(): Promise<void> {
	for (;;) {
		const { rows } = await db.pool.query<{ blocked: number }>(
			"select count(*) as blocked from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
		);
		if (Number(rows[0]?.blocked) > 0) return;
	}
}
