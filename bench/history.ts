/** Years of requests in a moment, straight into the tables: what the reviewers' queue stands in. */
import type pg from "pg";
import { vacuumFilled } from "./database.ts";
import { addressesPerClient, type Block, network } from "./inventory.ts";
import type { Sample } from "./same-rows.ts";

/** One in so many waits for a reviewer, the newest of them. */
const pendingShare = 100;

/**
 * Makes requests for the addresses of the block from one number to another, each with the receipt of the sample: 70 % were
 * approved, and their entries are revoked by now; 20 % rejected, 10 % withdrawn; the last 1 % waits. One a minute since 2020.
 * `admin` is a superuser: the foreign keys are not looked at, and hold all the same.
 */
export async function seedHistory(
	admin: pg.Client,
	{ block, sample }: { readonly block: Block; readonly sample: Sample },
	{ from, to }: { readonly from: number; readonly to: number },
): Promise<void> {
	const first = block.firstClient * addressesPerClient;
	const waitingFrom = to - Math.ceil((to - from) / pendingShare);
	await admin.query("set session_replication_role = replica");
	await admin.query(
		`insert into port25_requests
			(id, client_id, client_legacy_id, service_id, service_legacy_id, service_name, address, lease_id, state, reason,
			 tier, bankid_verified, total_spend, account_age_days, policy_hash, receipt,
			 requested_at, updated_at, resolved_at, decision_reason, decided_by, decided_by_id, entry_id)
		select 'p25_' || lpad(a::text, 26, '0'), 'client_' || lpad((a / 32)::text, 26, '0'), a / 32 + 1,
			'vps_' || lpad((a / 8)::text, 26, '0'), a / 8 + 1, 'mail-' || a / 8 || '.bench.example',
			'${network.first}'::inet + a, 'lease_' || lpad(a::text, 26, '0'), state,
			'Order confirmations and password resets of our web shop, about 300 a day.',
			a % 3, a % 2 = 0, '199', 40, $4, $5, at, at, case when state <> 'pending' then at + interval '1 hour' end,
			case when state = 'rejected' then 'Please tell us more about the mail you send.' end,
			case state when 'pending' then null when 'withdrawn' then 'customer' else 'staff' end,
			case when state <> 'pending' then 'staff_00000000000000000000000000' end,
			case when state = 'approved' then 'entry_' || lpad(a::text, 26, '0') end
		from (
			select $1 + n as a, '2020-01-01'::timestamptz + n * interval '1 minute' as at,
				case when n >= $6 then 'pending' when n % 10 < 7 then 'approved' when n % 10 < 9 then 'rejected'
					else 'withdrawn' end as state
			from generate_series($2::bigint, $3::bigint - 1) n
		) asked`,
		[first, from, to, sample.policyHash, sample.receipt, waitingFrom],
	);
	await admin.query(
		`insert into allowlist_entries
			(id, address, lease_id, client_id, client_legacy_id, service_id, service_legacy_id, service_name, request_id,
			 state, added_by, added_by_id, created_at, updated_at, revoked_at, end_reason)
		select entry_id, address, lease_id, client_id, client_legacy_id, service_id, service_legacy_id, service_name, id,
			'revoked', 'staff', decided_by_id, resolved_at, resolved_at, resolved_at, 'The service was cancelled.'
		from port25_requests where state = 'approved' and address >= '${network.first}'::inet + $1::bigint + $2::bigint`,
		[first, from],
	);
	await admin.query("reset session_replication_role");
	await vacuumFilled(admin);
}
