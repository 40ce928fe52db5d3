-- The rows of one report about a server, as one statement: the service, its event, its audit row. Nothing is locked or read
-- before it, and no address is looked at.
\set i :i + 1
\set n random(:first, :last)
with changed as (
	update services set
		name = 'app-' || :n::bigint || '-' || :i::bigint || '-' || :client_id::bigint || '.example.com', status = 'active', plan_name = 'VPS S', amount = 199,
		currency_code = 'SEK', is_payg = false, observed_at = now(), updated_at = now()
	where kind = 'vps' and legacy_id = :n::bigint
	returning id, client_id
), written_event as (
	insert into events (kind, subject, client_id, data, at)
	select 'service.saved', id, client_id, jsonb_build_object('kind', 'vps', 'legacyId', :n::bigint), now() from changed
	returning id, subject, client_id
)
insert into audit (stream, seq, at, actor_kind, actor_id, key_id, verb, kind, subject, client_id, event_id)
select 'pgbench-' || :run::text || '-' || :client_id::text, :i::bigint, now(), 'staff', 'staff_00000000000000000000000000',
	'key_00000000000000000000000000', 'save-service', 'service.saved', subject, client_id, id
from written_event;
