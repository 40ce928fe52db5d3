/** The SQL that looks for words in a client's tickets. */
import { type Sql, type Statement, sql } from "../../platform/sql.ts";
import {
	filtered,
	type Place,
	type TicketFilter,
} from "./ticket-list-store.ts";
import { columns, type TicketRow } from "./ticket-store.ts";

/**
 * How much is looked through for one page: so many tickets, and so much text (the last ticket may go beyond it, and each
 * ticket is bounded itself). Computing the words of 256 KiB takes about a tenth of a second.
 */
export const lookThrough = { tickets: 500, textBytes: 256 * 1024 } as const;

export interface Found {
	/** Those with the words, as many as asked for at most. */
	readonly rows: readonly TicketRow[];
	/** Where looking ended before the end of the list; undefined when everything was looked through. */
	readonly endedAt: Place | undefined;
}

type FoundRow = { [K in keyof TicketRow]: TicketRow[K] | null } & {
	readonly endedAt: Date;
	readonly endedId: string;
	readonly hasMore: boolean;
};

/**
 * A client's tickets in which the words stand, the one with the newest message first. A ticket is found when its subject
 * with its opening, or with one of its public messages, has them, read as Swedish or as English. Sealed texts have no
 * words here.
 *
 * @param words as people type them: `"a phrase"`, `or`, `-without`
 */
export async function searchTicketsOf(
	db: Sql,
	clientId: string,
	{ words, ...filter }: TicketFilter & { readonly words: string },
): Promise<Found> {
	const rows = await db.rows(sql<FoundRow>`
		with given as materialized (
			select websearch_to_tsquery('swedish', ${words}) as sv, websearch_to_tsquery('english', ${words}) as en
		), candidates as materialized (
			select c.*, row_number() over (${newestFirst(sql`c`)}) as nth,
				sum(c.text_bytes) over (${newestFirst(sql`c`)}) - c.text_bytes as bytes_before
			from (
				select t.id, t.last_message_at, t.text_bytes from tickets t where ${filtered(clientId, filter)}
				${newestFirst(sql`t`)} limit ${lookThrough.tickets + 1}
			) c
		), looked_at as materialized (
			select * from candidates where nth <= ${lookThrough.tickets} and bytes_before < ${lookThrough.textBytes}
		), found as (
			select ${columns}
			from (select id, nth from looked_at order by nth) l
			join tickets t on t.id = l.id and t.client_id = ${clientId}
			cross join given
			where ${speaksOf(sql`t.subject || ' ' || t.body`)} or exists (
				select from ticket_messages m
				where m.ticket_id = t.id and m.client_id = t.client_id and not m.is_internal and m.body is not null
					and (${speaksOf(sql`t.subject || ' ' || m.body`)}))
			order by l.nth limit ${filter.limit}
		)
		select found.*, last.last_message_at as ended_at, last.id as ended_id,
			(select count(*) from candidates) > (select count(*) from looked_at) as has_more
		from (select id, last_message_at from looked_at order by nth desc limit 1) last
		left join found on true
		${newestFirst(sql`found`)}`);
	const [first] = rows;
	return {
		rows: rows.filter(isFound),
		endedAt: first?.hasMore
			? { at: first.endedAt, id: first.endedId }
			: undefined,
	};
}

function newestFirst(alias: Statement): Statement {
	return sql`order by ${alias}.last_message_at desc, ${alias}.id desc`;
}

/** Whether a text has the words of `given`, in one language or the other. */
function speaksOf(text: Statement): Statement {
	return sql`to_tsvector('swedish', ${text}) @@ given.sv or to_tsvector('english', ${text}) @@ given.en`;
}

/** Where nothing was found, the row has only where looking ended. */
function isFound(row: FoundRow): row is FoundRow & TicketRow {
	return row.id !== null;
}
