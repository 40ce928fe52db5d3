/** How PostgreSQL finds what is looked for in a long log: by an index, in order, and no further than the page. */
import pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { useDatabase } from "../../../test/db.ts";
import { connect } from "../../platform/db.ts";
import type { Statement } from "../../platform/sql.ts";
import {
	type AuditFilter,
	type AuditPlace,
	listAuditRows,
} from "./audit-store.ts";

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

/** The statement that a search sends. */
async function statementOf(
	filter: AuditFilter,
	after?: AuditPlace,
): Promise<Statement> {
	const sent: Statement[] = [];
	await listAuditRows(
		{
			rows: async (statement) => {
				sent.push(statement);
				return [];
			},
			first: async () => undefined,
			run: async () => 0,
		},
		filter,
		{ limit, ...(after && { after }) },
	);
	return sent[0]!;
}

interface PlanNode {
	readonly "Node Type": string;
	readonly "Actual Rows": number;
	readonly "Actual Loops": number;
	readonly "Rows Removed by Filter"?: number;
	readonly Plans?: readonly PlanNode[];
}

/** How many rows of the log were looked at, whatever for. */
function looked(node: PlanNode): number {
	const here = /Scan/.test(node["Node Type"])
		? node["Actual Loops"] *
			(node["Actual Rows"] + (node["Rows Removed by Filter"] ?? 0))
		: 0;
	return (node.Plans ?? []).reduce((sum, one) => sum + looked(one), here);
}

describe.each(["force_custom_plan", "force_generic_plan"])(
	"with %s, a page without a span of time",
	(mode) => {
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
				const { text, values } = await statementOf(filter, after);
				await owner.query(`set plan_cache_mode = ${mode}`);
				const name = `plan ${mode} ${text}`.slice(0, 60);
				await owner.query(`prepare "${name}" as ${text}`);
				const given = values.map((value) =>
					pg.escapeLiteral(
						value instanceof Date ? value.toISOString() : String(value),
					),
				);
				const { rows } = await owner.query(
					`explain (analyze, format json) execute "${name}" (${given.join(", ")})`,
				);
				await owner.query(`deallocate "${name}"`);
				const plan = rows[0]["QUERY PLAN"][0].Plan;
				// Each row with its event, and one where a scan had to look to see that it was done.
				expect(looked(plan), JSON.stringify(plan)).toBeLessThanOrEqual(
					2 * limit + 1,
				);
			}
		});
	},
);
