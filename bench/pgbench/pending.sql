-- The rows of one request that waits for a person, as one statement: request, event, audit row, and the job that ends it.
\set i :i + 1
\set n :first + (:i - 1) * :callers + :client_id
with given as materialized (
	select 'p25_' || lpad(n::text, 26, '0') as request_id,
		'client_' || lpad((n / 32)::text, 26, '0') as client_id, n / 32 + 1 as client_legacy_id,
		'vps_' || lpad((n / 8)::text, 26, '0') as service_id, n / 8 + 1 as service_legacy_id,
		'mail-' || n / 8 || '.bench.example' as service_name,
		'lease_' || lpad(n::text, 26, '0') as lease_id, '10.0.0.0'::inet + n as address, now() as at
	from (select :n::bigint as n) one
), request as (
	insert into port25_requests
		(id, client_id, client_legacy_id, service_id, service_legacy_id, service_name, address, lease_id, state, reason,
		 tier, bankid_verified, total_spend, account_age_days, policy_hash, receipt, requested_at, updated_at)
	select request_id, client_id, client_legacy_id, service_id, service_legacy_id, service_name, address, lease_id,
		'pending', 'Order confirmations and password resets of our web shop, about 300 a day.',
		0, false, '199', 40, :policy::text, :receipt::jsonb, at, at
	from given
), new_events as materialized (
	select nextval('events_id_seq') as id, request_id as subject, client_id, at, jsonb_build_object(
		'address', host(address), 'serviceId', service_id, 'tier', 0, 'verdict', 'review') as data
	from given
), written_events as (
	insert into events (id, kind, subject, client_id, data, at) overriding system value
	select id, 'port25.requested', subject, client_id, data, at from new_events
), written_audit as (
	insert into audit (stream, seq, at, actor_kind, actor_id, key_id, verb, kind, subject, client_id, event_id)
	select 'pgbench-' || :first::text || '-' || :client_id::text, :i::bigint, at, 'customer', client_id,
		'key_00000000000000000000000000', 'request-port25', 'port25.requested', subject, client_id, id
	from new_events
)
insert into jobs (kind, payload, event_id, run_at, created_at)
select 'expire-request', jsonb_build_object('requestId', subject), id, at + interval '30 days', at from new_events;
