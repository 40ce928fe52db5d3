/**
 * A ticket as the first generation shows it: a raw object of the panel, where nearly every scalar is a string (contract
 * 9.3). What only the staff may know has a value that says nothing (decision 21), and is made of nothing: the customer's
 * reads, which are presented here, do not hold it.
 */
import Type from "typebox";
import type { Client } from "../../domain/accounts/client.ts";
import type { Ticket, TicketPriority } from "../../domain/tickets/ticket.ts";

const text = Type.String();

export const V1TicketSummary = Type.Object({
	number: Type.Integer(),
	id: text,
	parent_id: text,
	date: text,
	lastreply: text,
	lastupdate: text,
	lastedit: text,
	editby: text,
	ticket_number: text,
	acc_hash: text,
	dept_id: text,
	client_id: text,
	creator_id: text,
	name: text,
	email: text,
	cc: text,
	bcc: text,
	subject: text,
	status: text,
	priority: text,
	flags: Type.Integer(),
	tags: Type.Array(text),
	admin_read: text,
	client_read: text,
	type: text,
	request_type: text,
	senderip: text,
	escalated: text,
	sla_id: text,
	start_date: text,
	resolve_date: text,
	owner_id: text,
	metadata: Type.Array(text),
});

export const V1Ticket = Type.Object({
	...V1TicketSummary.properties,
	body: text,
});

/** What a panel counts from the least urgent on. */
export const priorityNumbers = [
	"low",
	"medium",
	"high",
	"urgent",
	"critical",
] as const satisfies readonly TicketPriority[];

/** What the panel knows beside the ticket. */
export interface Around {
	readonly client: Pick<Client, "legacyId" | "email">;
	/** Slug → number. */
	readonly departments: ReadonlyMap<string, number>;
}

/** Says nothing: a flag that is not set, the id of nothing, a text or a time that there is not. */
const no = "0";
const none = "";

export function presentSummary(
	ticket: Ticket,
	{ client, departments }: Around,
) {
	const clientId = String(client.legacyId);
	const number = String(ticket.number);
	return {
		number: ticket.number,
		id: number,
		parent_id: no,
		date: ticket.createdAt.toISOString(),
		lastreply: ticket.lastMessageAt.toISOString(),
		lastupdate: ticket.updatedAt.toISOString(),
		lastedit: none,
		editby: none,
		ticket_number: number,
		acc_hash: none,
		dept_id: String(departments.get(ticket.departmentSlug) ?? 0),
		client_id: clientId,
		creator_id: clientId,
		name: ticket.requesterName ?? none,
		email: client.email ?? none,
		cc: ticket.ccEmails.join(","),
		bcc: none,
		subject: ticket.subject,
		status: ticket.status,
		priority: String(priorityNumbers.indexOf(ticket.priority)),
		flags: 0,
		tags: [],
		admin_read: no,
		client_read: "1",
		type: "client",
		request_type: none,
		senderip: none,
		escalated: no,
		sla_id: no,
		start_date: none,
		resolve_date: none,
		owner_id: no,
		metadata: [],
	};
}

export function presentTicket(
	ticket: Ticket & { readonly body: string },
	around: Around,
) {
	return { ...presentSummary(ticket, around), body: ticket.body };
}
