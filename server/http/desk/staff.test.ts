/** Staff, their keys and the keys of clients over HTTP: what administrators may do, and nobody else. */
import {
	afterAll,
	beforeAll,
	beforeEach,
	describe,
	expect,
	test,
} from "vitest";
import { testNow, useDatabase } from "../../../test/db.ts";
import { addKey, buildServer, type TestServer } from "../../../test/server.ts";
import { addStaff as performAdd } from "../../domain/accounts/add-staff.ts";
import type { StaffRole } from "../../domain/accounts/staff.ts";
import { scopes, system } from "../../kernel/actor.ts";
import { newId } from "../../kernel/id.ts";
import { sql } from "../../platform/sql.ts";
import { listClientApiKeys, revokeClientApiKey } from "./client-keys.ts";
import { addStaff, listStaff, patchStaff } from "./staff.ts";
import { createStaffKey, listStaffKeys, revokeStaffKey } from "./staff-keys.ts";

const db = useDatabase();
const routes = [
	listStaff,
	addStaff,
	patchStaff,
	listStaffKeys,
	createStaffKey,
	revokeStaffKey,
	listClientApiKeys,
	revokeClientApiKey,
];

let server: TestServer;
let admin: { readonly id: string; readonly key: string };
let clientId: string;
let legacyId = 0;

beforeAll(() => {
	server = buildServer(db, [{ name: "desk", prefix: "/api/desk", routes }]);
});
afterAll(() => server.app.close());

beforeEach(async () => {
	db.now = testNow;
	await db.ownerSql.run(sql`delete from staff`);
	admin = await givenStaff("admin");
	clientId = await givenClient();
});

async function givenClient(): Promise<string> {
	const id = newId("client", testNow);
	legacyId += 1;
	await db.ownerSql.run(sql`
		insert into clients (id, legacy_id, status, created_at, updated_at)
		values (${id}, ${legacyId}, 'active', ${testNow}, ${testNow})`);
	return id;
}

/** Somebody with a key of these scopes, or of everything that an administrator may. */
async function givenStaff(role: StaffRole, held?: readonly string[]) {
	const { id } = await db.performer.perform(system("test"), performAdd, {
		name: `Ada ${role}`,
		email: null,
		role,
	});
	const wanted = held ?? (role === "admin" ? scopes.staff : ["desk:tickets"]);
	return { id, key: await addKey(db, { staffId: id }, wanted) };
}

interface Sent {
	readonly as?: string | null;
	readonly body?: unknown;
	readonly headers?: Record<string, string>;
}

async function call(route: string, { as, body, headers }: Sent = {}) {
	const [method, url] = route.split(" ");
	const key = as === undefined ? admin.key : as;
	const response = await server.app.inject({
		method: method as "GET",
		url: `/api/desk${url}`,
		headers: {
			...(key !== null && { authorization: `Bearer ${key}` }),
			...(body !== undefined && { "content-type": "application/json" }),
			...headers,
		},
		...(body !== undefined && { payload: JSON.stringify(body) }),
	});
	return {
		status: response.statusCode,
		headers: response.headers,
		body: response.json(),
	};
}

async function digest() {
	const row = await db.sql.first(sql<{ text: string }>`
		select concat_ws(' ', (select md5(string_agg(k::text, ' ' order by id)) from api_keys k),
			(select md5(string_agg(s::text, ' ' order by id)) from staff s),
			(select count(*) from events), (select count(*) from audit), (select count(*) from idempotency_keys)) as text`);
	return row?.text;
}

async function expectRefused(
	route: string,
	sent: Sent,
	refusal: {
		readonly status: number;
		readonly code: string;
		readonly pointers?: readonly string[];
	},
) {
	const before = await digest();
	const answer = await call(route, sent);
	const { status, code, pointers } = refusal;
	expect(answer).toMatchObject({ status, body: { code } });
	const faults: { pointer: string }[] = answer.body.errors ?? [];
	if (pointers) expect(faults.map(({ pointer }) => pointer)).toEqual(pointers);
	expect(await digest()).toBe(before);
}

const eventKinds = async (subject: string) => {
	const rows = await db.sql.rows(sql<{ kind: string; actorId: string }>`
		select e.kind, a.actor_id from events e join audit a on a.event_id = e.id where e.subject = ${subject} order by e.id`);
	return rows.map(({ kind, actorId }) => `${kind} ${actorId}`);
};

const shownKey = {
	id: expect.stringMatching(/^key_/),
	name: "laptop",
	scopes: ["desk:tickets"],
	createdAt: testNow.toISOString(),
	expiresAt: null,
	revokedAt: null,
	successorId: null,
	lastUsedAt: null,
	lastFour: expect.stringMatching(/^[0-9A-Za-z]{4}$/),
};

