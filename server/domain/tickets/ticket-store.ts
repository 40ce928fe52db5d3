/** The SQL on one ticket: opening it, reading it, and how it stands. Each statement is bound to its client. */
import { none, type Sql, type Statement, sql } from "../../platform/sql.ts";
import { personName } from "../accounts/client-sql.ts";
import { attachmentsOf } from "../attachments/attachment-sql.ts";
import { type ServiceCard, serviceCard } from "../inventory/service-sql.ts";
import type { Link, LinkColumns } from "./linked-service.ts";
import type {
	Message,
	SenderKind,
	Ticket,
	TicketName,
	TicketPriority,
	TicketStatus,
	TurnedStatus,
} from "./ticket.ts";

export type TicketRow = Omit<Ticket, "service"> & LinkColumns;

/** What makes a TicketRow of `tickets t`. */
export const columns: Statement = sql`
	t.id, t.number, t.client_id, t.subject, t.status, t.priority, t.department_slug, t.requester_name, t.cc_emails,
	t.message_count, t.created_at, t.updated_at, t.last_message_at, t.service_type, t.service_id, t.service_name,
	(select d.display_name from departments d where d.slug = t.department_slug) as department_name,
	${serviceCard({ clientId: sql`t.client_id`, serviceId: sql`t.service_id` })} as card`;

export interface NewTicket {
	readonly id: string;
	readonly clientId: string;
	readonly departmentSlug: string;
	readonly subject: string;
	readonly body: string;
	readonly priority: TicketPriority;
	readonly ccEmails: readonly string[];
	readonly link: Link | null;
	/** Not null for a critical ticket. */
	readonly criticalReason: string | null;
	readonly aiSummary: string | null;
	readonly aiHelpful: boolean | null;
	/** UTF-8 bytes of subject and body. */
	readonly textBytes: number;
	readonly at: Date;
	/** A critical ticket is refused when the client sent another one after this. */
	readonly noCriticalSince: Date;
}

/** What was found on the way; there is a number only when nothing was in the way. */
export interface OpenedRow {
	readonly number: number | null;
	/** Null when no open department has the slug. */
	readonly departmentName: string | null;
	readonly requesterName: string | null;
	/** Null when nothing is linked, and when the client has no such service. */
	readonly card: ServiceCard | null;
}

/**
 * Opens a ticket in one statement: department, client and service are looked up by it, and nothing that others use is
 * locked. What is missing stands in the answer, and the caller refuses.
 */
export async function insertTicket(
	db: Sql,
	ticket: NewTicket,
): Promise<OpenedRow> {
	const { link, clientId, at } = ticket;
	const serviceId = link === null || link.type === "other" ? null : link.id;
	const givenName = link?.type === "other" ? link.name : null;
	const isCritical = ticket.priority === "critical";
	const row = await db.first(sql<OpenedRow>`
		with found as materialized (
			select
				(select display_name from departments where slug = ${ticket.departmentSlug} and is_open) as department_name,
				${personName(sql`${clientId}`)} as requester_name,
				${serviceId === null ? sql`null::json` : serviceCard({ clientId: sql`${clientId}`, serviceId: sql`${serviceId}` })} as card
		), ${isCritical ? takeCritical(ticket) : none} opened as (
			insert into tickets
				(id, client_id, subject, body, status, priority, department_slug, requester_name, cc_emails,
				 service_type, service_id, service_name, critical_reason, ai_summary, ai_helpful, text_bytes,
				 created_at, updated_at, last_message_at)
			select ${ticket.id}, ${clientId}, ${ticket.subject}, ${ticket.body}, 'open', ${ticket.priority},
				${ticket.departmentSlug}, requester_name, ${ticket.ccEmails}::text[], ${link?.type ?? null}, ${serviceId},
				coalesce(card ->> 'name', ${givenName}), ${ticket.criticalReason}, ${ticket.aiSummary},
				${ticket.aiHelpful}::boolean, ${ticket.textBytes}::integer,
				${at}::timestamptz, ${at}::timestamptz, ${at}::timestamptz
			from found
			where department_name is not null
				${serviceId === null ? none : sql`and card is not null`}
				${isCritical ? sql`and exists (select from taken)` : none}
			returning number
		)
		select (select number from opened) as number, department_name, requester_name, card from found`);
	if (row === undefined) throw new Error("a select without from has a row");
	return row;
}

/** Takes the client's hour, or finds it taken; of several that arrive at once the database lets one through. */
function takeCritical({ clientId, at, noCriticalSince }: NewTicket): Statement {
	return sql`taken as (
		insert into critical_tickets as c (client_id, sent_at) values (${clientId}, ${at})
		on conflict (client_id) do update set sent_at = excluded.sent_at where c.sent_at <= ${noCriticalSince}
		returning client_id
	),`;
}

