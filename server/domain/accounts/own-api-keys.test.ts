/** A client makes, changes, rolls and ends its own keys, on a real database. */
import { beforeEach, describe, expect, test } from "vitest";
import { testNow, useDatabase } from "../../../test/db.ts";
import { type CustomerActor, scopes, system } from "../../kernel/actor.ts";
import { newId } from "../../kernel/id.ts";
import type { Verb } from "../../platform/perform.ts";
import { sql } from "../../platform/sql.ts";
import { addStaff } from "./add-staff.ts";
import { keyRefusal, liveKeysMax, parseKey } from "./api-key.ts";
import { createApiKey } from "./create-api-key.ts";
import { findKeyActor } from "./find-key-actor.ts";
import { patchApiKey } from "./patch-api-key.ts";
import { getOwnApiKey, listOwnApiKeys } from "./read-own-api-keys.ts";
import { revokeApiKey } from "./revoke-api-key.ts";
import { rollApiKey } from "./roll-api-key.ts";

const db = useDatabase();
const cli = system("cli");
const hour = 3_600_000;

let clientId: string;
let legacyId = 0;

beforeEach(async () => {
	await db.ownerSql.run(sql`update installation set is_demo = false`);
	db.now = testNow;
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

interface Wish {
	readonly scopes?: readonly string[];
	readonly expiresAt?: Date | null;
	readonly isTest?: boolean;
	readonly of?: string;
}

/** A key that the operator made, and who acts with it. */
async function givenKey(wish: Wish = {}) {
	const made = await db.performer.perform(cli, createApiKey, {
		holder: { clientId: wish.of ?? clientId },
		name: "given",
		scopes: wish.scopes ?? scopes.customer,
		expiresAt: wish.expiresAt ?? null,
		isTest: wish.isTest ?? false,
	});
	const actor: CustomerActor = {
		kind: "customer",
		clientId: wish.of ?? clientId,
		keyId: made.id,
		scopes: made.scopes,
	};
	return { ...made, actor };
}

function create(actor: CustomerActor, wish: Wish & { name?: string } = {}) {
	return db.performer.perform(actor, createApiKey, {
		holder: { clientId: wish.of ?? actor.clientId },
		name: wish.name ?? "deploys",
		scopes: wish.scopes ?? ["read:support"],
		expiresAt: wish.expiresAt ?? null,
		...(wish.isTest !== undefined && { isTest: wish.isTest }),
	});
}

async function stateOf(key: string) {
	const hash = parseKey(key)?.hash ?? "";
	const found = await db.performer.ask(cli, findKeyActor, { hash });
	return found && (keyRefusal(found.state, db.now) ?? "usable");
}

async function digest() {
	const [row] = await db.sql.rows(sql`
		select (select md5(string_agg(k::text, ' ' order by id)) from api_keys k) as keys,
		       (select count(*) from events) as events, (select count(*) from audit) as audit`);
	return row;
}

/** The verb is refused so, and nothing is written. */
async function expectRefused<Input>(
	call: {
		readonly actor: CustomerActor;
		readonly verb: Verb<Input, unknown>;
		readonly input: Input;
	},
	refusal: object,
): Promise<void> {
	const before = await digest();
	await expect(
		db.performer.perform(call.actor, call.verb, call.input),
	).rejects.toMatchObject(refusal);
	expect(await digest()).toEqual(before);
}

function eventsSince(id: number) {
	return db.sql.rows(sql`
		select e.kind, e.subject, e.client_id, e.data, a.key_id, a.verb from events e join audit a on a.event_id = e.id
		where e.id > ${id} order by e.id`);
}

async function lastEvent(): Promise<number> {
	const row = await db.sql.first(
		sql<{ id: number }>`select coalesce(max(id), 0) as id from events`,
	);
	return row?.id ?? 0;
}

const at = (ms: number) => new Date(testNow.getTime() + ms);

describe("a key that makes another one", () => {
	test("gives what it has itself, for its own client", async () => {
		const { actor } = await givenKey({
			scopes: ["read:all", "write:account"],
			expiresAt: at(hour),
		});
		const since = await lastEvent();
		const made = await create(actor, {
			scopes: ["write:account", "read:support"],
			expiresAt: at(hour),
		});
		expect(made).toMatchObject({
			clientId,
			scopes: ["write:account", "read:support"],
			expiresAt: at(hour),
			isTest: false,
		});
		expect(await stateOf(made.key)).toBe("usable");
		expect(await eventsSince(since)).toEqual([
			{
				kind: "key.created",
				subject: made.id,
				clientId,
				data: { scopes: made.scopes },
				keyId: actor.keyId,
				verb: "create-api-key",
			},
		]);
	});

	test.each<[string, Wish & { name?: string }, string[]]>([
		[
			"a scope it does not have",
			{ scopes: ["read:vm", "write:vm"] },
			["/scopes/1"],
		],
		["an umbrella it does not have", { scopes: ["write:all"] }, ["/scopes/0"]],
		["no end, where its own has one", { expiresAt: null }, ["/expiresAt"]],
		["an end later than its own", { expiresAt: at(hour + 1) }, ["/expiresAt"]],
		[
			"both too much and too long",
			{ scopes: ["write:all", "write:vm"], expiresAt: null },
			["/scopes/0", "/scopes/1", "/expiresAt"],
		],
		["a scope of the desk", { scopes: ["desk:admin"] }, ["/scopes/0"]],
		["no scope", { scopes: [] }, ["/scopes"]],
		["an end that is past", { expiresAt: testNow }, ["/expiresAt"]],
		["a blank name", { name: "\u200b" }, ["/name"]],
		["a name that is too long", { name: "a".repeat(101) }, ["/name"]],
	])("is refused %s", async (_, wish, pointers) => {
		const { actor } = await givenKey({
			scopes: ["read:all", "write:account", "write:support"],
			expiresAt: at(hour),
		});
		await expectRefused(
			{
				actor,
				verb: createApiKey,
				input: {
					holder: { clientId },
					name: wish.name ?? "stronger",
					scopes: wish.scopes ?? ["read:vm"],
					expiresAt: wish.expiresAt === undefined ? at(hour) : wish.expiresAt,
				},
			},
			{
				code: "request.invalid",
				faults: pointers.map((pointer) => ({ pointer })),
			},
		);
	});

	test("makes none for another client, or for staff", async () => {
		const { actor } = await givenKey();
		const input = { name: "x", scopes: ["read:vm"], expiresAt: null };
		const { id: staffId } = await db.performer.perform(cli, addStaff, {
			name: "Ada",
			email: null,
			role: "admin",
		});
		for (const holder of [{ clientId: await givenClient() }, { staffId }])
			await expectRefused(
				{ actor, verb: createApiKey, input: { ...input, holder } },
				{ code: "auth.forbidden" },
			);
	});

	test("makes keys of its own kind, also in a demo", async () => {
		await db.ownerSql.run(sql`update installation set is_demo = true`);
		const ofDemo = await givenKey({ isTest: true });
		expect((await create(ofDemo.actor)).key).toMatch(/^pst_test_/);
		const live = await givenKey();
		expect((await create(live.actor)).key).toMatch(/^pst_live_/);
	});

	test("stops at 50 live keys, however many are made at once", async () => {
		const { actor } = await givenKey();
		const results = await Promise.allSettled(
			Array.from({ length: 60 }, () => create(actor)),
		);
		const made = results.filter(({ status }) => status === "fulfilled");
		expect(made).toHaveLength(liveKeysMax - 1);
		await expect(create(actor)).rejects.toMatchObject({ code: "key.too_many" });
	});
});

describe("every change of a key", () => {
	const calls = {
		create: (_: string, of: string) => ({
			verb: createApiKey as Verb<never, unknown>,
			input: {
				holder: { clientId: of },
				name: "x",
				scopes: ["read:vm"],
				expiresAt: null,
			} as never,
		}),
		patch: (keyId: string) => ({
			verb: patchApiKey as Verb<never, unknown>,
			input: { keyId, name: "x" } as never,
		}),
		roll: (keyId: string) => ({
			verb: rollApiKey as Verb<never, unknown>,
			input: { keyId, overlapHours: 1 } as never,
		}),
		revoke: (keyId: string) => ({
			verb: revokeApiKey as Verb<never, unknown>,
			input: { keyId } as never,
		}),
	};

	test.each(Object.entries(calls))(
		"is refused to an account that is not active: %s",
		async (_, call) => {
			const { actor, id } = await givenKey();
			await db.ownerSql.run(
				sql`update clients set status = 'suspended' where id = ${clientId}`,
			);
			await expectRefused(
				{ actor, ...call(id, clientId) },
				{ code: "account.inactive" },
			);
		},
	);

	test.each(Object.entries(calls))(
		"is refused to a key that ended after it was let in: %s",
		async (_, call) => {
			const target = await givenKey();
			const revoked = await givenKey();
			await db.performer.perform(cli, revokeApiKey, { keyId: revoked.id });
			const expired = await givenKey({ expiresAt: at(1) });
			db.now = at(1);
			const unknown = { ...target.actor, keyId: newId("key", testNow) };
			const foreign = {
				...target.actor,
				keyId: (await givenKey({ of: await givenClient() })).id,
			};
			for (const actor of [revoked.actor, expired.actor, unknown, foreign])
				await expectRefused(
					{ actor, ...call(target.id, clientId) },
					{ code: "auth.required" },
				);
		},
	);

	test.each(Object.entries(calls).filter(([name]) => name !== "create"))(
		"finds no key of another client, no staff's, none that was revoked and none that never was: %s",
		async (_, call) => {
			const { actor } = await givenKey();
			const foreign = await givenKey({ of: await givenClient() });
			const gone = await givenKey();
			await db.performer.perform(cli, revokeApiKey, { keyId: gone.id });
			const { id: staffId } = await db.performer.perform(cli, addStaff, {
				name: "Ada",
				email: null,
				role: "admin",
			});
			const staffs = await db.performer.perform(cli, createApiKey, {
				holder: { staffId },
				name: "x",
				scopes: ["desk:admin"],
				expiresAt: null,
			});
			for (const id of [
				foreign.id,
				gone.id,
				staffs.id,
				newId("key", testNow),
				"key_1\0",
				"",
			])
				await expectRefused(
					{ actor, ...call(id, clientId) },
					{ code: "key.not_found" },
				);
		},
	);

	test.each(
		Object.entries(calls).filter(([name]) => ["patch", "roll"].includes(name)),
	)("is refused for a stronger or longer key: %s", async (_, call) => {
		const weak = await givenKey({
			scopes: ["write:account", "read:support"],
			expiresAt: at(hour),
		});
		const stronger = await givenKey({
			scopes: ["write:all"],
			expiresAt: at(hour),
		});
		const longer = await givenKey({ scopes: ["read:support"] });
		for (const { id } of [stronger, longer])
			await expectRefused(
				{ actor: weak.actor, ...call(id, clientId) },
				{ code: "auth.forbidden" },
			);
	});

	test.each(
		Object.entries(calls).filter(([name]) => ["patch", "roll"].includes(name)),
	)("is refused for a key that is over: %s", async (_, call) => {
		const { actor } = await givenKey();
		const expired = await givenKey({ expiresAt: at(1) });
		const rolled = await givenKey();
		await db.performer.perform(actor, rollApiKey, {
			keyId: rolled.id,
			overlapHours: 24,
		});
		db.now = at(1);
		for (const { id } of [expired, rolled])
			await expectRefused(
				{ actor, ...call(id, clientId) },
				{ code: "key.ended" },
			);
	});
});

describe("patchApiKey", () => {
	test("changes what is named, with one event that names the fields and no text", async () => {
		const { actor } = await givenKey();
		const target = await givenKey({ scopes: ["read:vm"] });
		const since = await lastEvent();
		const patched = await db.performer.perform(actor, patchApiKey, {
			keyId: target.id,
			name: "zebra crossing",
			scopes: ["write:vm", "read:vm"],
			expiresAt: at(hour),
		});
		expect(patched).toMatchObject({
			id: target.id,
			name: "zebra crossing",
			scopes: ["read:vm", "write:vm"],
			expiresAt: at(hour),
		});
		expect(
			await db.performer.ask(actor, getOwnApiKey, { keyId: target.id }),
		).toEqual(patched);
		const event = {
			kind: "key.changed",
			subject: target.id,
			clientId,
			keyId: actor.keyId,
			verb: "patch-api-key",
		};
		expect(await eventsSince(since)).toEqual([
			{
				...event,
				data: {
					fields: ["name", "scopes", "expiresAt"],
					scopes: ["read:vm", "write:vm"],
				},
			},
		]);
		await db.performer.perform(actor, patchApiKey, {
			keyId: target.id,
			expiresAt: null,
		});
		expect((await eventsSince(since)).slice(1)).toMatchObject([
			{ ...event, data: { fields: ["expiresAt"] } },
		]);
	});

	test("writes nothing when all is so already", async () => {
		const { actor, id, name } = await givenKey({ expiresAt: at(hour) });
		const before = await digest();
		for (const wish of [
			{},
			{ name, scopes: scopes.customer.toReversed(), expiresAt: at(hour) },
		])
			await db.performer.perform(actor, patchApiKey, { keyId: id, ...wish });
		expect(await digest()).toEqual(before);
	});

	test("lets a key narrow itself, and not widen itself or another one beyond itself", async () => {
		const { actor, id } = await givenKey({
			scopes: ["read:all", "write:account"],
			expiresAt: at(hour),
		});
		const other = await givenKey({
			scopes: ["read:vm"],
			expiresAt: at(1),
		});
		for (const keyId of [id, other.id]) {
			await expectRefused(
				{
					actor,
					verb: patchApiKey,
					input: { keyId, scopes: ["read:all", "write:support", "write:all"] },
				},
				{ faults: [{ pointer: "/scopes/1" }, { pointer: "/scopes/2" }] },
			);
			for (const expiresAt of [null, at(hour + 1), testNow])
				await expectRefused(
					{ actor, verb: patchApiKey, input: { keyId, expiresAt } },
					{ code: "request.invalid", faults: [{ pointer: "/expiresAt" }] },
				);
		}
		await db.performer.perform(actor, patchApiKey, {
			keyId: id,
			scopes: ["read:vm", "write:account"],
		});
		// What it was when it was let in does not count any more.
		await expectRefused(
			{ actor, verb: patchApiKey, input: { keyId: id, scopes: ["read:all"] } },
			{ faults: [{ pointer: "/scopes/0" }] },
		);
	});

	test.each([
		["a blank name", { name: " " }, "/name"],
		["no scope", { scopes: [] }, "/scopes"],
		["a scope of the desk", { scopes: ["ops:read"] }, "/scopes/0"],
	])("refuses %s", async (_, wish, pointer) => {
		const { actor, id } = await givenKey();
		await expectRefused(
			{ actor, verb: patchApiKey, input: { keyId: id, ...wish } },
			{ code: "request.invalid", faults: [{ pointer }] },
		);
	});
});

describe("rollApiKey", () => {
	test("puts a new key in the place of the old one, which ends at once", async () => {
		const old = await givenKey({ scopes: ["read:vm"], expiresAt: at(hour) });
		const { actor } = await givenKey();
		const since = await lastEvent();
		const made = await db.performer.perform(actor, rollApiKey, {
			keyId: old.id,
			overlapHours: 0,
		});
		expect(made).toMatchObject({
			clientId,
			name: old.name,
			scopes: ["read:vm"],
			expiresAt: at(hour),
			revokedAt: null,
		});
		expect(made.id).not.toBe(old.id);
		expect(await stateOf(old.key)).toBe("revoked");
		expect(await stateOf(made.key)).toBe("usable");
		expect(await eventsSince(since)).toMatchObject([
			{ kind: "key.created", subject: made.id, clientId },
			{
				kind: "key.rolled",
				subject: old.id,
				clientId,
				data: { successorId: made.id, overlapHours: 0 },
				keyId: actor.keyId,
				verb: "roll-api-key",
			},
		]);
	});

	test("lets the old key work on for the overlap, and never longer than it would have", async () => {
		const { actor } = await givenKey();
		const old = await givenKey();
		const short = await givenKey({ expiresAt: at(1) });
		const roll = (keyId: string) =>
			db.performer.perform(actor, rollApiKey, { keyId, overlapHours: 24 });
		await roll(old.id);
		await roll(short.id);
		expect(await stateOf(old.key)).toBe("usable");
		db.now = at(1);
		expect(await stateOf(short.key)).toBe("expired");
		db.now = at(24 * hour - 1);
		expect(await stateOf(old.key)).toBe("usable");
		db.now = at(24 * hour);
		expect(await stateOf(old.key)).toBe("expired");
	});

	test("lets a key roll itself", async () => {
		const { actor, id, key } = await givenKey();
		const made = await db.performer.perform(actor, rollApiKey, {
			keyId: id,
			overlapHours: 0,
		});
		expect(await stateOf(key)).toBe("revoked");
		expect(await stateOf(made.key)).toBe("usable");
	});

	test.each([-1, 25, 0.5, Number.NaN])("refuses %d hours", async (hours) => {
		const { actor, id } = await givenKey();
		await expectRefused(
			{ actor, verb: rollApiKey, input: { keyId: id, overlapHours: hours } },
			{ faults: [{ pointer: "/overlapHours" }] },
		);
	});

	test("rolls one of 50 keys, but has no room for both", async () => {
		const { actor, id } = await givenKey();
		for (let i = 1; i < liveKeysMax; i += 1) await create(actor);
		await expectRefused(
			{ actor, verb: rollApiKey, input: { keyId: id, overlapHours: 1 } },
			{ code: "key.too_many" },
		);
		const { data } = await db.performer.ask(actor, listOwnApiKeys, {
			limit: 100,
		});
		const other = data.find((key) => key.id !== id);
		await db.performer.perform(actor, rollApiKey, {
			keyId: other?.id ?? "",
			overlapHours: 0,
		});
	});

	test("has one successor, however often it is rolled at once", async () => {
		const { actor } = await givenKey();
		const { id } = await givenKey();
		const results = await Promise.allSettled(
			Array.from({ length: 8 }, () =>
				db.performer.perform(actor, rollApiKey, {
					keyId: id,
					overlapHours: 1,
				}),
			),
		);
		expect(results.filter(({ status }) => status === "fulfilled")).toHaveLength(
			1,
		);
		for (const result of results)
			if (result.status === "rejected")
				expect(result.reason).toMatchObject({ code: "key.ended" });
	});

	test("is open to the system, for a key of staff too, and not to staff", async () => {
		const { id: staffId } = await db.performer.perform(cli, addStaff, {
			name: "Ada",
			email: null,
			role: "admin",
		});
		const old = await db.performer.perform(cli, createApiKey, {
			holder: { staffId },
			name: "desk",
			scopes: ["desk:admin"],
			expiresAt: null,
		});
		const input = { keyId: old.id, overlapHours: 0 };
		const admin = {
			kind: "staff",
			staffId,
			name: "Ada",
			keyId: old.id,
			scopes: ["desk:admin"],
		} as const;
		await expect(
			db.performer.perform(admin, rollApiKey, input),
		).rejects.toMatchObject({ code: "auth.forbidden" });
		const made = await db.performer.perform(cli, rollApiKey, input);
		expect(made).toMatchObject({ staffId, scopes: ["desk:admin"] });
		expect(await stateOf(old.key)).toBe("revoked");
	});
});

describe("revokeApiKey by a client", () => {
	test("ends any of its keys: a stronger one, an expired one, the last one that is itself", async () => {
		const weak = await givenKey({
			scopes: ["write:account"],
			expiresAt: at(hour),
		});
		const strong = await givenKey();
		const expired = await givenKey({ expiresAt: at(1) });
		db.now = at(1);
		const since = await lastEvent();
		for (const { id } of [strong, expired, weak])
			await db.performer.perform(weak.actor, revokeApiKey, { keyId: id });
		expect(await stateOf(strong.key)).toBe("revoked");
		expect(await stateOf(weak.key)).toBe("revoked");
		expect(await eventsSince(since)).toMatchObject(
			[strong, expired, weak].map(({ id }) => ({
				kind: "key.revoked",
				subject: id,
				clientId,
				keyId: weak.id,
			})),
		);
	});

	test("is the end: no key of the ended one turns up after the answer", async () => {
		for (let round = 0; round < 10; round += 1) {
			clientId = await givenClient();
			const thief = await givenKey();
			const making = create(thief.actor).then(
				({ id }) => id,
				(error: unknown) => error,
			);
			await db.performer.perform(cli, revokeApiKey, { keyId: thief.id });
			const { data } = await db.performer.ask(thief.actor, listOwnApiKeys, {
				limit: 10,
			});
			const made = await making;
			if (typeof made === "string")
				expect(data.map(({ id }) => id)).toContain(made);
			else expect(made).toMatchObject({ code: "auth.required" });
		}
	});
});

describe("reading one's own keys", () => {
	test("shows what is present, newest first, and nobody else's", async () => {
		const { actor, id } = await givenKey();
		db.now = at(1);
		const expired = await givenKey({ expiresAt: at(2) });
		db.now = at(2);
		const gone = await givenKey();
		await db.performer.perform(cli, revokeApiKey, { keyId: gone.id });
		await givenKey({ of: await givenClient() });
		const { data } = await db.performer.ask(actor, listOwnApiKeys, {
			limit: 10,
		});
		expect(data.map((key) => key.id)).toEqual([expired.id, id]);
		await expect(
			db.performer.ask(cli, listOwnApiKeys, { limit: 1 }),
		).rejects.toMatchObject({ code: "auth.forbidden" });
	});
});
