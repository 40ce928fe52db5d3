import { beforeEach, describe, expect, test } from "vitest";
import { testNow, useDatabase } from "../../test/db.ts";
import { addStaff } from "../domain/accounts/add-staff.ts";
import { type KeyHolder, mintKey } from "../domain/accounts/api-key.ts";
import { createApiKey } from "../domain/accounts/create-api-key.ts";
import { revokeApiKey } from "../domain/accounts/revoke-api-key.ts";
import { system } from "../kernel/actor.ts";
import { newId } from "../kernel/id.ts";
import type { Performer } from "../platform/perform.ts";
import { sql } from "../platform/sql.ts";
import { createKeyRing, type KeyRing } from "./key-ring.ts";

const db = useDatabase();
const cli = system("cli");

let clientId: string;
let legacyId = 0;
let ring: KeyRing;
let reads: number;

beforeEach(async () => {
	await db.ownerSql.run(sql`update installation set is_demo = false`);
	clientId = newId("client", testNow);
	legacyId += 1;
	await db.ownerSql.run(sql`
		insert into clients (id, legacy_id, status, created_at, updated_at)
		values (${clientId}, ${legacyId}, 'suspended', ${testNow}, ${testNow})`);
	reads = 0;
	ring = createKeyRing({ performer: counted() });
});

/** The real performer; questions are counted. */
function counted(): Pick<Performer, "ask" | "perform"> {
	return {
		perform: db.performer.perform,
		ask(actor, question, input) {
			reads += 1;
			return db.performer.ask(actor, question, input);
		},
	};
}

function at(ms: number): Date {
	return new Date(testNow.getTime() + ms);
}

async function givenKey(
	input: { holder?: KeyHolder; expiresAt?: Date; isTest?: boolean } = {},
) {
	return db.performer.perform(cli, createApiKey, {
		holder: input.holder ?? { clientId },
		name: "test",
		scopes: input.holder?.staffId ? ["desk:tickets"] : ["read:support"],
		expiresAt: input.expiresAt ?? null,
		isTest: input.isTest ?? false,
	});
}