describe("staff over HTTP", () => {
	test("are added, listed and changed", async () => {
		const added = await call("POST /staff", {
			body: { name: "Grace", email: "grace@example.com", role: "reviewer" },
		});
		expect(added).toMatchObject({ status: 201 });
		const grace = {
			id: expect.stringMatching(/^staff_/),
			name: "Grace",
			email: "grace@example.com",
			role: "reviewer",
			disabled: false,
			disabledAt: null,
			createdAt: testNow.toISOString(),
		};
		expect(added.body).toEqual(grace);
		const { id } = added.body;
		const patched = await call(`PATCH /staff/${id}`, {
			body: { name: "Grace H.", role: "agent", disabled: true },
		});
		expect(patched).toMatchObject({ status: 200 });
		expect(patched.body).toEqual({
			...grace,
			name: "Grace H.",
			role: "agent",
			disabled: true,
			disabledAt: testNow.toISOString(),
		});
		const list = await call("GET /staff");
		expect(list.body).toMatchObject({ hasMore: false, nextCursor: null });
		expect(list.body.data).toContainEqual(patched.body);
		expect(list.body.data).toHaveLength(2);
		expect(await eventKinds(id)).toEqual(
			["added", "renamed", "role_changed", "disabled"].map(
				(what) => `staff.${what} ${admin.id}`,
			),
		);
	});

	test("are added once under an Idempotency-Key", async () => {
		const sent = {
			body: { name: "Grace", role: "agent" },
			headers: { "idempotency-key": "once" },
		};
		const first = await call("POST /staff", sent);
		const again = await call("POST /staff", sent);
		expect(again.body).toEqual(first.body);
		expect(again.headers["idempotency-replayed"]).toBe("true");
	});

	test("keep their last administrator", async () => {
		for (const body of [{ disabled: true }, { role: "reviewer" }])
			await expectRefused(
				`PATCH /staff/${admin.id}`,
				{ body },
				{ status: 409, code: "last_administrator" },
			);
	});

	test("one of two administrators who disable each other at once is refused, and the other one is out", async () => {
		const other = await givenStaff("admin");
		const body = { disabled: true };
		// Both are signed in, so that both get as far as to the verb.
		for (const as of [admin.key, other.key])
			expect((await call("GET /staff", { as })).status).toBe(200);
		const answers = await Promise.all([
			call(`PATCH /staff/${other.id}`, { body }),
			call(`PATCH /staff/${admin.id}`, { body, as: other.key }),
		]);
		expect(answers.map(({ status }) => status).toSorted()).toEqual([200, 409]);
		db.now = new Date(testNow.getTime() + 1_000);
		const after = await Promise.all([
			call("GET /staff"),
			call("GET /staff", { as: other.key }),
		]);
		expect(after.map(({ status }) => status).toSorted()).toEqual([200, 401]);
	});

	test.each<[string, unknown, string[]]>([
		["nothing", {}, ["/name", "/role"]],
		["a blank name", { name: " ", role: "agent" }, ["/name"]],
		["a long name", { name: "a".repeat(101), role: "agent" }, ["/name"]],
		["an unknown role", { name: "x", role: "owner" }, ["/role"]],
		["no address", { name: "x", role: "agent", email: "x" }, ["/email"]],
		[
			"a field that is none",
			{ name: "x", role: "agent", admin: true },
			["/admin"],
		],
	])("are not added with %s", async (_, body, pointers) => {
		await expectRefused(
			"POST /staff",
			{ body },
			{ status: 400, code: "invalid_request", pointers },
		);
	});

	test.each<[unknown, string]>([
		[{ name: "" }, "/name"],
		[{ role: "Admin" }, "/role"],
		[{ disabled: "yes" }, "/disabled"],
		[{ disabled: null }, "/disabled"],
		[{ email: "new@example.com" }, "/email"],
	])("are not changed by %j", async (body, pointer) => {
		const { id } = await givenStaff("agent");
		await expectRefused(
			`PATCH /staff/${id}`,
			{ body },
			{ status: 400, code: "invalid_request", pointers: [pointer] },
		);
	});

	test("an e-mail address belongs to one of them", async () => {
		const body = { name: "Grace", role: "agent", email: "Grace@example.com" };
		await call("POST /staff", { body });
		await expectRefused(
			"POST /staff",
			{ body: { ...body, email: "grace@EXAMPLE.com" } },
			{ status: 400, code: "invalid_request", pointers: ["/email"] },
		);
	});
});

