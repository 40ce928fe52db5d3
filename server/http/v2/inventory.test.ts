import { Value } from "typebox/value";
import { beforeAll, describe, expect, test } from "vitest";
import { testNow, useDatabase } from "../../../test/db.ts";
import { saveClient } from "../../domain/accounts/save-client.ts";
import { saveService } from "../../domain/inventory/save-service.ts";
import { type CustomerActor, system } from "../../kernel/actor.ts";
import { sql } from "../../platform/sql.ts";
import type { Call } from "../call.ts";
import { createEdgeFeed } from "../edge/edge-feed.ts";
import type { JsonRoute } from "../route.ts";
import { listDomains } from "./domains.ts";
import { getMe } from "./me.ts";
import { listSharedHosting } from "./shared-hosting.ts";
import { getVps, listVps } from "./vps.ts";

const db = useDatabase();
const billing = system("billing");
let customer: CustomerActor;
const ids = { vps: "", bare: "", hosting: "", domain: "" };

beforeAll(async () => {
	const { id: clientId } = await db.performer.perform(billing, saveClient, {
		legacyId: 1,
		name: "Anna",
		email: "anna@example.com",
		status: "active",
		currencyCode: "SEK",
		languageCode: "sv",
	});
	customer = { kind: "customer", clientId, keyId: "key_x", scopes: [] };
	const common = { clientLegacyId: 1, status: "active" } as const;
	const save = async (input: Parameters<typeof saveService.run>[1]) => {
		db.now = new Date(db.now.getTime() + 1);
		return (
			await db.performer.perform(billing, saveService, { ...common, ...input })
		).id;
	};
	ids.vps = await save({
		kind: "vps",
		legacyId: 1,
		name: "mail.example.com",
		billing: { amount: "199.50", billingCycle: "annually", periodYears: 1 },
		addresses: ["203.0.113.10"],
		details: {
			powerState: "running",
			operatingSystem: {
				displayName: "Debian 13",
				family: "debian",
				version: "13",
				variant: null,
			},
			resources: { cpuCores: 2, memoryGb: 4, storageGb: 80 },
		},
	});
	ids.bare = await save({
		kind: "vps",
		legacyId: 2,
		name: "bare",
		billing: { isPayg: true },
	});
	ids.hosting = await save({
		kind: "hosting",
		legacyId: 1,
		name: "www.example.com",
		billing: { amount: "49", billingCycle: "monthly" },
		paidUntil: new Date("2026-12-01T00:00:00.000Z"),
		details: {
			primaryDomain: "example.com",
			domains: ["example.com", "example.net"],
		},
	});
	ids.domain = await save({
		kind: "domain",
		legacyId: 1,
		name: "example.com",
		billing: { amount: "149", billingCycle: "annually" },
		details: {
			orderId: "ord_1",
			lifecycle: { type: "renewal", autoRenewEnabled: true },
		},
	});
	db.now = testNow;
});

/** Calls a route as the server does, after validation; the answer must fit its schema. */
async function call(
	route: JsonRoute,
	request: { readonly params?: object; readonly query?: object } = {},
): Promise<unknown> {
	const given: Call<unknown, unknown, unknown> = {
		actor: customer,
		params: request.params ?? {},
		query: request.query ?? {},
		body: undefined,
		edge: createEdgeFeed({
			performer: db.performer,
			clock: () => db.now,
			onError: () => {},
		}),
		visit() {
			throw new Error("nobody signs in here");
		},
		perform: (verb, input) => db.performer.perform(customer, verb, input),
		apply: (verb, input) => db.performer.perform(customer, verb, input),
		ask: (question, input) => db.performer.ask(customer, question, input),
	};
	const answer = await route.handle(given as Call<never, never, never>);
	expect([...Value.Errors(route.answer.schema, answer)]).toEqual([]);
	return answer;
}

const mail = {
	name: "mail.example.com",
	primaryIp: "203.0.113.10",
	serviceStatus: "active",
	powerState: "running",
	operatingSystem: {
		displayName: "Debian 13",
		family: "debian",
		version: "13",
		variant: null,
	},
	billing: {
		amount: 199.5,
		currencyCode: "SEK",
		billingCycle: "annually",
		isPayg: false,
		periodYears: 1,
	},
	resources: { cpuCores: 2, memoryGb: 4, storageGb: 80 },
};

const bare = {
	name: "bare",
	primaryIp: null,
	serviceStatus: "active",
	powerState: null,
	operatingSystem: null,
	billing: {
		amount: 0,
		currencyCode: "SEK",
		billingCycle: "monthly",
		isPayg: true,
		periodYears: null,
	},
	resources: { cpuCores: 0, memoryGb: 0, storageGb: 0 },
};

