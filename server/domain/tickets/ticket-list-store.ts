/** The SQL on a client's tickets, page by page. */
import { none, type Sql, type Statement, sql } from "../../platform/sql.ts";
import type { TicketStatus } from "./ticket.ts";
import { columns, type TicketRow } from "./ticket-store.ts";

/** A place in a list that is sorted by the last message, newest first: the row it goes on after. */
export interface Place {
	readonly at: Date;
	readonly id: string;
}

export interface TicketFilter {
	readonly status?: TicketStatus | undefined;
	readonly departmentSlug?: string | undefined;
	/** Changed after this moment. */
	readonly updatedAfter?: Date | undefined;
	readonly after?: Place | undefined;
	readonly limit: number;
}

/** The filter as a condition on `tickets t` of one client. */
export function filtered(clientId: string, filter: TicketFilter): Statement {
	const { status, departmentSlug, updatedAfter, after } = filter;
	return sql`t.client_id = ${clientId}
		${status !== undefined ? sql`and t.status = ${status}` : none}
		${departmentSlug !== undefined ? sql`and t.department_slug = ${departmentSlug}` : none}
		${updatedAfter !== undefined ? sql`and t.updated_at > ${updatedAfter}` : none}
		${after !== undefined ? sql`and (t.last_message_at, t.id) < (${after.at}, ${after.id})` : none}`;
}

/** Counted from 0. */
export interface NumberedPage {
	readonly page: number;
	readonly limit: number;
}

/**
 * One page of all of a client's tickets, the one with the newest message first. What is skipped is skipped in the index's
 * order, before anything is looked up for a row.
 */
export function listPageOf(
	db: Sql,
	clientId: string,
	{ page, limit }: NumberedPage,
): Promise<TicketRow[]> {
	return db.rows(sql<TicketRow>`
		select ${columns} from (
			select * from tickets where client_id = ${clientId}
			order by last_message_at desc, id desc limit ${limit} offset ${page * limit}
		) t
		order by t.last_message_at desc, t.id desc`);
}

/** How many tickets a client has; by the index alone, and of no other client. */
export async function countTicketsOf(
	db: Sql,
	clientId: string,
): Promise<number> {
	const counted = await db.first(
		sql<{
			total: number;
		}>`select count(*) as total from tickets where client_id = ${clientId}`,
	);
	return counted?.total ?? 0;
}

/** A client's tickets, the one with the newest message first. */
export function listTicketsOf(
	db: Sql,
	clientId: string,
	filter: TicketFilter,
): Promise<TicketRow[]> {
	return db.rows(sql<TicketRow>`
		select ${columns} from tickets t where ${filtered(clientId, filter)}
		order by t.last_message_at desc, t.id desc limit ${filter.limit}`);
}