describe("keys of staff over HTTP", () => {
	const body = { name: "laptop", scopes: ["desk:tickets"] };

	test("are made, shown once, listed and ended", async () => {
		const { id } = await givenStaff("agent");
		const made = await call(`POST /staff/${id}/keys`, { body });
		expect(made).toMatchObject({ status: 201 });
		expect(made.body).toEqual({
			...shownKey,
			key: expect.stringMatching(/^pst_live_/),
		});
		const { key, ...kept } = made.body;
		const list = await call(`GET /staff/${id}/keys`);
		expect(list).toMatchObject({ status: 200, body: { hasMore: false } });
		expect(list.body.data).toContainEqual(kept);
		const ended = await call(`DELETE /staff/${id}/keys/${kept.id}`);
		expect(ended).toMatchObject({ status: 200 });
		expect(ended.body).toEqual({ ...kept, revokedAt: testNow.toISOString() });
		const again = await call(`DELETE /staff/${id}/keys/${kept.id}`);
		expect(again).toMatchObject({ status: 200, body: ended.body });
		expect(await eventKinds(kept.id)).toEqual([
			`key.created ${admin.id}`,
			`key.revoked ${admin.id}`,
		]);
		expect((await call("GET /staff", { as: key })).status).toBe(401);
	});

	test("show no text when they are repeated under an Idempotency-Key", async () => {
		const { id } = await givenStaff("agent");
		const sent = { body, headers: { "idempotency-key": "once" } };
		const first = await call(`POST /staff/${id}/keys`, sent);
		const again = await call(`POST /staff/${id}/keys`, sent);
		expect(again.body).toEqual({ ...first.body, key: null });
	});

	test("follow the role: what it no longer allows is refused within a second", async () => {
		const person = await givenStaff("admin");
		expect((await call("GET /staff", { as: person.key })).status).toBe(200);
		await call(`PATCH /staff/${person.id}`, { body: { role: "reviewer" } });
		db.now = new Date(testNow.getTime() + 1_000);
		expect((await call("GET /staff", { as: person.key })).status).toBe(403);
		await call(`PATCH /staff/${person.id}`, { body: { disabled: true } });
		db.now = new Date(testNow.getTime() + 2_000);
		expect((await call("GET /staff", { as: person.key })).status).toBe(401);
	});

	test("are never stronger than the key that makes them, nor than the role", async () => {
		const ends = "2026-11-20T11:00:00.000Z";
		const person = await givenStaff("admin");
		const narrow = await call(`POST /staff/${admin.id}/keys`, {
			body: {
				name: "x",
				scopes: ["desk:admin", "desk:tickets"],
				expiresAt: ends,
			},
		});
		const sent = (more: object) => ({
			as: narrow.body.key,
			body: { ...body, expiresAt: ends, ...more },
		});
		const refused = (more: object, pointers: string[]) =>
			expectRefused(`POST /staff/${person.id}/keys`, sent(more), {
				status: 400,
				code: "invalid_request",
				pointers,
			});
		await refused({ scopes: ["desk:tickets", "desk:review"] }, ["/scopes/1"]);
		await refused({ expiresAt: null }, ["/expiresAt"]);
		await refused({ expiresAt: "2026-11-20T11:00:00.001Z" }, ["/expiresAt"]);
		expect((await call(`POST /staff/${person.id}/keys`, sent({}))).status).toBe(
			201,
		);
		const agent = await givenStaff("agent");
		await expectRefused(
			`POST /staff/${agent.id}/keys`,
			{ body: { ...body, scopes: ["desk:tickets", "desk:review"] } },
			{ status: 400, code: "invalid_request", pointers: ["/scopes/1"] },
		);
	});

	test.each<[string, object, string[]]>([
		["no name", { name: " " }, ["/name"]],
		["no scope", { scopes: [] }, ["/scopes"]],
		[
			"a scope twice",
			{ scopes: ["desk:tickets", "desk:tickets"] },
			["/scopes"],
		],
		["a customer's scope", { scopes: ["read:all"] }, ["/scopes/0"]],
		[
			"an end that is past",
			{ expiresAt: "2026-11-20T10:00:00Z" },
			["/expiresAt"],
		],
		["an end that is no instant", { expiresAt: "tomorrow" }, ["/expiresAt"]],
		["a field that is none", { isTest: true }, ["/isTest"]],
	])("are not made with %s", async (_, more, pointers) => {
		await expectRefused(
			`POST /staff/${admin.id}/keys`,
			{ body: { ...body, ...more } },
			{ status: 400, code: "invalid_request", pointers },
		);
	});

	test("are made for nobody who does not exist or is disabled", async () => {
		const gone = await givenStaff("agent");
		await call(`PATCH /staff/${gone.id}`, { body: { disabled: true } });
		for (const id of [gone.id, newId("staff", testNow), clientId, "%27"])
			await expectRefused(
				`POST /staff/${id}/keys`,
				{ body },
				{ status: 404, code: "not_found" },
			);
	});
});

