/** The operator's upserts as HTTP sees them; what they do is tested beside the verbs. */
import type { InjectOptions } from "fastify";
import { beforeAll, describe, expect, test } from "vitest";
import { testNow, useDatabase } from "../../../test/db.ts";
import { addKey, buildServer } from "../../../test/server.ts";
import { createWorld } from "../../../test/world.ts";
import { sql } from "../../platform/sql.ts";
import { deleteService, putClient, putService } from "./inventory.ts";

const db = useDatabase();
const world = createWorld(() => db.performer);
const keys = { inventory: "", review: "", customer: "" };
let server: ReturnType<typeof buildServer>;
let lastNumber = 50_000;

beforeAll(async () => {
	await world.begin();
	const { staffId } = await world.addReviewer();
	keys.inventory = await addKey(db, { staffId }, ["desk:inventory"]);
	keys.review = await addKey(db, { staffId }, ["desk:review"]);
	const clientId = (await world.addClient("trusted")).id;
	keys.customer = await addKey(db, { clientId }, ["read:all", "write:all"]);
	server = buildServer(db, [
		{
			name: "desk",
			prefix: "/api/desk",
			routes: [putClient, putService, deleteService],
		},
	]);
});

async function send(
	method: "PUT" | "DELETE",
	path: string,
	{
		body,
		key = keys.inventory,
		headers = {},
	}: { body?: unknown; key?: string; headers?: Record<string, string> } = {},
) {
	const options: InjectOptions = {
		method,
		url: `/api/desk${path}`,
		headers: {
			...(key !== "" && { authorization: `Bearer ${key}` }),
			...headers,
		},
		...(body !== undefined && { payload: body as object }),
	};
	const response = await server.app.inject(options);
	return { status: response.statusCode, body: response.json() };
}

const wholeClient = {
	name: "Åsa Ek",
	email: "asa@example.com",
	status: "active",
	createdAt: "2024-01-02T03:04:05.678Z",
	totalSpend: "1234.50",
	currencyCode: "SEK",
	identityProofs: [
		{
			method: "bankid",
			verifiedAt: "2026-01-02T03:04:05.000Z",
			reference: "r-1",
		},
	],
	openAbuseCases: 0,
	languageCode: "sv",
	observedAt: "2026-11-20T09:00:00.000Z",
};

async function client() {
	lastNumber += 1;
	const path = `/clients/${lastNumber}`;
	const answer = await send("PUT", path, { body: wholeClient });
	expect(answer.status).toBe(200);
	return { path, legacyId: lastNumber, id: answer.body.id as string };
}

async function service(kind: "vps" | "hosting" | "domain" = "vps") {
	const owner = await client();
	const n = owner.legacyId - 50_000;
	const path = `/services/${kind}/${owner.legacyId}`;
	const whole = {
		clientLegacyId: owner.legacyId,
		name: "mail.example.com",
		status: "active",
		planName: "VPS S",
		billing: {
			amount: "199.00",
			currencyCode: "SEK",
			billingCycle: "annually",
			isPayg: false,
			periodYears: 1,
		},
		paidUntil: "2027-01-01T00:00:00.000Z",
		addresses: [`192.0.2.${n}`, `2001:db8:7::${n}`],
		primaryIp: `192.0.2.${n}`,
		details: { powerState: "running", resources: { cpuCores: 2 } },
		observedAt: "2026-11-20T09:00:00.000Z",
	};
	const { status, body } = await send("PUT", path, { body: whole });
	expect(status).toBe(200);
	return { path, whole, owner, id: body.id as string };
}

