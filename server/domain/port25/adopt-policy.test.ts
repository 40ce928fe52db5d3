import { beforeAll, describe, expect, test } from "vitest";
import { useDatabase } from "../../../test/db.ts";
import { createWorld } from "../../../test/world.ts";
import { system } from "../../kernel/actor.ts";
import { sql } from "../../platform/sql.ts";
import { adoptPolicy } from "./adopt-policy.ts";
import { defaultPolicy, type PolicyDocument } from "./policy/policy.ts";
import { policyHash } from "./policy/receipt.ts";
import { requestPort25 } from "./request-port25.ts";

const db = useDatabase();
const world = createWorld(() => db.performer);
const byPersons: PolicyDocument = {
	...defaultPolicy,
	version: 2,
	autoApproveTier: null,
};

beforeAll(() => world.begin());

function adopt(policy: PolicyDocument) {
	return db.performer.perform(system("test"), adoptPolicy, policy);
}

/** What becomes of a request of somebody whom the default policy approves at once, and which policy said so. */
async function outcome() {
	const client = await world.addClient("trusted");
	const vps = await client.addVps();
	const { id, state } = await db.performer.perform(
		client.actor,
		requestPort25,
		{ vps: { id: vps.id }, reason: "Mail.", requirement: "enforced" },
	);
	const row = await db.sql.first(
		sql<{
			hash: string;
		}>`select policy_hash as hash from port25_requests where id = ${id}`,
	);
	return { state, hash: row?.hash };
}

describe("adopt-policy", () => {
	test("decides the next request, and every one until the next policy", async () => {
		const old = { state: "approved", hash: policyHash(defaultPolicy) };
		const changed = { state: "pending", hash: policyHash(byPersons) };
		expect(await outcome()).toEqual(old);
		await adopt(byPersons);
		expect(await outcome()).toEqual(changed);
		expect(await outcome()).toEqual(changed);
		await adopt(defaultPolicy);
		expect(await outcome()).toEqual(old);
	});

	test("does nothing when it is in force already, however its fields are ordered", async () => {
		await adopt(byPersons);
		const { version, ...rest } = byPersons;
		expect(await adopt({ ...rest, version })).toEqual({
			hash: policyHash(byPersons),
		});
		const found = await db.sql.first(
			sql<{ adopted: number }>`
				select count(*) as adopted from events
				where kind = 'policy.adopted' and data->>'hash' = ${policyHash(byPersons)}`,
		);
		// Once here and once in the test before.
		expect(found?.adopted).toBe(2);
	});
});