describe("whoHolds", () => {
	test("signs a client in, a suspended one too, with one read for all requests of half a second", async () => {
		const { id, key } = await givenKey();
		const actor = {
			kind: "customer",
			clientId,
			keyId: id,
			scopes: ["read:support"],
		};
		const found = await Promise.all(
			Array.from({ length: 100 }, (_, i) => ring.whoHolds(key, at(i))),
		);
		expect(new Set(found)).toEqual(new Set([actor]));
		expect(await ring.whoHolds(key, at(500))).toEqual(actor);
		expect(reads).toBe(1);
		await ring.whoHolds(key, at(1_000));
		expect(reads).toBe(2);
	});

	test("reads a key that stays in use again before its second is over, and lets nobody wait for that", async () => {
		const { id, key } = await givenKey();
		const asked: Promise<unknown>[] = [];
		const watched = createKeyRing({
			performer: {
				perform: db.performer.perform,
				ask(actor, question, input) {
					const answer = db.performer.ask(actor, question, input);
					asked.push(answer);
					return answer;
				},
			},
		});
		await watched.whoHolds(key, at(0));
		// The first finds the copy too old to be left alone, the others that somebody asks already.
		for (const ms of [501, 502, 999])
			expect(await watched.whoHolds(key, at(ms))).toMatchObject({ keyId: id });
		expect(asked).toHaveLength(2);
		await Promise.all(asked);
		await db.performer.perform(cli, revokeApiKey, { keyId: id });
		expect(await watched.whoHolds(key, at(1_000))).toMatchObject({ keyId: id });
		expect(asked).toHaveLength(2);
		// A second after the second read began, whatever was renewed since.
		expect(await watched.whoHolds(key, at(1_501))).toBe("revoked");
	});

	test("refuses a key that was never one without a read", async () => {
		const { key } = mintKey("live");
		const last = key.endsWith("0") ? "1" : "0";
		const mistyped = key.slice(0, -1) + last;
		expect(await ring.whoHolds(mistyped, at(0))).toBe("malformed");
		expect(await ring.whoHolds("hello", at(0))).toBe("malformed");
		expect(reads).toBe(0);
	});

	test("refuses a key that nobody holds with one read a second, and finds it once it exists", async () => {
		const { key } = mintKey("live");
		for (let i = 0; i < 1_000; i += 10)
			expect(await ring.whoHolds(key, at(i))).toBe("unknown");
		expect(reads).toBe(1);
		expect(ring.remembers(key)).toBe(false);
	});

	test("refuses a revoked key a second later in every process, and at once when told", async () => {
		const { id, key } = await givenKey();
		const other = createKeyRing({ performer: db.performer });
		await ring.whoHolds(key, at(0));
		await other.whoHolds(key, at(0));
		await db.performer.perform(cli, revokeApiKey, { keyId: id });
		expect(await other.whoHolds(key, at(999))).toMatchObject({ keyId: id });
		expect(await other.whoHolds(key, at(1_000))).toBe("revoked");
		ring.forgetAll();
		expect(await ring.whoHolds(key, at(1))).toBe("revoked");
	});

	test("does not answer from a read that began more than a second ago", async () => {
		const { id, key } = await givenKey();
		let release = () => {};
		const held = new Promise<void>((resolve) => {
			release = resolve;
		});
		let asked = 0;
		const slow = createKeyRing({
			performer: {
				perform: db.performer.perform,
				async ask(actor, question, input) {
					asked += 1;
					const answer = await db.performer.ask(actor, question, input);
					// The first answer is long on its way.
					if (asked === 1) await held;
					return answer;
				},
			},
		});
		const early = slow.whoHolds(key, at(0));
		const meanwhile = slow.whoHolds(key, at(500));
		await db.performer.perform(cli, revokeApiKey, { keyId: id });
		expect(await slow.whoHolds(key, at(1_000))).toBe("revoked");
		release();
		await Promise.all([early, meanwhile]);
		expect(asked).toBe(2);
		expect(await slow.whoHolds(key, at(1_001))).toBe("revoked");
	});

	test("refuses an expired key at the very moment, also from memory", async () => {
		const { id, key } = await givenKey({ expiresAt: at(500) });
		expect(await ring.whoHolds(key, at(499))).toMatchObject({ keyId: id });
		expect(await ring.whoHolds(key, at(500))).toBe("expired");
		expect(reads).toBe(1);
	});

	test("refuses the key of somebody who was disabled", async () => {
		const input = { name: "Ada", email: null, role: "agent" } as const;
		const staff = await db.performer.perform(cli, addStaff, input);
		const { key } = await givenKey({ holder: { staffId: staff.id } });
		expect(await ring.whoHolds(key, at(0))).toMatchObject({
			kind: "staff",
			name: "Ada",
			scopes: ["desk:tickets"],
		});
		await db.ownerSql.run(
			sql`update staff set disabled_at = ${testNow} where id = ${staff.id}`,
		);
		expect(await ring.whoHolds(key, at(1_000))).toBe("disabled");
	});

	test("refuses a test key outside demo data", async () => {
		await db.ownerSql.run(sql`update installation set is_demo = true`);
		const { id, key } = await givenKey({ isTest: true });
		expect(await ring.whoHolds(key, at(0))).toMatchObject({ keyId: id });
		await db.ownerSql.run(sql`update installation set is_demo = false`);
		expect(await ring.whoHolds(key, at(1_000))).toBe("test_refused");
	});

	test("reads again when the clock was set back", async () => {
		const { key } = await givenKey();
		await ring.whoHolds(key, at(3_600_000));
		await ring.whoHolds(key, at(0));
		expect(reads).toBe(2);
	});

	test("passes an error of the database on, and asks again the next time", async () => {
		const { id, key } = await givenKey();
		await db.ownerSql.run(sql`alter table api_keys rename to hidden`);
		try {
			const results = await Promise.allSettled([
				ring.whoHolds(key, at(0)),
				ring.whoHolds(key, at(0)),
			]);
			expect(results.map((result) => result.status)).toEqual([
				"rejected",
				"rejected",
			]);
		} finally {
			await db.ownerSql.run(sql`alter table hidden rename to api_keys`);
		}
		expect(await ring.whoHolds(key, at(1))).toMatchObject({ keyId: id });
	});

	test("holds so many copies and forgets the one read least recently", async () => {
		const small = createKeyRing({ performer: counted(), keysMax: 2 });
		const keys = [await givenKey(), await givenKey(), await givenKey()];
		for (const { key } of keys) await small.whoHolds(key, at(0));
		expect(keys.map(({ key }) => small.remembers(key))).toEqual([
			false,
			true,
			true,
		]);
		await small.whoHolds(keys[2]!.key, at(0));
		expect(reads).toBe(3);
	});

	test("remembers that a key exists when its copy is to be read again", async () => {
		const { key } = await givenKey();
		expect(ring.remembers(key)).toBe(false);
		await ring.whoHolds(key, at(0));
		ring.forgetAll();
		expect(ring.remembers(key)).toBe(true);
	});
});

describe("flush", () => {
	async function lastUse(id: string): Promise<Date | null | undefined> {
		const row = await db.sql.first(
			sql<{
				lastUsedAt: Date | null;
			}>`select last_used_at from api_keys where id = ${id}`,
		);
		return row?.lastUsedAt;
	}

	test("writes the last use of a key, to the minute", async () => {
		const { id, key } = await givenKey();
		await ring.whoHolds(key, at(0));
		await ring.whoHolds(key, at(30_000));
		await ring.flush();
		expect(await lastUse(id)).toEqual(at(0));
		await ring.whoHolds(key, at(59_999));
		await ring.flush();
		expect(await lastUse(id)).toEqual(at(0));
		await ring.whoHolds(key, at(60_000));
		await ring.flush();
		expect(await lastUse(id)).toEqual(at(60_000));
	});

	test("notes no use of a key that was refused", async () => {
		const { id, key } = await givenKey();
		await db.performer.perform(cli, revokeApiKey, { keyId: id });
		await ring.whoHolds(key, at(0));
		await ring.flush();
		expect(await lastUse(id)).toBeNull();
	});

	test("keeps for the next time what it could not write", async () => {
		const { id, key } = await givenKey();
		await ring.whoHolds(key, at(0));
		await db.ownerSql.run(sql`revoke update on api_keys from postern_app`);
		try {
			await expect(ring.flush()).rejects.toThrow();
		} finally {
			await db.ownerSql.run(sql`grant update on api_keys to postern_app`);
		}
		await ring.flush();
		expect(await lastUse(id)).toEqual(at(0));
	});
});
