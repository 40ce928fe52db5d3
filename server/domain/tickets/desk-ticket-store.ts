/** The SQL on tickets for staff: everybody's, with what customers do not see. */
import { none, type Sql, type Statement, sql } from "../../platform/sql.ts";
import { type ClientCard, clientCard } from "../accounts/client-sql.ts";
import { staffName } from "../accounts/staff-sql.ts";
import type { DeskMessage, DeskTicketDetail } from "./desk-ticket.ts";
import type { StoredText } from "./message-text.ts";
import {
	type TicketName,
	type TicketPriority,
	type TicketStatus,
	ticketStatuses,
} from "./ticket.ts";
import type { Place } from "./ticket-list-store.ts";
import {
	columns as customerColumns,
	isNamed,
	type MessageJson,
	messageAttachments,
	openingAttachments,
	type TicketRow,
} from "./ticket-store.ts";

export interface DeskTicketRow extends TicketRow {
	readonly client: ClientCard | null;
	readonly closedAt: Date | null;
}

const columns: Statement = sql`
	${customerColumns}, t.closed_at, ${clientCard(sql`t.client_id`)} as client`;

/** Of messages `m`. */
const senderName: Statement = sql`
	case when m.sender_kind = 'staff' then ${staffName(sql`m.sender_id`)} else m.sender_name end`;

export type DeskMessageJson = Omit<DeskMessage, "ticketId" | "sentAt"> &
	Pick<MessageJson, "sealed" | "sentAt">;

export interface DeskTicketDetailRow extends DeskTicketRow {
	readonly body: string;
	readonly criticalReason: string | null;
	readonly aiSummary: string | null;
	readonly aiHelpful: boolean | null;
	readonly attachments: DeskTicketDetail["attachments"];
	readonly messages: readonly DeskMessageJson[];
}

/** A ticket with everything that was said, as it was at one moment. */
export function findDeskTicketDetail(
	db: Sql,
	name: TicketName,
): Promise<DeskTicketDetailRow | undefined> {
	return db.first(sql<DeskTicketDetailRow>`
		select ${columns}, t.body, t.critical_reason, t.ai_summary, t.ai_helpful,
			${openingAttachments} as attachments,
			coalesce((
				select json_agg(json_build_object('id', m.id, 'isInternal', m.is_internal, 'sender', m.sender_kind,
					'senderId', m.sender_id, 'senderName', ${senderName}, 'isEncrypted', m.is_encrypted, 'body', m.body,
					'sealed', encode(m.sealed, 'base64'), 'attachments', ${messageAttachments}, 'sentAt', m.sent_at) order by m.place)
				from ticket_messages m where m.ticket_id = t.id and m.client_id = t.client_id
			), '[]') as messages
		from tickets t where ${isNamed({ whose: "anybody", name })}`);
}

export function findDeskTicket(
	db: Sql,
	name: TicketName,
): Promise<DeskTicketRow | undefined> {
	return db.first(sql<DeskTicketRow>`
		select ${columns} from tickets t where ${isNamed({ whose: "anybody", name })}`);
}

/** As it is stored. */
export type DeskMessageRow = Omit<DeskMessage, "body"> &
	StoredText & { readonly clientId: string };

export function findDeskMessage(
	db: Sql,
	id: string,
): Promise<DeskMessageRow | undefined> {
	return db.first(sql<DeskMessageRow>`
		select m.id, m.client_id, m.ticket_id, m.is_internal, m.sender_kind as sender, m.sender_id, ${senderName} as sender_name,
			m.is_encrypted, m.body, m.sealed, ${messageAttachments} as attachments, m.sent_at
		from ticket_messages m where m.id = ${id}`);
}

export interface DeskFilter {
	readonly status?: TicketStatus | undefined;
	readonly departmentSlug?: string | undefined;
	readonly priority?: TicketPriority | undefined;
	readonly clientId?: string | undefined;
	readonly after?: Place | undefined;
	readonly limit: number;
}

/**
 * Everybody's tickets, the one with the newest message first. The index has them by status, so the page is cut from the
 * pages of each status; of one client they are few enough to be looked through.
 */
export function listDeskTickets(
	db: Sql,
	filter: DeskFilter,
): Promise<DeskTicketRow[]> {
	const { status, clientId, limit } = filter;
	const newest = sql`order by t.last_message_at desc, t.id desc limit ${limit}`;
	const matching = conditions(filter);
	if (clientId !== undefined)
		return db.rows(sql<DeskTicketRow>`
			select ${columns} from tickets t
			where t.client_id = ${clientId} ${status === undefined ? none : sql`and t.status = ${status}`} ${matching}
			${newest}`);
	const statuses = status === undefined ? ticketStatuses : [status];
	return db.rows(sql<DeskTicketRow>`
		select ${columns}
		from unnest(${statuses}::text[]) as one (status) cross join lateral (
			select * from tickets t where t.status = one.status ${matching} ${newest}
		) t
		${newest}`);
}

function conditions({ departmentSlug, priority, after }: DeskFilter) {
	return sql`
		${departmentSlug === undefined ? none : sql`and t.department_slug = ${departmentSlug}`}
		${priority === undefined ? none : sql`and t.priority = ${priority}`}
		${after === undefined ? none : sql`and (t.last_message_at, t.id) < (${after.at}, ${after.id})`}`;
}