describe("PUT /api/desk/clients/{legacyId}", () => {
	test("stores the contract's whole shape, and the same again changes nothing", async () => {
		const { path, id, legacyId } = await client();
		const row = () =>
			db.sql.first(sql`
				select to_jsonb(c) as client, (select jsonb_agg(p) from identity_proofs p where p.client_id = c.id) as proofs,
					(select count(*) from events e where e.subject = c.id) as events
				from clients c where legacy_id = ${legacyId}`);
		const before = await row();
		expect(before).toMatchObject({
			client: { id, name: "Åsa Ek", total_spend: 1234.5, language_code: "sv" },
			proofs: [{ method: "bankid", reference: "r-1" }],
			events: 1,
		});
		db.now = new Date(testNow.getTime() + 1_000);
		const again = await send("PUT", path, {
			body: wholeClient,
			headers: { "idempotency-key": "ignored" },
		});
		db.now = testNow;
		expect(again).toEqual({ status: 200, body: { id, applied: true } });
		expect(await row()).toEqual(before);
	});

	test("says that a stale report was not applied", async () => {
		const { path, id } = await client();
		const body = { name: "Old", observedAt: "2026-11-20T08:59:59.999Z" };
		expect(await send("PUT", path, { body })).toEqual({
			status: 200,
			body: { id, applied: false },
		});
	});

	test.each([
		[{ status: "gone" }, "/status"],
		[{ totalSpend: "1,5" }, "/totalSpend"],
		[{ totalSpend: 5 }, "/totalSpend"],
		[{ currencyCode: "kr" }, "/currencyCode"],
		[{ openAbuseCases: -1 }, "/openAbuseCases"],
		[{ openAbuseCases: 1.5 }, "/openAbuseCases"],
		[{ createdAt: "yesterday" }, "/createdAt"],
		[{ createdAt: "2026-02-30T00:00:00Z" }, "/createdAt"],
		[{ createdAt: "0000-01-01T00:00:00Z" }, "/createdAt"],
		[{ createdAt: "2016-12-31T23:59:60Z" }, "/createdAt"],
		[{ createdAt: "2026-11-20T10:05:00.001Z" }, "/createdAt"],
		[{ observedAt: "2026-11-20T10:05:00.001Z" }, "/observedAt"],
		[{ observedAt: null }, "/observedAt"],
		[{ email: "no address" }, "/email"],
		[{ name: "a\u0000b" }, "/name"],
		[{ name: "x".repeat(256) }, "/name"],
		[{ languageCode: "svenska!" }, "/languageCode"],
		[{ identityProofs: [{ method: "word" }] }, "/identityProofs/0/method"],
		[
			{
				identityProofs: [
					{ method: "bankid", verifiedAt: "2026-11-21T00:00:00Z" },
				],
			},
			"/identityProofs/0/verifiedAt",
		],
		[{ legacyId: 5 }, "/legacyId"],
		[{ firstName: "Åsa" }, "/firstName"],
	])("refuses %j with a pointer", async (change, pointer) => {
		const { path } = await client();
		const { status, body } = await send("PUT", path, { body: change });
		expect(status).toBe(400);
		expect(
			body.errors.map((error: { pointer: string }) => error.pointer),
		).toContain(pointer);
	});

	test("refuses a new client without a status", async () => {
		const { status, body } = await send("PUT", "/clients/59999", { body: {} });
		expect([status, body.errors[0].pointer]).toEqual([400, "/status"]);
	});
});

