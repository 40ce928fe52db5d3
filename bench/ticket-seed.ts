/**
 * Tickets in bulk, straight into the tables and without their events: years of them, as a provider has them. A few clients
 * write thousands and most a handful; most tickets are closed, the newest are not; conversations are short with a long tail.
 * Everything follows from the number of a ticket, so the same call makes the same tickets.
 */
import type pg from "pg";
import { vacuumFilled } from "./database.ts";
import { stockOfEach, ticketTexts } from "./ticket-texts.ts";

/** One client for so many tickets. */
export const ticketsPerClient = 8;

/** How unevenly tickets fall on clients: the first of 125,000 has some 5,000 of a million, the median five. */
const skew = 2.2;

/** Written at a time. */
const chunk = 200_000;

export interface SeedTickets {
	/** Tickets have the numbers from one to the other; those before are there already. */
	readonly from: number;
	readonly to: number;
	/**
	 * Whose they are: anybody's, unevenly, when absent; else these clients have them in turn, and they wait for an answer, each
	 * with three messages.
	 */
	readonly inTurn?: { readonly firstClient: number; readonly clients: number };
	readonly onProgress?: (made: number) => void;
}

/**
 * Writes the tickets with their messages, and the clients and services that are missing, in one transaction. Connected as the
 * owner of the schema or a superuser; the database should be in nobody else's use.
 */
export async function seedTickets(
	admin: pg.Client,
	wish: SeedTickets,
): Promise<void> {
	const { from, to, inTurn, onProgress } = wish;
	await admin.query("begin");
	try {
		await admin.query("set local synchronous_commit = off");
		await admin.query("set local work_mem = '128MB'");
		await admin.query("set local maintenance_work_mem = '512MB'");
		const clients = Math.max(
			Math.ceil(to / ticketsPerClient),
			inTurn === undefined ? 0 : inTurn.firstClient + inTurn.clients,
		);
		// Looked at and built at the end, all at once, they take a fraction of the time.
		const rebuild = [
			...(await takeIndexes(admin)),
			...(await takeReferences(admin)),
		];
		await seedPeople(admin, clients);
		await makeTexts(admin);
		const { rows } = await admin.query<{ last: number }>(
			"select last_value as last from ticket_numbers",
		);
		const base = (rows[0]?.last ?? 0) - from + 1;
		for (let at = from; at < to; at += chunk) {
			const end = Math.min(at + chunk, to);
			await planChunk(admin, {
				...wish,
				from: at,
				to: end,
				clients,
				total: to,
			});
			await writeChunk(admin, base);
			onProgress?.(end - from);
		}
		await admin.query("select setval('ticket_numbers', $1)", [base + to]);
		for (const statement of rebuild) await admin.query(statement);
		await admin.query("drop table seed_texts");
		await admin.query("commit");
	} catch (error) {
		await admin.query("rollback");
		throw error;
	}
	await vacuumFilled(admin);
}

/** Clients up to this number, each with a VPS and a domain, and every second one with a hosting account. */
async function seedPeople(admin: pg.Client, clients: number): Promise<void> {
	await admin.query(
		`insert into clients
			(id, legacy_id, name, email, status, language_code, currency_code, total_spend, open_abuse_cases, observed_at,
			 created_at, updated_at)
		select 'client_' || lpad(c::text, 26, '0'), c + 1, 'Client ' || c, 'client-' || c || '@bench.example', 'active',
			case when c % 10 < 7 then 'sv' else 'en' end, 'SEK', '199.00', 0, now(), now() - interval '6 years', now()
		from generate_series(0, $1::bigint - 1) c
		on conflict do nothing`,
		[clients],
	);
	await admin.query(
		`insert into services
			(id, kind, legacy_id, client_id, name, status, plan_name, amount, currency_code, billing_cycle, is_payg, paid_until,
			 details, observed_at, created_at, updated_at)
		select k.prefix || lpad(c::text, 26, '0'), k.kind, c + 1, 'client_' || lpad(c::text, 26, '0'), k.name || c || k.domain,
			'active', k.plan, 199, 'SEK', 'annually', false, now() + interval '200 days', k.details::jsonb, now(),
			now() - interval '5 years', now()
		from generate_series(0, $1::bigint - 1) c
		cross join (values
			('vps_', 'vps', 'app-', '.bench.example', 'VPS S', '{"powerState": "running"}', 1),
			('dom_', 'domain', 'firm-', '.example', null, '{"lifecycle": {"autoRenewEnabled": true}}', 1),
			('acct_', 'hosting', 'www.firm-', '.example', 'Web M', '{}', 2)
		) k (prefix, kind, name, domain, plan, details, each)
		where c % k.each = 0
		on conflict do nothing`,
		[clients],
	);
	await admin.query(
		`insert into staff (id, name, role, created_at)
		select 'staff_1' || lpad(s::text, 25, '0'), 'Agent ' || s, case s when 1 then 'admin' else 'agent' end, now()
		from generate_series(1, 20) s
		on conflict do nothing`,
	);
}

