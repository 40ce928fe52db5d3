-- One ticket with its public messages, as one statement.
\set k random(0, :clients * :each - 1)
select t.id, t.number, t.client_id, t.subject, t.status, t.priority, t.department_slug, t.requester_name, t.cc_emails,
	t.message_count, t.created_at, t.updated_at, t.last_message_at, t.service_type, t.service_id, t.service_name,
	(select d.display_name from departments d where d.slug = t.department_slug) as department_name,
	(select json_build_object('kind', s.kind, 'name', s.name, 'status', s.status, 'planName', s.plan_name,
		'primaryIp', host(s.primary_ip), 'details', s.details)
	 from services s where s.id = t.service_id and s.client_id = t.client_id) as card,
	t.body,
	(select coalesce(json_agg(json_build_object('id', a.id, 'ticketId', a.ticket_id, 'messageId', a.message_id,
		'filename', a.filename, 'contentType', a.content_type, 'byteLength', a.byte_length) order by a.place), '[]')
	 from attachments a where a.ticket_id = t.id and a.client_id = t.client_id and a.message_id is null) as attachments,
	(select json_agg(json_build_object('id', m.id, 'sender', m.sender_kind, 'senderName', m.sender_name,
		'isEncrypted', m.is_encrypted, 'body', m.body, 'sealed', encode(m.sealed, 'base64'),
		'attachments', (
			select coalesce(json_agg(json_build_object('id', a.id, 'ticketId', a.ticket_id, 'messageId', a.message_id,
				'filename', a.filename, 'contentType', a.content_type, 'byteLength', a.byte_length) order by a.place), '[]')
			from attachments a where a.ticket_id = m.ticket_id and a.client_id = m.client_id and a.message_id = m.id),
		'sentAt', m.sent_at) order by m.place)
	 from ticket_messages m where m.ticket_id = t.id and m.client_id = t.client_id and not m.is_internal) as messages
from tickets t
where t.id = 'tkt_' || lpad((:ticket::bigint + :k::bigint)::text, 26, '0')
	and t.client_id = 'client_' || lpad((:first::bigint + :k::bigint % :clients::bigint)::text, 26, '0');