describe("keys of a client over HTTP", () => {
	test("are listed, with the revoked ones, and ended by support", async () => {
		await addKey(db, { clientId }, ["read:vm"]);
		const list = await call(`GET /clients/${clientId}/api-keys`);
		expect(list).toMatchObject({
			status: 200,
			body: { data: [{ ...shownKey, name: "test", scopes: ["read:vm"] }] },
		});
		const { id } = list.body.data[0];
		const ended = await call(`DELETE /clients/${clientId}/api-keys/${id}`);
		expect(ended).toMatchObject({
			status: 200,
			body: { id, revokedAt: testNow.toISOString() },
		});
		const after = await call(`GET /clients/${clientId}/api-keys`);
		expect(after.body.data).toEqual([ended.body]);
		const read = `client.keys_read_by_staff ${admin.id}`;
		expect(await eventKinds(clientId)).toEqual([read, read]);
		expect(await eventKinds(id)).toEqual([
			"key.created test",
			`key.revoked ${admin.id}`,
		]);
	});

	test("of a suspended client are ended all the same", async () => {
		await addKey(db, { clientId }, ["read:vm"]);
		await db.ownerSql.run(
			sql`update clients set status = 'suspended' where id = ${clientId}`,
		);
		const list = await call(`GET /clients/${clientId}/api-keys`);
		const { id } = list.body.data[0];
		const ended = await call(`DELETE /clients/${clientId}/api-keys/${id}`);
		expect(ended.status).toBe(200);
	});

	test("are looked for at the holder that is named", async () => {
		await addKey(db, { clientId }, ["read:vm"]);
		const keys = await call(`GET /clients/${clientId}/api-keys`);
		const { id } = keys.body.data[0];
		const refusal = { status: 404, code: "api_key_not_found" };
		for (const route of [
			`DELETE /clients/${await givenClient()}/api-keys/${id}`,
			`DELETE /clients/%27/api-keys/${id}`,
			`DELETE /clients/${clientId}/api-keys/${newId("key", testNow)}`,
			`DELETE /clients/${clientId}/api-keys/1`,
			`DELETE /staff/${admin.id}/keys/${id}`,
			`DELETE /staff/${clientId}/keys/${id}`,
		])
			await expectRefused(route, {}, refusal);
	});
});

describe("who may", () => {
	const staffId = newId("staff", testNow);
	const keyId = newId("key", testNow);
	const all = [
		"GET /staff",
		"POST /staff",
		`PATCH /staff/${staffId}`,
		`GET /staff/${staffId}/keys`,
		`POST /staff/${staffId}/keys`,
		`DELETE /staff/${staffId}/keys/${keyId}`,
		`GET /clients/${newId("client", testNow)}/api-keys`,
		`DELETE /clients/${newId("client", testNow)}/api-keys/${keyId}`,
	];

	test.each(all)("refuses everybody but administrators: %s", async (route) => {
		await expectRefused(
			route,
			{ as: null },
			{
				status: 401,
				code: "unauthorized",
			},
		);
		const narrow = await givenStaff(
			"admin",
			scopes.staff.filter((scope) => scope !== "desk:admin"),
		);
		const reviewer = await givenStaff("reviewer", ["desk:review"]);
		const customer = await addKey(db, { clientId }, scopes.customer);
		for (const as of [narrow.key, reviewer.key, customer])
			await expectRefused(route, { as }, { status: 403, code: "forbidden" });
	});

	test.each([
		[`PATCH /staff/${staffId}`, {}],
		["PATCH /staff/1", {}],
		[`GET /staff/${staffId}/keys`, undefined],
		["GET /clients/1/api-keys", undefined],
		[`GET /clients/${newId("client", testNow)}/api-keys`, undefined],
	])("answers 404 for what does not exist: %s", async (route, body) => {
		await expectRefused(route, { body }, { status: 404, code: "not_found" });
	});

	test.each(["/staff", `/staff/${staffId}/keys`, "/clients/1/api-keys"])(
		"refuses bad pages of %s",
		async (path) => {
			await expectRefused(
				`GET ${path}?limit=0`,
				{},
				{ status: 400, code: "invalid_request", pointers: ["?limit"] },
			);
		},
	);

	test("takes no cursor of another list", async () => {
		await givenStaff("agent");
		const { nextCursor } = (await call("GET /staff?limit=1")).body;
		for (const cursor of [nextCursor, "x"])
			await expectRefused(
				`GET /staff/${admin.id}/keys?cursor=${cursor}`,
				{},
				{ status: 400, code: "invalid_cursor" },
			);
	});
});
