-- The first page of a client's tickets, as one statement: 25 rows and one more to know whether there is another page.
\set k random(0, :clients - 1)
select t.id, t.number, t.client_id, t.subject, t.status, t.priority, t.department_slug, t.requester_name, t.cc_emails,
	t.message_count, t.created_at, t.updated_at, t.last_message_at, t.service_type, t.service_id, t.service_name,
	(select d.display_name from departments d where d.slug = t.department_slug) as department_name,
	(select json_build_object('kind', s.kind, 'name', s.name, 'status', s.status, 'planName', s.plan_name,
		'primaryIp', host(s.primary_ip), 'details', s.details)
	 from services s where s.id = t.service_id and s.client_id = t.client_id) as card
from tickets t
where t.client_id = 'client_' || lpad((:first::bigint + :k::bigint)::text, 26, '0')
order by t.last_message_at desc, t.id desc limit 26;
