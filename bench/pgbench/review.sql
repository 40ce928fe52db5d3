-- The first page of what waits for a reviewer, as one statement: 20 rows and one more to know whether there is another page.
select id, number, client_id, client_legacy_id, service_id, service_legacy_id, service_name, host(address) as address, lease_id,
	state, reason, tier, bankid_verified, total_spend, account_age_days, requested_at, updated_at, resolved_at,
	decision_reason, decided_by, decided_by_id, ended_reason, reopened_at, entry_id
from port25_requests where state = 'pending'
order by requested_at, id limit 21;
