/** Reads of one ticket by the staff. */
import { staffWith } from "../../kernel/actor.ts";
import { refuse } from "../../kernel/errors.ts";
import type { Seals } from "../../kernel/seals.ts";
import type { Tx, Verb } from "../../platform/perform.ts";
import type { Sql } from "../../platform/sql.ts";
import type {
	DeskMessage,
	DeskTicket,
	DeskTicketDetail,
} from "./desk-ticket.ts";
import {
	type DeskTicketDetailRow,
	type DeskTicketRow,
	findDeskMessage,
	findDeskTicket,
	findDeskTicketDetail,
} from "./desk-ticket-store.ts";
import { placeOfMessage, textToRead } from "./message-text.ts";
import { bodyFrom, ticketNamed, ticketOf } from "./read-ticket.ts";
import type { TicketName } from "./ticket.ts";

/**
 * A member of staff reads a ticket with everything that was said, and that is put on record (docs/decisions/0011).
 * Needs `desk:tickets`; refuses `resource.not_found`.
 */
export const readTicket: Verb<{ readonly ticket: string }, DeskTicketDetail> = {
	name: "read-ticket",
	async run(tx, { ticket }) {
		staffWith(tx.actor, "desk:tickets");
		const row = await findDeskTicketDetail(tx, ticketNamed(ticket));
		if (row === undefined) return refuse("resource.not_found");
		tx.emit({
			kind: "ticket.read_by_staff",
			subject: row.id,
			clientId: null,
			data: {},
		});
		return detailOf(tx.seals, row);
	},
};

/** A ticket without what was said in it. Refuses `resource.not_found`. */
export async function getDeskTicket(
	db: Sql,
	name: TicketName,
): Promise<DeskTicket> {
	const row = await findDeskTicket(db, name);
	return row === undefined ? refuse("resource.not_found") : deskTicketOf(row);
}

/** Presents again what an Idempotency-Key turned. */
export function recallDeskTicket(tx: Tx, id: string): Promise<DeskTicket> {
	return getDeskTicket(tx, { id });
}

/** Presents again what an Idempotency-Key wrote. */
export async function recallDeskMessage(
	tx: Tx,
	id: string,
): Promise<DeskMessage> {
	const found = await findDeskMessage(tx, id);
	if (found === undefined) return refuse("resource.not_found");
	const place = placeOfMessage(found);
	return { ...found, body: textToRead(tx.seals, place, found) };
}

export function deskTicketOf({ client, ...row }: DeskTicketRow): DeskTicket {
	return {
		...ticketOf(row),
		closedAt: row.closedAt,
		clientLegacyId: client?.legacyId ?? null,
		clientName: client?.name ?? null,
	};
}

function detailOf(seals: Seals, row: DeskTicketDetailRow): DeskTicketDetail {
	const { body, criticalReason, aiSummary, aiHelpful, messages } = row;
	return {
		...deskTicketOf(row),
		body,
		attachments: row.attachments,
		criticalReason,
		aiSummary,
		aiHelpful,
		messages: messages.map((message) => {
			const { sealed, ...rest } = message;
			return {
				...rest,
				ticketId: row.id,
				body: bodyFrom(seals, row, message),
				sentAt: new Date(message.sentAt),
			};
		}),
	};
}
