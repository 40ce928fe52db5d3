-- The rows of one new ticket about a server, as one statement: ticket, event, audit row. Nothing is looked up before it.
\set i :i + 1
\set k random(0, :clients - 1)
with given as materialized (
	select 'tkt_0' || lpad(:run::text || lpad(:client_id::text, 3, '0') || lpad(:i::text, 7, '0'), 25, '0') as id,
		'client_' || lpad((:first::bigint + :k::bigint)::text, 26, '0') as client_id,
		'vps_' || lpad((:first::bigint + :k::bigint)::text, 26, '0') as service_id,
		'app-' || (:first::bigint + :k::bigint) || '.bench.example' as service_name,
		'Client ' || (:first::bigint + :k::bigint) as requester_name, now() as at
), opened as (
	insert into tickets
		(id, client_id, subject, body, status, priority, department_slug, requester_name, cc_emails,
		 service_type, service_id, service_name, text_bytes, created_at, updated_at, last_message_at)
	select id, client_id, 'Outbound mail is refused',
		'Since this morning we cannot send mail from our server. The log says that the connection was dropped after thirty seconds. We have restarted it twice.',
		'open', 'medium', 'vps', requester_name, '{}', 'vps', service_id, service_name, 174, at, at, at
	from given
), event as (
	insert into events (kind, subject, client_id, data, at)
	select 'ticket.opened', id, client_id,
		jsonb_build_object('departmentSlug', 'vps', 'priority', 'medium', 'serviceId', service_id), at
	from given
	returning id, subject, client_id, at
)
insert into audit (stream, seq, at, actor_kind, actor_id, key_id, verb, kind, subject, client_id, event_id)
select 'pgbench-' || :run::text || '-' || :client_id::text, :i::bigint, at, 'customer', client_id,
	'key_' || right(client_id, 26), 'open-ticket', 'ticket.opened', subject, client_id, id
from event;
