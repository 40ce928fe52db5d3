/** How PostgreSQL finds what a reviewer looks for among years of requests: by an index, and no further than the page. */
import type pg from "pg";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { useDatabase } from "../../../test/db.ts";
import { planModes, rowsLookedAt, statementOf } from "../../../test/plans.ts";
import { createWorld } from "../../../test/world.ts";
import { connect } from "../../platform/db.ts";
import { requestPort25 } from "./request-port25.ts";
import { listAllRequests, type ReviewFilter } from "./review-store.ts";

const db = useDatabase();
const world = createWorld(() => db.performer);
/** A page and one row more. */
const limit = 21;

let owner: pg.Client;
beforeAll(async () => {
	owner = await connect(db.ownerTarget);
	await world.begin();
	const client = await world.addClient("prepaid");
	const vps = await client.addVps();
	await db.performer.perform(client.actor, requestPort25, {
		vps: { id: vps.id },
		reason: "Mail.",
		requirement: "enforced",
	});
	// Years of requests that were decided, copies of one; those that wait are the newest, and few.
	await owner.query(`
		insert into services (id, kind, legacy_id, client_id, name, status, created_at, updated_at)
		select 'vps_' || lpad(n::text, 26, '0'), 'vps', 1000000 + n, '${client.id}', 'x', 'active', now(), now()
		from generate_series(1, 100) n`);
	await owner.query(`
		insert into leases (id, address, service_id, client_id, started_at)
		select 'lease_' || n, '198.19.0.0'::inet + n, 'vps_' || lpad((n % 100 + 1)::text, 26, '0'), '${client.id}', now()
		from generate_series(1, 30000) n`);
	await owner.query(`
		insert into port25_requests
			(id, client_id, client_legacy_id, service_id, service_legacy_id, service_name, address, lease_id, state, reason,
			 tier, bankid_verified, total_spend, account_age_days, policy_hash, receipt, requested_at, updated_at,
			 resolved_at, decided_by, decided_by_id)
		select 'p25_' || lpad(n::text, 26, '0'), '${client.id}', 1, 'vps_' || lpad((n % 100 + 1)::text, 26, '0'), 1, 'x',
			'198.19.0.0'::inet + n, 'lease_' || n, case when n > 29970 then 'pending' else (array['rejected', 'withdrawn', 'expired'])[abs(hashint4(n)) % 3 + 1] end, 'Mail.',
			abs(hashint4(-n)) % 2, false, '0', 1, policy_hash, '{}', '2026-01-01'::timestamptz + n * interval '1 minute', now(),
			case when n <= 29970 then now() end, case when n <= 29970 then 'staff' end, case when n <= 29970 then 'x' end
		from generate_series(1, 30000) n, (select policy_hash from port25_requests limit 1) one`);
	await owner.query("vacuum (analyze) port25_requests");
});
afterAll(() => owner.end());

describe.each(planModes)("with %s, a page", (mode) => {
	test.each<[string, Omit<ReviewFilter, "limit" | "after">]>([
		["of everything", {}],
		["of the few that wait", { state: "pending" }],
		["of a state that never was", { state: "approved" }],
		["of the many that were rejected", { state: "rejected" }],
		["of a tier that never was", { tier: 3 }],
		["of a frequent tier", { tier: 1 }],
		["of what waits in a tier", { state: "pending", tier: 1 }],
		["of an address", { address: "198.19.1.1" }],
		[
			"of what waited for long",
			{ state: "pending", until: new Date("2026-01-21T20:00:00.000Z") },
		],
		["of the newest", { from: new Date("2026-01-21T19:00:00.000Z") }],
	])("%s looks at no more than it needs", async (_, filter) => {
		const middle = {
			at: new Date("2026-01-10T00:00:00.000Z"),
			id: `p25_${"0".repeat(26)}`,
		};
		for (const after of [undefined, middle]) {
			const statement = await statementOf((log) =>
				listAllRequests(log, { ...filter, limit, ...(after && { after }) }),
			);
			const looked = await rowsLookedAt(owner, mode, statement);
			// Of two words at once the second is looked for among the rows of the first: those that wait are few.
			expect(looked.rows, looked.ways).toBeLessThanOrEqual(2 * limit);
		}
	});
});