describe("GET /api/v2/me", () => {
	const unknown = {
		firstName: null,
		lastName: null,
		companyName: null,
		registrationIdentifier: null,
		countryCode: null,
		phoneNumber: null,
		vatNumber: null,
		invoiceReference: null,
	};

	test("gives the contract's fields, null where nobody said", async () => {
		expect(await call(getMe)).toEqual({
			id: customer.kind === "customer" && customer.clientId,
			name: "Anna",
			email: "anna@example.com",
			languageCode: "sv",
			currencyCode: "SEK",
			accountType: "private",
			...unknown,
		});
	});

	test("gives the registration with its country", async () => {
		await db.sql.run(
			sql`update clients set registration_value = '556000-0000', registration_country = 'SE' where legacy_id = 1`,
		);
		expect(await call(getMe)).toMatchObject({
			registrationIdentifier: { value: "556000-0000", countryCode: "SE" },
		});
	});
});

describe("GET /api/v2/vps", () => {
	test("gives the contract's fields, the newest first", async () => {
		expect(await call(listVps)).toEqual({
			data: [
				{ id: ids.bare, ...bare },
				{ id: ids.vps, ...mail },
			],
			hasMore: false,
			nextCursor: null,
		});
	});

	test("goes on where its cursor says", async () => {
		const first = await call(listVps, { query: { limit: 1 } });
		expect(first).toMatchObject({ data: [{ id: ids.bare }], hasMore: true });
		const { nextCursor: cursor } = first as { nextCursor: string };
		expect(await call(listVps, { query: { limit: 1, cursor } })).toMatchObject({
			data: [{ id: ids.vps }],
			hasMore: false,
			nextCursor: null,
		});
	});

	test("says that no maintenance is pending, when asked", async () => {
		const query = { include: ["pendingMaintenance"], name: "BARE" };
		expect(await call(listVps, { query })).toMatchObject({
			data: [
				{
					...bare,
					pendingMaintenance: null,
					pendingMaintenanceHasDeadline: false,
				},
			],
		});
	});

	test("filters by the primary address, and refuses what is none", async () => {
		expect(
			await call(listVps, { query: { primaryIp: "203.0.113.10" } }),
		).toMatchObject({
			data: [{ id: ids.vps }],
		});
		for (const primaryIp of [
			"",
			"203.0.113.10/32",
			"::ffff:203.0.113.10",
			"mail",
		])
			await expect(
				call(listVps, { query: { primaryIp } }),
			).rejects.toMatchObject({
				code: "request.invalid",
				faults: [{ pointer: "?primaryIp" }],
			});
	});
});

describe("GET /api/v2/vps/{id}", () => {
	test("gives the fields of the list", async () => {
		expect(await call(getVps, { params: { id: ids.vps } })).toEqual({
			id: ids.vps,
			...mail,
		});
	});

	test("finds nothing by an address", async () => {
		await expect(
			call(getVps, { params: { id: "203.0.113.10" } }),
		).rejects.toMatchObject({ code: "vps.not_found" });
	});
});

describe("GET /api/v2/shared-hosting", () => {
	const hosting = {
		name: "www.example.com",
		primaryDomain: "example.com",
		domains: ["example.com"],
		customName: null,
		serviceStatus: "active",
		billing: { amount: 49, currencyCode: "SEK", billingCycle: "monthly" },
		createdAt: "2026-11-20T10:00:00.003Z",
		nextDueAt: "2026-12-01T00:00:00.000Z",
		expiresAt: null,
	};

	test("gives the contract's fields, with the primary domain alone", async () => {
		expect(await call(listSharedHosting)).toEqual({
			data: [{ id: ids.hosting, ...hosting }],
			hasMore: false,
			nextCursor: null,
		});
	});

	test("adds what include names", async () => {
		const query = { include: ["domains", "billingCycleOptions"] };
		expect(await call(listSharedHosting, { query })).toMatchObject({
			data: [
				{ domains: ["example.com", "example.net"], billingCycleOptions: [] },
			],
		});
	});
});

describe("GET /api/v2/domains", () => {
	const domain = {
		name: "example.com",
		serviceStatus: "active",
		orderId: "ord_1",
		lifecycle: {
			type: "renewal",
			autoRenewEnabled: true,
			registrarLockEnabled: null,
			transferInProgress: false,
		},
		billing: { amount: 149, currencyCode: "SEK", billingCycle: "annually" },
	};

	test("gives the contract's fields", async () => {
		expect(await call(listDomains)).toEqual({
			data: [{ id: ids.domain, ...domain }],
			hasMore: false,
			nextCursor: null,
		});
	});

	test("reads include as a list with commas", async () => {
		const query = { include: "hostingConnection,hostingConnection" };
		expect(await call(listDomains, { query })).toMatchObject({
			data: [{ ...domain, hostingConnection: null }],
		});
		for (const include of ["", "tags", "hostingConnection,"])
			await expect(
				call(listDomains, { query: { include } }),
			).rejects.toMatchObject({
				faults: [{ pointer: "?include" }],
			});
	});

	test("filters by the whole name", async () => {
		expect(
			await call(listDomains, { query: { name: "Example.COM" } }),
		).toMatchObject({
			data: [{ id: ids.domain }],
		});
		expect(
			await call(listDomains, { query: { name: "example" } }),
		).toMatchObject({ data: [] });
	});
});
