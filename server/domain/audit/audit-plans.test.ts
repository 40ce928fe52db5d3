/** How PostgreSQL finds what is looked for in a long log: by an index, in order, and no further than the page. */
import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { useDatabase } from "../../../test/db.ts";
import { planModes, rowsLookedAt, statementOf } from "../../../test/plans.ts";
import { connect } from "../../platform/db.ts";
import { type AuditFilter, listAuditRows } from "./audit-store.ts";

const db = useDatabase();
const rowsInLog = 40_000;
/** A page and one row more. */
const limit = 21;

let owner: pg.Client;
beforeAll(async () => {
	owner = await connect(db.ownerTarget);
	// One row in 20,000 is rare in every way, and the rare ones are the oldest, where a look through the log comes last.
	await owner.query(`
		with written as (
			insert into events (kind, subject, client_id, data, at)
			select case when n <= 2 then 'site.saved' else 'port25.requested' end, 'subject ' || n, null, '{}',
				'2026-01-01'::timestamptz + n * interval '1 second'
			from generate_series(1, ${rowsInLog}) n
			returning id, kind, subject, at
		)
		insert into audit (stream, seq, at, actor_kind, actor_id, verb, kind, subject, event_id)
		select 'one', row_number() over (order by id), at,
			case when kind = 'site.saved' then 'system' else 'customer' end,
			case when kind = 'site.saved' then 'cli' else 'client_' || id % 7 end,
			case when kind = 'site.saved' then 'save-site' else 'request-port25' end, kind, subject, id
		from written`);
	await owner.query("vacuum (analyze) audit, events");
});
afterAll(() => owner.end());

describe.each(planModes)("with %s, a page without a span of time", (mode) => {
	test.each<[string, AuditFilter]>([
		["everything", {}],
		["a rare kind", { kind: "site.saved" }],
		["a kind that never was", { kind: "database.restored" }],
		["a frequent kind", { kind: "port25.requested" }],
		["a rare verb", { verb: "save-site" }],
		["a verb that never was", { verb: "settle-restore" }],
		["a part of the system that seldom acts", { actor: "cli" }],
		["a member of staff who never acted", { actor: "staff_x" }],
		["a customer", { actor: "client_3" }],
		["a subject", { subject: "subject 7" }],
	])("of %s looks at no more than it shows", async (_, filter) => {
		const middle = {
			at: new Date("2026-01-01T03:00:00.000Z"),
			stream: "one",
			seq: 10_800,
		};
		for (const after of [undefined, middle]) {
			const statement = await statementOf((log) =>
				listAuditRows(log, filter, { limit, ...(after && { after }) }),
			);
			const looked = await rowsLookedAt(owner, mode, statement);
			// Each row with its event, and one where a scan had to look to see that it was done.
			expect(looked.rows, looked.ways).toBeLessThanOrEqual(2 * limit + 1);
		}
	});
});
