/** Keys of clients and staff, from making to ending, on a real database. */
import { beforeEach, describe, expect, test } from "vitest";
import { testNow, useDatabase } from "../../../test/db.ts";
import {
	type Actor,
	type CustomerActor,
	type StaffActor,
	system,
} from "../../kernel/actor.ts";
import { newId } from "../../kernel/id.ts";
import { sql } from "../../platform/sql.ts";
import { addStaff } from "./add-staff.ts";
import { type KeyHolder, parseKey } from "./api-key.ts";
import { createApiKey, type NewApiKey } from "./create-api-key.ts";
import { findKeyActor } from "./find-key-actor.ts";
import { listApiKeys } from "./list-api-keys.ts";
import { noteKeyUses } from "./note-key-uses.ts";
import { patchStaff } from "./patch-staff.ts";
import { revokeApiKey } from "./revoke-api-key.ts";
import type { StaffRole } from "./staff.ts";

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

async function givenStaff(role: StaffRole): Promise<string> {
	const input = { name: "Ada", email: null, role };
	const { id } = await db.performer.perform(cli, addStaff, input);
	return id;
}

function create(input: Partial<NewApiKey> = {}, actor: Actor = cli) {
	return db.performer.perform(actor, createApiKey, {
		holder: { clientId },
		name: "deploys",
		scopes: ["read:support"],
		expiresAt: null,
		isTest: false,
		...input,
	});
}

function find(key: string) {
	const hash = parseKey(key)?.hash ?? "";
	return db.performer.ask(system("key-ring"), findKeyActor, { hash });
}

function eventsOf(subject: string) {
	return db.sql.rows(sql`
		select kind, client_id, data from events where subject = ${subject} order by id`);
}

const customer: CustomerActor = {
	kind: "customer",
	clientId: newId("client", testNow),
	keyId: newId("key", testNow),
	scopes: ["read:all", "write:all"],
};

function staffActor(scopes: readonly string[]): StaffActor {
	const staffId = newId("staff", testNow);
	return { kind: "staff", staffId, name: "Bo", keyId: customer.keyId, scopes };
}

/** An administrator with a key of these scopes. */
async function signedInStaff(
	scopes: readonly string[],
	expiresAt: Date | null = null,
): Promise<StaffActor> {
	const holder = { staffId: await givenStaff("admin") };
	const { key } = await create({ holder, scopes, expiresAt });
	const found = await find(key);
	if (found?.actor.kind !== "staff") throw new Error("no member of staff");
	return found.actor;
}