describe("PUT /api/desk/services/{kind}/{legacyId}", () => {
	test("stores the contract's whole shape for each kind, under one number", async () => {
		const { whole, owner, id } = await service();
		const others = { ...whole, addresses: [], primaryIp: null };
		for (const [kind, prefix] of [
			["hosting", "acct_"],
			["domain", "dom_"],
		] as const) {
			const path = `/services/${kind}/${owner.legacyId}`;
			const { status, body } = await send("PUT", path, { body: others });
			expect([status, body.applied]).toEqual([200, true]);
			expect(body.id.startsWith(prefix)).toBe(true);
		}
		const rows = await db.sql.rows(sql`
			select kind, client_id, amount, billing_cycle, period_years, host(primary_ip) as primary_ip
			from services where legacy_id = ${owner.legacyId} order by kind`);
		expect(rows).toMatchObject([
			{ kind: "domain", clientId: owner.id, primaryIp: null },
			{ kind: "hosting", clientId: owner.id, primaryIp: null },
			{
				kind: "vps",
				clientId: owner.id,
				amount: "199.00",
				billingCycle: "annually",
				periodYears: 1,
				primaryIp: whole.primaryIp,
			},
		]);
		expect(id).toMatch(/^vps_/);
	});

	test("leaves alone what is absent, and says that a stale report was not applied", async () => {
		const { path, id, whole } = await service();
		expect(await send("PUT", path, { body: {} })).toEqual({
			status: 200,
			body: { id, applied: true },
		});
		const body = { addresses: [], observedAt: "2026-11-20T08:00:00.000Z" };
		expect((await send("PUT", path, { body })).body.applied).toBe(false);
		const row = await db.sql.first(sql`
			select array_agg(host(address) order by address) as addresses from leases
			where service_id = ${id} and ended_at is null`);
		expect(row).toEqual({ addresses: whole.addresses });
	});

	test.each([
		[{ addresses: ["192.0.2.200", "192.0.2.200"] }, "/addresses/1"],
		[{ addresses: ["2001:db8::c", "2001:DB8:0::C"] }, "/addresses/1"],
		[{ addresses: ["10.1.2.3"] }, "/addresses/0"],
		[{ addresses: ["192.0.2.200", "fd00::1"] }, "/addresses/1"],
		[{ addresses: ["127.0.0.1"] }, "/addresses/0"],
		[{ addresses: ["169.254.0.1"] }, "/addresses/0"],
		[{ addresses: ["224.0.0.1"] }, "/addresses/0"],
		[{ addresses: ["0.0.0.0"] }, "/addresses/0"],
		[{ addresses: ["192.0.2.0/24"] }, "/addresses/0"],
		[{ addresses: ["192.0.2.200/32"] }, "/addresses/0"],
		[{ addresses: ["::ffff:192.0.2.200"] }, "/addresses/0"],
		[{ addresses: [3221225985] }, "/addresses/0"],
		[{ addresses: null }, "/addresses"],
		[{ primaryIp: "192.0.2.250" }, "/primaryIp"],
		[{ primaryIp: "nowhere" }, "/primaryIp"],
		[{ clientLegacyId: 999_999_999 }, "/clientLegacyId"],
		[{ clientLegacyId: 30_001 }, "/clientLegacyId"],
		[{ clientLegacyId: 1e21 }, "/clientLegacyId"],
		[{ name: " " }, "/name"],
		[{ name: null }, "/name"],
		[{ status: "alive" }, "/status"],
		[{ billing: { amount: "-1.00" } }, "/billing/amount"],
		[{ billing: { amount: "1.005" } }, "/billing/amount"],
		[{ billing: { billingCycle: "weekly" } }, "/billing/billingCycle"],
		[{ billing: { periodYears: 0 } }, "/billing/periodYears"],
		[{ billing: { price: "1" } }, "/billing/price"],
		[{ paidUntil: "2027-13-01T00:00:00Z" }, "/paidUntil"],
		[{ observedAt: "2026-11-20T10:06:00Z" }, "/observedAt"],
		[{ details: [] }, "/details"],
		[{ details: { note: "a\u0000" } }, "/details/note"],
		[{ kind: "vps" }, "/kind"],
	])(
		"refuses %j with a pointer, and changes nothing",
		async (change, pointer) => {
			const { path, id } = await service();
			const events = () => db.sql.first(sql`select count(*) from events`);
			const before = await events();
			const { status, body } = await send("PUT", path, { body: change });
			expect(status).toBe(400);
			expect(body.code).toBe("invalid_request");
			expect(
				body.errors.map((error: { pointer: string }) => error.pointer),
			).toContain(pointer);
			expect(await events()).toEqual(before);
			expect(id).toBeDefined();
		},
	);

	test("refuses a new service without a client, a name or a status", async () => {
		const { legacyId: clientLegacyId } = await client();
		const whole = { clientLegacyId, name: "x", status: "active" };
		for (const field of ["clientLegacyId", "name", "status"] as const) {
			const { [field]: _, ...body } = whole;
			const answer = await send("PUT", "/services/vps/59999", { body });
			expect(answer.status).toBe(400);
			expect(answer.body.errors[0].pointer).toBe(`/${field}`);
		}
	});

	test.each([
		"/services/vps/0",
		"/services/vps/x",
		"/services/vps/-1",
		"/services/vps/1.5",
		"/services/server/5",
		`/services/vps/${"9".repeat(16)}`,
	])("finds nothing at %s", async (path) => {
		const { status } = await send("PUT", path, { body: {} });
		expect(status).toBe(404);
	});
});

describe("DELETE /api/desk/services/{kind}/{legacyId}", () => {
	test("ends the service once, whatever is sent along", async () => {
		const { path, id } = await service();
		for (const headers of [{}, { "idempotency-key": "ignored" }])
			expect(await send("DELETE", path, { headers })).toEqual({
				status: 200,
				body: { id, applied: true },
			});
		expect((await send("DELETE", path, { body: { why: "x" } })).status).toBe(
			400,
		);
		const row = await db.sql.first(sql`
			select status, (select count(*) from leases where service_id = s.id and ended_at is null) as addresses,
				(select count(*) from events where subject = s.id and kind = 'service.ended') as ended
			from services s where id = ${id}`);
		expect(row).toEqual({ status: "terminated", addresses: 0, ended: 1 });
	});

	test("finds nothing of another kind", async () => {
		const { path } = await service();
		const other = path.replace("vps", "domain");
		expect((await send("DELETE", other)).status).toBe(404);
	});
});

test("only staff with desk:inventory may", async () => {
	const { path, owner } = await service();
	for (const [method, at] of [
		["PUT", path],
		["PUT", owner.path],
		["DELETE", path],
	] as const) {
		const body = method === "PUT" ? { body: {} } : {};
		const as = async (key: string) =>
			(await send(method, at, { ...body, key })).status;
		expect(await as("")).toBe(401);
		expect(await as(keys.customer)).toBe(403);
		expect(await as(keys.review)).toBe(403);
		expect(await as(keys.inventory)).toBe(200);
	}
});
