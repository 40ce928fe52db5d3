/** The ratio is worth something only when both sides write the same rows: looked at before anything is measured. */
import type pg from "pg";

interface Written {
	readonly events: number;
	readonly audit: number;
	readonly jobs: number;
	readonly entries: number;
	readonly deltas: number;
	readonly receiptBytes: number;
}

export interface Sample {
	readonly requestId: string;
	/** What the pgbench script puts into its own rows. */
	readonly receipt: string;
	readonly policyHash: string;
}

/** A request of this client, made through the API. */
export async function sampleOf(
	admin: pg.Client,
	clientId: string,
): Promise<Sample> {
	const { rows } = await admin.query<Sample>(
		`select id as "requestId", receipt::text, policy_hash as "policyHash" from port25_requests
		where client_id = $1 order by requested_at limit 1`,
		[clientId],
	);
	const [sample] = rows;
	if (sample === undefined) throw new Error(`${clientId} has no request`);
	return sample;
}

/** Throws when a request of the API and one of pgbench did not leave the same rows behind. */
export async function requireSameRows(
	admin: pg.Client,
	ours: string,
	theirs: string,
): Promise<void> {
	const [server, pgbench] = [
		await writtenFor(admin, ours),
		await writtenFor(admin, theirs),
	];
	if (JSON.stringify(server) !== JSON.stringify(pgbench))
		throw new Error(
			`bench/pgbench no longer writes what the server writes: ${JSON.stringify({ server, pgbench })}`,
		);
}

async function writtenFor(
	admin: pg.Client,
	requestId: string,
): Promise<Written | undefined> {
	const { rows } = await admin.query<Written>(
		`select
			(select count(*) from events where subject in (r.id, r.entry_id)) as events,
			(select count(*) from audit where subject in (r.id, r.entry_id)) as audit,
			(select count(*) from jobs where payload->>'requestId' = r.id) as jobs,
			(select count(*) from allowlist_entries where request_id = r.id) as entries,
			(select count(*) from allowlist_deltas where added = array[r.address] and r.state = 'approved') as deltas,
			length(r.receipt::text) as "receiptBytes"
		from port25_requests r where r.id = $1`,
		[requestId],
	);
	return rows[0];
}

/** The same of reports about servers: what each left in a transaction, by PUT and by pgbench. */
export async function requireSameReports(admin: pg.Client): Promise<void> {
	const { rows } = await admin.query<{ by: string; left: string }>(
		`select by, string_agg(distinct left_behind, '; ' order by left_behind) as left
		from (
			select case when min(a.stream) like 'pgbench-%' then 'pgbench' else 'server' end as by,
				string_agg(concat_ws(' ', a.actor_kind, a.verb, a.kind,
					(select string_agg(k, ',' order by k) from jsonb_object_keys(e.data) k)), ', ') as left_behind
			from audit a join events e on e.id = a.event_id
			where a.actor_kind = 'staff'
			group by e.transaction
		) of_each group by by order by by`,
	);
	const [pgbench, server] = rows;
	if (server === undefined || pgbench?.left !== server.left)
		throw new Error(
			`bench/pgbench no longer writes what a PUT writes: ${JSON.stringify({ server, pgbench })}`,
		);
}

/** The same of tickets and replies: what each left in a transaction, by the server and by pgbench. */
export async function requireSameTickets(admin: pg.Client): Promise<void> {
	const { rows } = await admin.query<{ by: string; left: string }>(
		`select by, string_agg(distinct left_behind, '; ' order by left_behind) as left
		from (
			select case when a.stream like 'pgbench-%' then 'pgbench' else 'server' end as by,
				concat_ws(' ', a.actor_kind, a.verb, a.kind,
					(select string_agg(k, ',' order by k) from jsonb_object_keys(e.data) k),
					case a.kind when 'ticket.opened' then to_jsonb(t) - $1::text[] else to_jsonb(m) - $1::text[] end,
					case a.kind when 'ticket.replied' then t.status end) as left_behind
			from audit a
			join events e on e.id = a.event_id
			join tickets t on t.id = a.subject
			left join ticket_messages m on m.id = e.data ->> 'messageId'
			where a.actor_kind = 'customer' and a.kind in ('ticket.opened', 'ticket.replied')
		) of_each group by by order by by`,
		[
			[
				...["id", "number", "client_id", "ticket_id", "place", "sender_id"],
				...["sender_name", "requester_name", "service_id", "service_name"],
				...["created_at", "updated_at", "last_message_at", "sent_at"],
			],
		],
	);
	const [pgbench, server] = rows;
	if (server === undefined || pgbench?.left !== server.left)
		throw new Error(
			`bench/pgbench no longer writes what the server writes: ${JSON.stringify({ server, pgbench })}`,
		);
}
