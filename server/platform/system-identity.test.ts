import { describe, expect, test } from "vitest";
import { useDatabase } from "../../test/db.ts";
import { connect } from "./db.ts";
import { type Sql, sql } from "./sql.ts";
import { adoptEvents, readSystemIdentity } from "./system-identity.ts";

const db = useDatabase();

describe("which PostgreSQL this is", () => {
	test("is seen by the application, and the same each time", async () => {
		const first = await readSystemIdentity(db.sql);
		expect(first?.systemIdentifier).toMatch(/^\d{15,20}$/);
		expect(first?.timeline).toBeGreaterThanOrEqual(1);
		expect(await readSystemIdentity(db.ownerSql)).toEqual(first);
	});

	test.each([
		["no right", "42501"],
		["no such function", "42883"],
		["a standby", "55000"],
	])("is unknown, and no failure, where there is %s", async (_, code) => {
		const refusing: Sql = {
			...db.sql,
			first: () => Promise.reject(Object.assign(new Error("no"), { code })),
		};
		expect(await readSystemIdentity(refusing)).toBeUndefined();
	});

	test("passes other errors on", async () => {
		const broken: Sql = {
			...db.sql,
			first: () => Promise.reject(new Error("broken")),
		};
		await expect(readSystemIdentity(broken)).rejects.toThrow("broken");
	});
});

test("events of another cluster's transactions are taken into this one", async () => {
	const client = await connect(db.ownerTarget);
	const waiting = async () => {
		const found = await db.sql.first(sql<{ count: number }>`
			select count(*) as count from events where transaction > pg_current_xact_id()`);
		return found?.count;
	};
	try {
		await adoptEvents(client);
		await client.query(`
			insert into events (kind, subject, data, at, transaction)
			values ('test', 'a', '{}', now(), '1'), ('test', 'b', '{}', now(), '99000000000'), ('test', 'c', '{}', now(), '99000000001')`);
		expect(await waiting()).toBe(2);
		await adoptEvents(client);
		expect(await waiting()).toBe(0);
		const { rows } = await client.query(
			"select transaction::text from events where subject = 'a'",
		);
		expect(rows).toEqual([{ transaction: "1" }]);
	} finally {
		await client.end();
	}
});