/** The stock of texts, found by kind, language and place. */
async function makeTexts(admin: pg.Client): Promise<void> {
	const texts = ticketTexts();
	await admin.query(
		`create temporary table seed_texts (kind text, language text, place integer, text text,
			primary key (kind, language, place))`,
	);
	await admin.query(
		`insert into seed_texts select * from unnest($1::text[], $2::text[], $3::integer[], $4::text[])`,
		[
			texts.map(({ kind }) => kind),
			texts.map(({ language }) => language),
			texts.map(({ place }) => place),
			texts.map(({ text }) => text),
		],
	);
	await admin.query("analyze seed_texts");
}

/** Takes away the indexes that no constraint needs; what builds them again. */
async function takeIndexes(admin: pg.Client): Promise<string[]> {
	const { rows } = await admin.query<{ name: string; definition: string }>(
		`select i.indexrelid::regclass::text as name, pg_get_indexdef(i.indexrelid) as definition
		from pg_index i
		where i.indrelid in ('tickets'::regclass, 'ticket_messages'::regclass)
			and not exists (select from pg_constraint c where c.conindid = i.indexrelid)`,
	);
	for (const { name } of rows) await admin.query(`drop index ${name}`);
	return rows.map(({ definition }) => definition);
}

/** Takes away what looks up a row for each row that is written; what looks at all of them instead. */
async function takeReferences(admin: pg.Client): Promise<string[]> {
	const { rows } = await admin.query<{
		table: string;
		name: string;
		definition: string;
	}>(
		`select conrelid::regclass::text as table, quote_ident(conname) as name, pg_get_constraintdef(oid) as definition
		from pg_constraint
		where contype = 'f' and conrelid in ('services'::regclass, 'tickets'::regclass, 'ticket_messages'::regclass)`,
	);
	for (const { table, name } of rows)
		await admin.query(`alter table ${table} drop constraint ${name}`);
	return rows.map(
		({ table, name, definition }) =>
			`alter table ${table} add constraint ${name} ${definition}`,
	);
}

interface Chunk extends SeedTickets {
	/** Of all. */
	readonly clients: number;
	/** Tickets when this call is done: the last one is written now. */
	readonly total: number;
}

/** A number from 0 to 1 that follows from two others: `n` is what is looked at, and `salt` what is asked of it. */
const chance = (n: string, salt: number) =>
	`((hashint8extended(${n}, ${salt}) & 2147483647)::float8 / 2147483648)`;

/** A place in the stock of texts. */
const anyText = (n: string, salt: number) =>
	`floor(${chance(n, salt)} * ${stockOfEach})::integer`;

/** What the tickets of a chunk are to be, and what is said in them. */
async function planChunk(
	admin: pg.Client,
	{ from, to, clients, total, inTurn }: Chunk,
): Promise<void> {
	const owner =
		inTurn === undefined
			? `least(floor(${clients} * power(${chance("n", 1)}, ${skew}))::bigint, ${clients - 1})`
			: `${inTurn.firstClient} + (n - ${from}) % ${inTurn.clients}`;
	const isWaiting = inTurn !== undefined;
	// More tickets every year: half of five years brought a quarter of them.
	await admin.query(
		`create temporary table seed_plan on commit drop as
		select n, client, case when client % 10 < 7 then 'sv' else 'en' end as language, created_at,
			${
				isWaiting
					? "3"
					: `case when ${chance("n", 2)} < 0.08 then 0
						else least(1 + floor(-ln(1 - ${chance("n", 3)}) * 2.6), 40)::integer end`
			} as messages,
			${isWaiting ? "false" : `${chance("n", 4)} < case when now() - created_at > interval '30 days' then 0.985 else 0.55 end`}
				as is_closed,
			${chance("n", 5)} as about, ${chance("n", 6)} as sort, ${chance("n", 7)} as span
		from (
			select n, ${owner} as client,
				(now() - interval '5 years' * (1 - sqrt((n + 0.5) / ${total})))::timestamptz(3) as created_at
			from generate_series(${from}::bigint, ${to}::bigint - 1) n
		) written`,
	);
	// A message in twenty is a note; the staff answer at the odd places, and the client goes on at the even ones.
	await admin.query(
		`create temporary table seed_messages on commit drop as
		select p.n, p.client, place, said.is_internal, said.sender_kind, p.language,
			case when said.is_internal then 'note' when said.sender_kind = 'staff' then 'answer' else 'reply' end as kind,
			${anyText("p.n * 64 + place", 8)} as text_place,
			(p.created_at + least(now() - p.created_at, interval '15 days' * p.span) * (place::float8 / (p.messages + 1)))
				::timestamptz(3) as sent_at
		from seed_plan p
		cross join lateral generate_series(1, p.messages) place
		cross join lateral (select ${chance("p.n * 64 + place", 9)} < 0.05 ${isWaiting ? "and false" : ""} as is_internal) noted
		cross join lateral (
			select is_internal, case when is_internal or place % 2 = 1 then 'staff' else 'customer' end as sender_kind
		) said`,
	);
	await admin.query("analyze seed_plan, seed_messages");
}