describe("createApiKey", () => {
	test("gives a client a key that signs it in, shown once and kept as its hash", async () => {
		const expiresAt = new Date(testNow.getTime() + hour);
		const scopes = ["write:support", "read:support"];
		const created = await create({ scopes, expiresAt });
		expect(created).toMatchObject({
			clientId,
			staffId: null,
			name: "deploys",
			isTest: false,
			scopes: ["read:support", "write:support"],
			createdAt: testNow,
			expiresAt,
			revokedAt: null,
			lastUsedAt: null,
			lastFour: created.key.slice(-4),
		});
		expect(created.key).toMatch(/^pst_live_/);
		expect(await find(created.key)).toMatchObject({
			id: created.id,
			actor: {
				kind: "customer",
				clientId,
				keyId: created.id,
				scopes: ["read:support", "write:support"],
			},
		});
		const row = await db.sql.first(
			sql<{
				text: string;
			}>`select k::text as text from api_keys k where id = ${created.id}`,
		);
		expect(row?.text).not.toContain(created.key.slice(9, 30));
		expect(await eventsOf(created.id)).toEqual([
			{ kind: "key.created", clientId, data: { scopes: created.scopes } },
		]);
	});

	test("gives a member of staff a key that does what the role allows, now and after a change of role", async () => {
		const staffId = await givenStaff("admin");
		const scopes = ["desk:admin", "desk:review", "ops:read"];
		const { id, key } = await create({ holder: { staffId }, scopes });
		expect(await find(key)).toMatchObject({
			actor: {
				kind: "staff",
				staffId,
				name: "Ada",
				keyId: id,
				scopes: ["desk:review", "desk:admin", "ops:read"],
			},
		});
		await db.ownerSql.run(
			sql`update staff set role = 'reviewer' where id = ${staffId}`,
		);
		expect(await find(key)).toMatchObject({
			actor: { scopes: ["desk:review"] },
		});
	});

	test("makes test keys on demo data only", async () => {
		await expect(create({ isTest: true })).rejects.toMatchObject({
			code: "request.invalid",
			faults: [{ pointer: "/isTest" }],
		});
		await db.ownerSql.run(sql`update installation set is_demo = true`);
		const { key } = await create({ isTest: true });
		expect(key).toMatch(/^pst_test_/);
		expect(await find(key)).toMatchObject({
			state: { isTest: true, isDemo: true },
		});
	});

	test.each<[string, Partial<NewApiKey>, string]>([
		["a blank name", { name: " " }, "/name"],
		["no scope", { scopes: [] }, "/scopes"],
		["a desk scope", { scopes: ["desk:review"] }, "/scopes/0"],
		["an expiry that is past", { expiresAt: testNow }, "/expiresAt"],
	])(
		"refuses a client's key with %s, and leaves nothing",
		async (_, input, pointer) => {
			await expect(create(input)).rejects.toMatchObject({
				code: "request.invalid",
				faults: [{ pointer }],
			});
			const { data } = await db.performer.ask(cli, listApiKeys, {
				holder: { clientId },
				limit: 1,
			});
			expect(data).toEqual([]);
		},
	);

	test("refuses scopes beyond the role", async () => {
		const staffId = await givenStaff("reviewer");
		const scopes = ["desk:review", "desk:admin"];
		await expect(create({ holder: { staffId }, scopes })).rejects.toMatchObject(
			{
				faults: [{ pointer: "/scopes/1" }],
			},
		);
	});

	test("refuses holders that do not exist or are disabled", async () => {
		const gone = await givenStaff("admin");
		await db.ownerSql.run(
			sql`update staff set disabled_at = now() where id = ${gone}`,
		);
		const holders: KeyHolder[] = [
			{ clientId: customer.clientId },
			{ clientId: "client_1\0" },
			{ staffId: "staff_1\0" },
			{ staffId: newId("staff", testNow) },
			{ staffId: gone },
		];
		for (const holder of holders)
			await expect(create({ holder })).rejects.toMatchObject({
				code: "resource.not_found",
			});
	});

	test("lets administrators hand out to staff what their own key has, and nobody else anything", async () => {
		const admin = await signedInStaff(["desk:admin", "desk:review"]);
		const holder = { staffId: await givenStaff("admin") };
		const review = await create({ holder, scopes: ["desk:review"] }, admin);
		expect(review.scopes).toEqual(["desk:review"]);
		await expect(
			create({ holder, scopes: ["desk:inventory"] }, admin),
		).rejects.toMatchObject({ faults: [{ pointer: "/scopes/0" }] });
		for (const actor of [admin, customer, staffActor(["desk:review"])])
			await expect(create({}, actor)).rejects.toMatchObject({
				code: "auth.forbidden",
			});
		await expect(
			create({ holder, scopes: ["desk:review"] }, customer),
		).rejects.toMatchObject({ code: "auth.forbidden" });
	});

	test("looks at the administrator's key and role once more: what ended meanwhile makes no key", async () => {
		const holder = { staffId: await givenStaff("agent") };
		const wish = { holder, scopes: ["desk:tickets"] };
		const revoked = await signedInStaff(["desk:admin", "desk:tickets"]);
		await db.performer.perform(cli, revokeApiKey, { keyId: revoked.keyId });
		const disabled = await signedInStaff(["desk:admin", "desk:tickets"]);
		await db.performer.perform(cli, patchStaff, {
			staffId: disabled.staffId,
			disabled: true,
		});
		for (const actor of [revoked, disabled])
			await expect(create(wish, actor)).rejects.toMatchObject({
				code: "auth.required",
			});
		const demoted = await signedInStaff(["desk:admin", "desk:tickets"]);
		await db.performer.perform(cli, patchStaff, {
			staffId: demoted.staffId,
			role: "agent",
		});
		await expect(create(wish, demoted)).rejects.toMatchObject({
			code: "auth.forbidden",
		});
	});

	test("binds staff to the end of their own key", async () => {
		const holder = { staffId: await givenStaff("agent") };
		const ends = new Date(testNow.getTime() + hour);
		const admin = await signedInStaff(["desk:admin", "desk:tickets"], ends);
		const wish = { holder, scopes: ["desk:tickets"] };
		for (const expiresAt of [null, new Date(ends.getTime() + 1)])
			await expect(create({ ...wish, expiresAt }, admin)).rejects.toMatchObject(
				{ faults: [{ pointer: "/expiresAt" }] },
			);
		expect(
			(await create({ ...wish, expiresAt: ends }, admin)).expiresAt,
		).toEqual(ends);
	});

	test("stops at 50 live keys of a client, however many are made at once", async () => {
		const results = await Promise.allSettled(
			Array.from({ length: 60 }, () => create()),
		);
		const made = results.flatMap((result) =>
			result.status === "fulfilled" ? [result.value] : [],
		);
		expect(made).toHaveLength(50);
		await expect(create()).rejects.toMatchObject({ code: "key.too_many" });
		await db.performer.perform(cli, revokeApiKey, { keyId: made[0]!.id });
		expect((await create()).clientId).toBe(clientId);
	});
});

