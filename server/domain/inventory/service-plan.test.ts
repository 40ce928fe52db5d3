import { describe, expect, test } from "vitest";
import { type Known, planServices } from "./service-plan.ts";
import type { SaveServiceInput } from "./service-report.ts";

const now = new Date("2026-11-20T10:00:00.000Z");
const clients = new Map([
	[1, "client_a"],
	[2, "client_b"],
]);
const nothing: Known = { services: [], leases: [], clientIds: clients };

function vps(legacyId: number, change: Partial<SaveServiceInput> = {}) {
	return { kind: "vps", legacyId, ...change } as const;
}

const whole = { clientLegacyId: 1, name: "x", status: "active" } as const;

/** What is known after the reports were carried out. */
function after(known: Known, inputs: readonly SaveServiceInput[]): Known {
	const { created, changed, ending, starting } = planServices(
		known,
		inputs,
		now,
	);
	const ended = new Set(ending.map(({ lease }) => lease.id));
	const newer = [...created, ...changed];
	return {
		clientIds: clients,
		services: [
			...known.services.filter(({ id }) => newer.every((one) => one.id !== id)),
			...newer,
		],
		leases: [...known.leases.filter(({ id }) => !ended.has(id)), ...starting],
	};
}

const two = after(nothing, [
	vps(1, { ...whole, addresses: ["192.0.2.1", "192.0.2.2"] }),
	vps(2, { ...whole, clientLegacyId: 2, addresses: ["192.0.2.3"] }),
]);

describe("planServices", () => {
	test("makes what is new, with its leases", () => {
		expect(two.services).toMatchObject([
			{ clientId: "client_a", primaryIp: "192.0.2.1", endedAt: null },
			{ clientId: "client_b", primaryIp: "192.0.2.3" },
		]);
		expect(two.leases.map(({ address }) => address)).toEqual([
			"192.0.2.1",
			"192.0.2.2",
			"192.0.2.3",
		]);
	});

	test("ends a lease that moves, and gives its loser another primary address", () => {
		const plan = planServices(two, [vps(2, { addresses: ["192.0.2.1"] })], now);
		expect(plan.ending).toMatchObject([
			{ reason: "address_removed", lease: { address: "192.0.2.3" } },
			{ reason: "address_moved", lease: { address: "192.0.2.1" } },
		]);
		expect(plan.changed).toMatchObject([
			{ legacyId: 1, primaryIp: "192.0.2.2" },
			{ legacyId: 2, primaryIp: "192.0.2.1" },
		]);
		expect(plan.starting).toMatchObject([
			{ address: "192.0.2.1", clientId: "client_b" },
		]);
	});

	test("leaves no trace of a lease that begins and ends in one go", () => {
		const plan = planServices(
			two,
			[
				vps(2, { addresses: ["192.0.2.3", "192.0.2.9"] }),
				vps(1, { addresses: ["192.0.2.1", "192.0.2.2", "192.0.2.9"] }),
				vps(1, { addresses: ["192.0.2.1", "192.0.2.2"] }),
			],
			now,
		);
		expect([plan.ending, plan.starting]).toEqual([[], []]);
	});

	test("does nothing for a report that is refused, and goes on", () => {
		const plan = planServices(
			two,
			[
				vps(1, { addresses: ["192.0.2.3", "10.0.0.1"] }),
				vps(9, { ...whole, clientLegacyId: 9 }),
				vps(2, { name: "y" }),
			],
			now,
		);
		expect(plan.outcomes).toMatchObject([
			{ faults: [{ pointer: "/addresses/1" }] },
			{ faults: [{ pointer: "/clientLegacyId" }] },
			{ applied: true },
		]);
		expect(plan).toMatchObject({ created: [], ending: [], starting: [] });
		expect(plan.changed).toMatchObject([{ legacyId: 2, name: "y" }]);
	});

	test("ends grants when the status comes to say so, once", () => {
		const ends = (...statuses: NonNullable<SaveServiceInput["status"]>[]) =>
			planServices(
				two,
				statuses.map((status) => vps(1, { status })),
				now,
			).endingGrants.size;
		expect(ends("suspended")).toBe(1);
		expect(ends("suspended", "active")).toBe(1);
		expect(ends("pending", "unknown", "active")).toBe(0);
		const suspended = after(two, [vps(1, { status: "suspended" })]);
		const plan = planServices(suspended, [vps(1, { status: "fraud" })], now);
		expect(plan.endingGrants.size).toBe(0);
	});

	test("reports that come late change nothing, also behind a newer one of the same batch", () => {
		const later = new Date(now.getTime() - 1_000);
		const earlier = new Date(now.getTime() - 2_000);
		const plan = planServices(
			two,
			[
				vps(1, { name: "new", observedAt: later }),
				vps(1, { name: "old", observedAt: earlier, addresses: [] }),
			],
			now,
		);
		expect(plan.outcomes).toMatchObject([
			{ applied: true },
			{ applied: false },
		]);
		expect(plan.changed).toMatchObject([{ name: "new" }]);
		expect(plan.ending).toEqual([]);
	});
});