const padded = (prefix: string, number: string, length = 26) =>
	`'${prefix}' || lpad((${number})::text, ${length}, '0')`;

/** Writes what is planned. Numbers of tickets follow from theirs in the plan. */
async function writeChunk(admin: pg.Client, base: number): Promise<void> {
	await admin.query(
		`insert into tickets
			(id, number, client_id, subject, body, status, priority, department_slug, requester_name, cc_emails, service_type,
			 service_id, service_name, critical_reason, message_count, last_place, text_bytes, created_at, updated_at,
			 last_message_at, closed_at)
		select ${padded("tkt_", "n")}, ${base} + n, ${padded("client_", "client")}, subject, body,
			case when is_closed then 'closed' when sort < 0.03 then 'on_hold' when sort < 0.1 then 'in_progress'
				when last_sender is null then 'open' when last_sender = 'staff' then 'answered' else 'customer_reply' end,
			priority,
			case service_type when 'vps' then 'vps' when 'hosting' then 'general-web-hosting' when 'domain' then 'domain-names'
				else 'billing' end,
			'Client ' || client, case when sort > 0.9 then array['colleague-' || client || '@bench.example'] else '{}' end,
			service_type,
			case service_type when 'vps' then ${padded("vps_", "client")} when 'hosting' then ${padded("acct_", "client")}
				when 'domain' then ${padded("dom_", "client")} end,
			service_name, case when priority = 'critical' then 'All of our customers are affected.' end,
			1 + public_messages, messages, octet_length(subject) + octet_length(body) + public_bytes,
			created_at, coalesce(closed_at, last_message_at), last_message_at, closed_at
		from (
			select p.*, s.text || coalesce(' – ' || service_name, '') as subject,
				o.text || coalesce(E'\\n\\n' || service_name || ', #' || p.n, '') as body,
				service_type, service_name, coalesce(m.public_messages, 0) as public_messages,
				coalesce(m.public_bytes, 0) as public_bytes, m.last_sender,
				coalesce(m.last_sent_at, p.created_at) as last_message_at,
				case when p.is_closed then least(coalesce(m.last_sent_at, p.created_at) + interval '3 days' * p.span, now())
					::timestamptz(3) end as closed_at,
				case when sort < 0.1 then 'low' when sort < 0.88 then 'medium' when sort < 0.96 then 'high'
					when sort < 0.99 then 'urgent' else 'critical' end as priority
			from seed_plan p
			cross join lateral (
				select case when about < 0.5 then 'vps' when about < 0.65 and client % 2 = 0 then 'hosting'
					when about < 0.75 then 'domain' when about < 0.8 then 'other' end as service_type
			) linked
			cross join lateral (
				select case service_type when 'vps' then 'app-' || client || '.bench.example'
					when 'hosting' then 'www.firm-' || client || '.example' when 'domain' then 'firm-' || client || '.example'
					when 'other' then 'Office network' end as service_name
			) named
			join seed_texts s on s.kind = 'subject' and s.language = p.language and s.place = ${anyText("p.n", 10)}
			join seed_texts o on o.kind = 'opening' and o.language = p.language and o.place = ${anyText("p.n", 11)}
			left join (
				select m.n, count(*) as public_messages, sum(octet_length(t.text)) as public_bytes, max(sent_at) as last_sent_at,
					(array_agg(sender_kind order by m.place desc))[1] as last_sender
				from seed_messages m
				join seed_texts t on t.kind = m.kind and t.language = m.language and t.place = m.text_place
				where not is_internal group by m.n
			) m on m.n = p.n
		) made
		order by n`,
	);
	await admin.query(
		`insert into ticket_messages
			(id, client_id, ticket_id, place, is_internal, sender_kind, sender_id, sender_name, body, sent_at)
		select ${padded("tmsg_", "m.n * 64 + m.place")}, ${padded("client_", "m.client")}, ${padded("tkt_", "m.n")}, m.place,
			is_internal, sender_kind,
			case sender_kind when 'customer' then ${padded("client_", "m.client")}
				else ${padded("staff_1", "1 + m.n % 20", 25)} end,
			case sender_kind when 'customer' then 'Client ' || m.client else 'Support' end, t.text, sent_at
		from seed_messages m
		join seed_texts t on t.kind = m.kind and t.language = m.language and t.place = m.text_place
		order by m.n, m.place`,
	);
	await admin.query("drop table seed_plan, seed_messages");
}