describe("revokeApiKey", () => {
	test("ends a key once, with one event", async () => {
		const { id, key } = await create();
		const first = await db.performer.perform(cli, revokeApiKey, { keyId: id });
		db.now = new Date(testNow.getTime() + hour);
		const again = await db.performer.perform(cli, revokeApiKey, { keyId: id });
		expect(first.revokedAt).toEqual(testNow);
		expect(again).toEqual(first);
		expect((await find(key))?.state.revokedAt).toEqual(testNow);
		expect((await eventsOf(id)).slice(1)).toEqual([
			{ kind: "key.revoked", clientId, data: {} },
		]);
	});

	test("ends only a key of the holder that is named, for administrators", async () => {
		const admin = await signedInStaff(["desk:admin"]);
		const { id: keyId } = await create();
		const other = { clientId: await givenClient() };
		await expect(
			db.performer.perform(admin, revokeApiKey, { keyId, holder: other }),
		).rejects.toMatchObject({ code: "key.not_found" });
		const holder = { clientId };
		const revoked = await db.performer.perform(admin, revokeApiKey, {
			keyId,
			holder,
		});
		expect(revoked.revokedAt).toEqual(testNow);
	});

	test("refuses unknown keys, and staff who are no administrators", async () => {
		const keyId = newId("key", testNow);
		for (const unknown of [keyId, "key_1\0"])
			await expect(
				db.performer.perform(cli, revokeApiKey, { keyId: unknown }),
			).rejects.toMatchObject({ code: "key.not_found" });
		await expect(
			db.performer.perform(staffActor(["desk:review"]), revokeApiKey, {
				keyId,
			}),
		).rejects.toMatchObject({ code: "auth.forbidden" });
	});
});

describe("listApiKeys", () => {
	test("lists a holder's keys page by page, newest first, and no secret among them", async () => {
		const ids: string[] = [];
		for (let i = 0; i < 5; i += 1) {
			db.now = new Date(testNow.getTime() + i);
			ids.unshift((await create()).id);
		}
		const seen: string[] = [];
		let cursor: string | undefined;
		do {
			const page = await db.performer.ask(cli, listApiKeys, {
				holder: { clientId },
				limit: 2,
				cursor,
			});
			for (const key of page.data) {
				expect(Object.keys(key)).not.toContain("hash");
				seen.push(key.id);
			}
			cursor = page.nextCursor ?? undefined;
		} while (cursor !== undefined);
		expect(seen).toEqual(ids);
	});

	test("lists everybody's, or one member of staff's", async () => {
		const staffId = await givenStaff("agent");
		const scopes = ["desk:tickets"];
		const { id } = await create({ holder: { staffId }, scopes });
		const all = await db.performer.ask(cli, listApiKeys, { limit: 1_000 });
		expect(all.data.map((key) => key.id)).toContain(id);
		const own = await db.performer.ask(cli, listApiKeys, {
			holder: { staffId },
			limit: 10,
		});
		expect(own.data.map((key) => key.id)).toEqual([id]);
	});

	test("refuses a holder that does not exist", async () => {
		for (const holder of [
			{ clientId: newId("client", testNow) },
			{ staffId: newId("staff", testNow) },
			{ staffId: "staff_1\0" },
		])
			await expect(
				db.performer.ask(cli, listApiKeys, { holder, limit: 1 }),
			).rejects.toMatchObject({ code: "resource.not_found" });
	});

	test("refuses the cursor of another list, and everybody who is no administrator", async () => {
		await create();
		await create();
		const { nextCursor } = await db.performer.ask(cli, listApiKeys, {
			limit: 1,
		});
		await expect(
			db.performer.ask(cli, listApiKeys, {
				holder: { clientId },
				limit: 1,
				cursor: nextCursor ?? "",
			}),
		).rejects.toMatchObject({ code: "request.cursor_invalid" });
		await expect(
			db.performer.ask(customer, listApiKeys, { limit: 1 }),
		).rejects.toMatchObject({ code: "auth.forbidden" });
	});
});

describe("noteKeyUses", () => {
	const ring = system("key-ring");

	test("moves the last use forward and never back, and leaves no event", async () => {
		const { id } = await create();
		const later = new Date(testNow.getTime() + hour);
		const note = (at: Date) =>
			db.performer.perform(ring, noteKeyUses, [{ keyId: id, at }]);
		expect(await note(later)).toBe(1);
		expect(await note(testNow)).toBe(0);
		const { data } = await db.performer.ask(cli, listApiKeys, {
			holder: { clientId },
			limit: 1,
		});
		expect(data[0]?.lastUsedAt).toEqual(later);
		expect(await eventsOf(id)).toHaveLength(1);
	});

	test("writes the same keys from several sides at once without a deadlock", async () => {
		const made = await Promise.all(Array.from({ length: 20 }, () => create()));
		const uses = made.map(({ id }, i) => ({
			keyId: id,
			at: new Date(testNow.getTime() + i),
		}));
		const changed = await Promise.all(
			Array.from({ length: 8 }, (_, i) =>
				db.performer.perform(
					ring,
					noteKeyUses,
					i % 2 ? uses : uses.toReversed(),
				),
			),
		);
		expect(changed.reduce((sum, count) => sum + count)).toBe(20);
	});

	test("is for the system alone, as is finding a key by its hash", async () => {
		const [perform, ask] = [db.performer.perform, db.performer.ask];
		await expect(perform(customer, noteKeyUses, [])).rejects.toMatchObject({
			code: "auth.forbidden",
		});
		await expect(
			ask(staffActor(["desk:admin"]), findKeyActor, { hash: "" }),
		).rejects.toMatchObject({ code: "auth.forbidden" });
	});
});
