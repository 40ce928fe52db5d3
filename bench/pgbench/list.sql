-- The first page of a client's requests with their entries, as one statement: 20 rows and one more to know whether there
-- is another page.
\set c random(:first, :last)
select r.id, r.number, r.client_id, r.client_legacy_id, r.service_id, r.service_legacy_id, r.service_name,
	host(r.address) as address, r.lease_id, r.state, r.reason, r.tier, r.bankid_verified, r.total_spend, r.account_age_days,
	r.requested_at, r.updated_at, r.resolved_at, r.decision_reason, r.decided_by, r.decided_by_id, r.ended_reason, r.entry_id,
	e.id, e.number, host(e.address) as address, e.client_id, e.client_legacy_id, e.service_id, e.service_legacy_id,
	e.service_name, e.site_id, e.request_id, e.state, e.notes, e.added_by, e.added_by_id, e.opened_at, e.created_at,
	e.updated_at
from (
	select * from port25_requests
	where client_id = 'client_' || lpad(:c::text, 26, '0')
	order by requested_at desc, id desc limit 21
) r
left join allowlist_entries e on e.request_id = r.id
order by r.requested_at desc, r.id desc;
