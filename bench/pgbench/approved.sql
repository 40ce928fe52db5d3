-- The rows of one request that is approved at once, as one statement: request, entry, the site's revision, its delta,
-- three events with an audit row each. `i` counts up in each client of pgbench and makes the address, which is asked for once.
\set i :i + 1
\set n :first + (:i - 1) * :callers + :client_id
with given as materialized (
	select 'p25_' || lpad(n::text, 26, '0') as request_id, 'entry_' || lpad(n::text, 26, '0') as entry_id,
		'client_' || lpad((n / 32)::text, 26, '0') as client_id, n / 32 + 1 as client_legacy_id,
		'vps_' || lpad((n / 8)::text, 26, '0') as service_id, n / 8 + 1 as service_legacy_id,
		'mail-' || n / 8 || '.bench.example' as service_name,
		'lease_' || lpad(n::text, 26, '0') as lease_id, '10.0.0.0'::inet + n as address, now() as at
	from (select :n::bigint as n) one
), locked as (
	select id, revision, size, sum from sites where id = 'default' for no key update
), request as (
	insert into port25_requests
		(id, client_id, client_legacy_id, service_id, service_legacy_id, service_name, address, lease_id, state, reason,
		 tier, bankid_verified, total_spend, account_age_days, policy_hash, receipt,
		 requested_at, updated_at, resolved_at, decision_reason, decided_by, decided_by_id, entry_id)
	select request_id, client_id, client_legacy_id, service_id, service_legacy_id, service_name, address, lease_id,
		'approved', 'Order confirmations and password resets of our web shop, about 300 a day.',
		3, true, '7420', 930, :policy::text, :receipt::jsonb,
		at, at, at, 'Auto-approved via trust tier policy', 'system', 'port25-auto', entry_id
	from given
), entry as (
	insert into allowlist_entries
		(id, address, lease_id, client_id, client_legacy_id, service_id, service_legacy_id, service_name,
		 site_id, site_revision, request_id, state, notes, added_by, added_by_id, created_at, updated_at)
	select entry_id, address, lease_id, client_id, client_legacy_id, service_id, service_legacy_id, service_name,
		locked.id, locked.revision + 1, request_id, 'active', null, 'system', 'port25-auto', at, at
	from given, locked
), site as (
	update sites set revision = locked.revision + 1, size = locked.size + 1,
		sum = edge_sum(locked.sum + edge_number(given.address))
	from locked, given where sites.id = locked.id
	returning sites.id, sites.revision, sites.size, sites.sum
), delta as (
	insert into allowlist_deltas (site_id, revision, added, removed, size, sum, at)
	select site.id, site.revision, array[given.address], array[]::inet[], site.size, site.sum, given.at from site, given
), new_events as materialized (
	select nextval('events_id_seq') as id, place, kind, subject, client_id, data, at
	from given, site, lateral (values
		(1, 'port25.requested', request_id, jsonb_build_object(
			'address', host(address), 'serviceId', service_id, 'tier', 3, 'verdict', 'approve')),
		(2, 'port25.approved', request_id, jsonb_build_object('entryId', entry_id, 'automatic', true)),
		(3, 'allowlist.entry_added', entry_id, jsonb_build_object(
			'address', host(address), 'siteId', 'default', 'revision', site.revision))
	) as e (place, kind, subject, data)
), written_events as (
	insert into events (id, kind, subject, client_id, data, at) overriding system value
	select id, kind, subject, client_id, data, at from new_events
)
insert into audit (stream, seq, at, actor_kind, actor_id, key_id, verb, kind, subject, client_id, event_id)
select 'pgbench-' || :first::text || '-' || :client_id::text, (:i::bigint - 1) * 3 + place, at, 'customer', client_id,
	'key_00000000000000000000000000', 'request-port25', kind, subject, client_id, id
from new_events;
