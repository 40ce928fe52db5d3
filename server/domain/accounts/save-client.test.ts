import { describe, expect, test } from "vitest";
import { testNow, useDatabase } from "../../../test/db.ts";
import { type Actor, system } from "../../kernel/actor.ts";
import { sql } from "../../platform/sql.ts";
import type { SaveClientInput } from "./client-report.ts";
import { getMe } from "./get-me.ts";
import { saveClient } from "./save-client.ts";

const db = useDatabase();
const billing = system("billing");
const day = 24 * 60 * 60 * 1000;

const whole = {
	name: "Anna",
	email: "anna@example.com",
	status: "active",
	createdAt: new Date("2025-01-02T03:04:05.678Z"),
	totalSpend: "120.50",
	currencyCode: "SEK",
	openAbuseCases: 0,
	languageCode: "sv",
	observedAt: testNow,
} as const;

let lastNumber = 1000;

function nextNumber(): number {
	lastNumber += 1;
	return lastNumber;
}

function save(input: SaveClientInput, actor: Actor = billing) {
	return db.performer.perform(actor, saveClient, input);
}

function read(clientId: string) {
	const actor: Actor = {
		kind: "customer",
		clientId,
		keyId: "key_x",
		scopes: [],
	};
	return db.performer.ask(actor, getMe, {});
}

function proofs(clientId: string) {
	return db.sql.rows(sql`
		select method, verified_at, reference from identity_proofs where client_id = ${clientId} order by verified_at`);
}

function events(subject: string) {
	return db.sql.rows<{ kind: string }>(
		sql`select kind, client_id, data from events where subject = ${subject} order by id`,
	);
}

describe("a client that is new", () => {
	test("is stored with all that was said, and its event", async () => {
		const legacyId = nextNumber();
		const { id, applied } = await save({ legacyId, ...whole });
		expect(applied).toBe(true);
		expect(id).toMatch(/^client_[0-9a-hjkmnp-tv-z]{26}$/);
		expect(await read(id)).toMatchObject({ id, legacyId, ...whole });
		expect(await events(id)).toEqual([
			{ kind: "client.saved", clientId: id, data: { legacyId } },
		]);
	});

	test("takes the id it is given", async () => {
		const id = "client_01hxa3b4c5d6e7f8g9h0j1k2m3";
		const saved = await save({ legacyId: nextNumber(), id, status: "active" });
		expect(saved).toEqual({ id, applied: true });
	});

	test("knows nothing that nobody said, and begins now", async () => {
		const { id } = await save({ legacyId: nextNumber(), status: "closed" });
		expect(await read(id)).toMatchObject({
			name: null,
			status: "closed",
			totalSpend: null,
			openAbuseCases: null,
			observedAt: null,
			createdAt: testNow,
		});
	});

	test("is refused without a status, and nothing is written", async () => {
		const legacyId = nextNumber();
		await expect(save({ legacyId, name: "Anna" })).rejects.toMatchObject({
			code: "request.invalid",
			faults: [{ pointer: "/status" }],
		});
		const found = await db.sql.rows(
			sql`select id from clients where legacy_id = ${legacyId}`,
		);
		expect(found).toEqual([]);
	});

	test("is made once when ten arrive at the same time", async () => {
		const legacyId = nextNumber();
		const saved = await Promise.all(
			Array.from({ length: 10 }, () => save({ legacyId, ...whole })),
		);
		expect(new Set(saved.map(({ id }) => id)).size).toBe(1);
		expect(saved.every(({ applied }) => applied)).toBe(true);
	});
});

describe("a client that is known", () => {
	test("keeps what is absent, and loses what is null", async () => {
		const legacyId = nextNumber();
		const { id } = await save({ legacyId, ...whole });
		await save({ legacyId, email: null, totalSpend: "200" });
		expect(await read(id)).toMatchObject({
			...whole,
			email: null,
			totalSpend: "200.00",
			createdAt: whole.createdAt,
		});
	});

	test("changes by nothing that is older than what is stored", async () => {
		const legacyId = nextNumber();
		const { id } = await save({ legacyId, ...whole });
		const observedAt = new Date(testNow.getTime() - 1);
		const saved = await save({
			legacyId,
			name: "Old",
			identityProofs: [],
			observedAt,
		});
		expect(saved).toEqual({ id, applied: false });
		expect(await read(id)).toMatchObject({ name: "Anna", observedAt: testNow });
		expect(await events(id)).toHaveLength(1);
	});

	test("is the same after the same again", async () => {
		const legacyId = nextNumber();
		const identityProofs = [
			{ method: "bankid", verifiedAt: testNow, reference: "r-1" },
		] as const;
		const { id } = await save({ legacyId, ...whole, identityProofs });
		const before = [await read(id), await proofs(id)];
		expect(await save({ legacyId, ...whole, identityProofs })).toEqual({
			id,
			applied: true,
		});
		expect([await read(id), await proofs(id)]).toEqual(before);
	});

	test("has exactly the identity proofs that were sent last", async () => {
		const legacyId = nextNumber();
		const verifiedAt = new Date(testNow.getTime() - day);
		const bankid = { method: "bankid", verifiedAt, reference: null } as const;
		const document = {
			method: "document",
			verifiedAt: testNow,
			reference: "d",
		} as const;
		const { id } = await save({
			legacyId,
			...whole,
			identityProofs: [bankid, bankid],
		});
		expect(await proofs(id)).toEqual([bankid]);
		await save({
			legacyId,
			identityProofs: [{ ...bankid, reference: "b" }, document],
		});
		expect(await proofs(id)).toEqual([{ ...bankid, reference: "b" }, document]);
		await save({ legacyId, name: "No word of proofs" });
		expect(await proofs(id)).toHaveLength(2);
		await save({ legacyId, identityProofs: [] });
		expect(await proofs(id)).toEqual([]);
	});
});

describe("who may", () => {
	const staff = (scope: string): Actor => ({
		kind: "staff",
		staffId: "staff_x",
		name: "Sam",
		keyId: "key_x",
		scopes: [scope],
	});

	test("staff with desk:inventory may", async () => {
		const input = { legacyId: nextNumber(), status: "active" } as const;
		await expect(save(input, staff("desk:inventory"))).resolves.toBeDefined();
	});

	test("other staff and customers may not", async () => {
		const input = { legacyId: nextNumber(), status: "active" } as const;
		const customer: Actor = {
			kind: "customer",
			clientId: "client_x",
			keyId: "key_x",
			scopes: ["write:all"],
		};
		for (const actor of [staff("desk:review"), customer])
			await expect(save(input, actor)).rejects.toMatchObject({
				code: "auth.forbidden",
			});
	});

	test("an amount that is none is refused", async () => {
		const input = { legacyId: nextNumber(), ...whole, totalSpend: "1.999" };
		await expect(save(input)).rejects.toMatchObject({
			faults: [{ pointer: "/totalSpend" }],
		});
	});
});
