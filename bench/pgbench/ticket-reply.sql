-- The rows of one reply of a customer, as one statement: message, how the ticket stands, event, audit row.
\set i :i + 1
\set k random(0, :clients * :each - 1)
with written as (
	update tickets t set last_place = last_place + 1, status = 'customer_reply', message_count = message_count + 1,
		text_bytes = text_bytes + 78, updated_at = now(), last_message_at = now()
	where t.id = 'tkt_' || lpad((:ticket::bigint + :k::bigint)::text, 26, '0')
		and t.client_id = 'client_' || lpad((:first::bigint + :k::bigint % :clients::bigint)::text, 26, '0')
		and t.status <> 'closed' and t.text_bytes + 78 <= 4194304
	returning t.id, t.client_id, t.last_place,
		'tmsg_0' || lpad(:run::text || lpad(:client_id::text, 3, '0') || lpad(:i::text, 7, '0'), 25, '0') as message_id
), message as (
	insert into ticket_messages
		(id, client_id, ticket_id, place, is_internal, sender_kind, sender_id, sender_name, is_encrypted, body, sent_at)
	select message_id, client_id, id, last_place, false, 'customer', client_id,
		'Client ' || right(client_id, 26)::bigint, false,
		'It looks better now, but the error came back once last night. Here is the log.', now()
	from written
), event as (
	insert into events (kind, subject, client_id, data, at)
	select 'ticket.replied', id, client_id, jsonb_build_object('messageId', message_id), now() from written
	returning id, subject, client_id
)
insert into audit (stream, seq, at, actor_kind, actor_id, key_id, verb, kind, subject, client_id, event_id)
select 'pgbench-' || :run::text || '-' || :client_id::text, :i::bigint, now(), 'customer', client_id,
	'key_' || right(client_id, 26), 'reply-to-ticket', 'ticket.replied', subject, client_id, id
from event;
