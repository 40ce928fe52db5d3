/** What closing and re-opening by a customer have in common (contract 14.28, 14.30). */
import { customerOf } from "../../kernel/actor.ts";
import type { EventKind } from "../../kernel/events.ts";
import type { Tx } from "../../platform/perform.ts";
import { getTicket, ticketNamed } from "./read-ticket.ts";
import { statusAfter, type TicketDetail, type Turn } from "./ticket.ts";
import { turnTicket } from "./ticket-store.ts";

export interface TurnInput {
	/** Id or number, as the path has it. */
	readonly ticket: string;
}

/** Turns the caller's ticket that way, or leaves it when it is there already. Refuses `resource.not_found`. */
export async function turn(
	tx: Tx,
	{ ticket }: TurnInput,
	way: "close" | "reopen",
): Promise<TicketDetail> {
	const { clientId } = customerOf(tx.actor);
	const name = ticketNamed(ticket);
	// Two statements that travel together; the second sees what the first did.
	const [turned, detail] = await Promise.all([
		turnTicket(
			tx,
			{ whose: { clientId }, name },
			{ status: statusAfter[way], at: tx.now },
		),
		getTicket(tx, clientId, name),
	]);
	if (turned !== undefined) emitTurn(tx, way, turned);
	return detail;
}

const kindOf = {
	start: "ticket.started",
	hold: "ticket.held",
	close: "ticket.closed",
	reopen: "ticket.reopened",
} as const satisfies Record<Turn, EventKind>;

/** Tells what became of a ticket, its client as well. */
export function emitTurn(
	tx: Tx,
	way: Turn,
	{ id, clientId }: { readonly id: string; readonly clientId: string },
): void {
	tx.emit({ kind: kindOf[way], subject: id, clientId, data: {} });
}
