import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { useDatabase } from "../../../test/db.ts";
import { planModes, rowsLookedAt, statementOf } from "../../../test/plans.ts";
import { connect } from "../../platform/db.ts";
import { sql } from "../../platform/sql.ts";
import { listSealedUnder } from "./sealed-store.ts";

const db = useDatabase();
let owner: pg.Client;

/** Among 20,000 messages 1,000 that name one of three keys. */
beforeAll(async () => {
	owner = await connect(db.ownerTarget);
	await db.ownerSql.run(sql`
		with one as (
			insert into tickets (id, client_id, subject, body, status, priority, department_slug, cc_emails, text_bytes,
				message_count, last_place, created_at, updated_at, last_message_at)
			values ('tkt_01hxa3b4c5d6e7f8g9h0j1k2m3', 'client_1', 's', 'b', 'open', 'low', 'vps', '{}', 2,
				20001, 20000, now(), now(), now())
			returning id, client_id
		)
		insert into ticket_messages (id, client_id, ticket_id, place, sender_kind, sender_id, is_encrypted, body, sealed, sent_at)
		select 'tmsg_0' || lpad(n::text, 25, '0'), one.client_id, one.id, n, 'customer', one.client_id, n % 20 = 0,
			case when n % 20 <> 0 then 'in clear' end,
			case when n % 20 = 0 then decode('01' || '02a' || (n / 20 % 3)::text || repeat('ab', 100), 'hex') end, now()
		from one, generate_series(1, 20000) n`);
	await db.ownerSql.run(sql`vacuum analyze ticket_messages`);
});
afterAll(() => owner.end());

describe.each(planModes)("the keys that messages name, by %s", (mode) => {
	test("are found and counted without a look at messages in clear", async () => {
		expect(await listSealedUnder(db.sql)).toEqual(
			[333, 334, 333].map((messages, i) => ({
				key: Buffer.from(`02a${i}${"ab".repeat(8)}`, "hex"),
				messages,
			})),
		);
		const { rows, ways } = await rowsLookedAt(
			owner,
			mode,
			await statementOf(listSealedUnder),
		);
		// Each message once in the index and at most once in the table; the keys, and the recursion's own rows.
		expect(rows, ways).toBeLessThan(2 * 1_000 + 50);
		expect(ways).toContain("ticket_messages_by_seal_key");
	});
});