/** When the client last sent a critical ticket. */
export async function findLastCritical(
	db: Sql,
	clientId: string,
): Promise<Date | undefined> {
	const found = await db.first(
		sql<{
			sentAt: Date;
		}>`select sent_at from critical_tickets where client_id = ${clientId}`,
	);
	return found?.sentAt;
}

/** Whose tickets to look among: a client's own, or anybody's for staff. */
export type Whose = { readonly clientId: string } | "anybody";

export interface Which {
	readonly whose: Whose;
	readonly name: TicketName;
}

/** The ticket with this id or number, as a condition on `tickets t`. */
export function isNamed({ whose, name }: Which): Statement {
	const named =
		"id" in name ? sql`t.id = ${name.id}` : sql`t.number = ${name.number}`;
	return whose === "anybody"
		? named
		: sql`${named} and t.client_id = ${whose.clientId}`;
}

/** A message as JSON has it. */
export interface MessageJson {
	readonly id: string;
	readonly sender: SenderKind;
	readonly senderName: string | null;
	readonly isEncrypted: boolean;
	/** Null for a sealed one. */
	readonly body: string | null;
	/** In base64, which may be broken into lines; null for one in clear. */
	readonly sealed: string | null;
	readonly attachments: Message["attachments"];
	/** JSON has no dates. */
	readonly sentAt: string;
}

/** Of messages `m`. */
export const messageAttachments: Statement = attachmentsOf({
	messageId: sql`m.id`,
	ticketId: sql`m.ticket_id`,
	clientId: sql`m.client_id`,
});

/** Of the openings of tickets `t`. */
export const openingAttachments: Statement = attachmentsOf({
	messageId: null,
	ticketId: sql`t.id`,
	clientId: sql`t.client_id`,
});

export interface TicketDetailRow extends TicketRow {
	readonly body: string;
	readonly attachments: Message["attachments"];
	/** What the customer may read, in order. */
	readonly messages: readonly MessageJson[];
}

/** A client's ticket with its opening and its public messages, as they were at one moment. */
export function findTicket(
	db: Sql,
	clientId: string,
	name: TicketName,
): Promise<TicketDetailRow | undefined> {
	const which = { whose: { clientId }, name };
	return db.first(sql<TicketDetailRow>`
		select ${columns}, t.body, ${openingAttachments} as attachments,
			coalesce((
				select json_agg(json_build_object('id', m.id, 'sender', m.sender_kind, 'senderName', m.sender_name,
					'isEncrypted', m.is_encrypted, 'body', m.body, 'sealed', encode(m.sealed, 'base64'),
					'attachments', ${messageAttachments}, 'sentAt', m.sent_at) order by m.place)
				from ticket_messages m
				where m.ticket_id = t.id and m.client_id = t.client_id and not m.is_internal
			), '[]') as messages
		from tickets t where ${isNamed(which)}`);
}

export interface Standing {
	readonly id: string;
	readonly clientId: string;
	readonly status: TicketStatus;
	/** UTF-8 bytes of what its customer may read. */
	readonly textBytes: number;
	/** The opening and the messages that its customer may read. */
	readonly messageCount: number;
}

/** How a ticket stands, for whoever could not change it and wants to know why. */
export function findStanding(
	db: Sql,
	which: Which,
): Promise<Standing | undefined> {
	return db.first(sql<Standing>`
		select t.id, t.client_id, t.status, t.text_bytes, t.message_count from tickets t where ${isNamed(which)}`);
}

/**
 * Gives a ticket another status: `open` only to a closed one, `in_progress` and `on_hold` only to one that is not closed.
 * Undefined when it has that status, may not get it, or is not there.
 */
export function turnTicket(
	db: Sql,
	which: Which,
	{ status, at }: { readonly status: TurnedStatus; readonly at: Date },
): Promise<{ readonly id: string; readonly clientId: string } | undefined> {
	const from = {
		open: sql`t.status = 'closed'`,
		closed: sql`t.status <> 'closed'`,
		in_progress: sql`t.status not in ('closed', 'in_progress')`,
		on_hold: sql`t.status not in ('closed', 'on_hold')`,
	}[status];
	return db.first(sql<{ id: string; clientId: string }>`
		update tickets t set status = ${status}, updated_at = greatest(t.updated_at, ${at}),
			closed_at = ${status === "closed" ? at : null}
		where ${isNamed(which)} and ${from}
		returning t.id, t.client_id`);
}

/** Undefined when they are the same already, or there is no such ticket. */
export function updateCc(
	db: Sql,
	which: Which,
	{ ccEmails, at }: { readonly ccEmails: readonly string[]; readonly at: Date },
): Promise<{ readonly id: string } | undefined> {
	return db.first(sql<{ id: string }>`
		update tickets t set cc_emails = ${ccEmails}::text[], updated_at = greatest(t.updated_at, ${at})
		where ${isNamed(which)} and t.cc_emails <> ${ccEmails}::text[]
		returning t.id`);
}
