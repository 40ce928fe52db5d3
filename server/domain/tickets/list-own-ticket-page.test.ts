import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { useDatabase } from "../../../test/db.ts";
import { planModes, rowsLookedAt, statementOf } from "../../../test/plans.ts";
import { newId } from "../../kernel/id.ts";
import { connect } from "../../platform/db.ts";
import { sql } from "../../platform/sql.ts";
import { countTicketsOf, listPageOf } from "./ticket-list-store.ts";

const db = useDatabase();
const busy = newId("client", new Date("2026-01-01T00:00:00.000Z"));

let owner: pg.Client;

/** 300 tickets of one client among 30,000 of others. */
beforeAll(async () => {
	owner = await connect(db.ownerTarget);
	await db.ownerSql.run(sql`
		insert into tickets (id, client_id, subject, body, status, priority, department_slug, cc_emails, text_bytes,
			created_at, updated_at, last_message_at)
		select 'tkt_0' || lpad(n::text, 25, '0'),
			case when n % 100 = 0 then ${busy} else 'client_0' || lpad((n % 1000)::text, 25, '0') end,
			'subject', 'body', 'open', 'low', 'vps', '{}', 11, at, at, at
		from generate_series(1, 30000) n, lateral (select timestamptz '2026-01-01' + n * interval '1 minute' as at) t`);
	// What is visible to all is known to be so: a count then need not look at a row.
	await db.ownerSql.run(sql`vacuum analyze tickets`);
});
afterAll(() => owner.end());

describe.each(planModes)("a client's tickets among many, by %s", (mode) => {
	test("are counted without a look at anybody else's", async () => {
		expect(await countTicketsOf(db.sql, busy)).toBe(300);
		const statement = await statementOf((own) => countTicketsOf(own, busy));
		const { rows, ways } = await rowsLookedAt(owner, mode, statement);
		expect(rows, ways).toBe(300);
		expect(ways).toContain("tickets_by_client");
	});

	test("are turned to a late page without a look at more than is skipped and shown", async () => {
		const late = { page: 14, limit: 20 };
		expect(await listPageOf(db.sql, busy, late)).toHaveLength(20);
		const statement = await statementOf((own) => listPageOf(own, busy, late));
		const { rows, ways } = await rowsLookedAt(owner, mode, statement);
		// Twice where the rows are sorted, and for each of the twenty its department among the four.
		expect(rows, ways).toBeLessThanOrEqual(2 * 300 + 3 * 20 + 20 * 4);
	});
});
