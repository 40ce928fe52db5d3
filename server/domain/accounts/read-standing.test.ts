import { describe, expect, test } from "vitest";
import { testNow, useDatabase } from "../../../test/db.ts";
import { system } from "../../kernel/actor.ts";
import type { Verb } from "../../platform/perform.ts";
import {
	findClientByLegacyId,
	lockStanding,
	type Standing,
} from "./read-standing.ts";
import { saveClient } from "./save-client.ts";

const db = useDatabase();
const billing = system("billing");

const verifiedAt = new Date("2026-01-02T03:04:05.678Z");
const client = {
	legacyId: 30_000,
	name: "Anna",
	status: "suspended",
	createdAt: new Date("2025-03-11T10:00:00.000Z"),
	totalSpend: "500",
	currencyCode: "SEK",
	openAbuseCases: 2,
	observedAt: testNow,
} as const;

describe("lockStanding", () => {
	test("gives the client as the billing system described it, with its proofs, the oldest first", async () => {
		const older = new Date(verifiedAt.getTime() - 1);
		const { id } = await db.performer.perform(billing, saveClient, {
			...client,
			identityProofs: [
				{ method: "bankid", verifiedAt, reference: "secret" },
				{ method: "eid", verifiedAt: older, reference: null },
			],
		});
		expect(await lockStanding(db.sql, id)).toEqual({
			...client,
			clientId: id,
			totalSpend: "500.00",
			identityProofs: [
				{ method: "eid", verifiedAt: older },
				{ method: "bankid", verifiedAt },
			],
		});
	});

	test("gives nothing for a client that does not exist", async () => {
		expect(await lockStanding(db.sql, "client_unknown")).toBeUndefined();
	});

	test("holds the client: a second decision and the billing system wait for the first", async () => {
		const legacyId = 30_001;
		const { id } = await db.performer.perform(billing, saveClient, {
			...client,
			legacyId,
		});
		const order: string[] = [];
		const gate = Promise.withResolvers<void>();
		const holding = Promise.withResolvers<void>();
		const decide: Verb<{ readonly wait: boolean }, void> = {
			name: "decide",
			async run(tx, { wait }) {
				await lockStanding(tx, id);
				if (wait) {
					holding.resolve();
					await gate.promise;
				}
				order.push(wait ? "first" : "second");
			},
		};
		const first = db.performer.perform(billing, decide, { wait: true });
		await holding.promise;
		const others = [
			db.performer.perform(billing, decide, { wait: false }),
			db.performer
				.perform(billing, saveClient, { legacyId, totalSpend: "0" })
				.then(() => order.push("billing")),
		];
		await waitUntilBlocked(2);
		gate.resolve();
		await Promise.all([first, ...others]);
		expect(order[0]).toBe("first");
		expect(new Set(order.slice(1))).toEqual(new Set(["billing", "second"]));
	});
});

test("a standing that had to wait shows what the billing system said meanwhile, the proofs too", async () => {
	const legacyId = 30_003;
	const identityProofs = [
		{ method: "bankid", verifiedAt, reference: null },
	] as const;
	const { id } = await db.performer.perform(billing, saveClient, {
		...client,
		legacyId,
		identityProofs,
	});
	const gate = Promise.withResolvers<void>();
	const saved = Promise.withResolvers<void>();
	const withdraw: Verb<Record<never, never>, void> = {
		name: "withdraw",
		async run(tx) {
			await saveClient.run(tx, { legacyId, name: "Bert", identityProofs: [] });
			saved.resolve();
			await gate.promise;
		},
	};
	const look: Verb<Record<never, never>, Standing | undefined> = {
		name: "look",
		run: (tx) => lockStanding(tx, id),
	};
	const withdrawal = db.performer.perform(billing, withdraw, {});
	await saved.promise;
	const looking = db.performer.perform(billing, look, {});
	await waitUntilBlocked(1);
	gate.resolve();
	await withdrawal;
	expect(await looking).toMatchObject({ name: "Bert", identityProofs: [] });
});

describe("findClientByLegacyId", () => {
	test("finds by the number, and nothing for another number", async () => {
		const legacyId = 30_002;
		const { id } = await db.performer.perform(billing, saveClient, {
			...client,
			legacyId,
		});
		expect(await findClientByLegacyId(db.sql, legacyId)).toEqual({ id });
		expect(await findClientByLegacyId(db.sql, 1)).toBeUndefined();
	});
});

/** The database says who waits for a lock: no guess at how long that takes. */
async function waitUntilBlocked(count: number): Promise<void> {
	for (;;) {
		const { rows } = await db.pool.query<{ blocked: number }>(
			"select count(*) as blocked from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'",
		);
		if (Number(rows[0]?.blocked) >= count) return;
	}
}
