/** What closing and re-opening by a customer have in common (contract 14.28, 14.30). */
import { customerOf } from "../../kernel/actor.ts";
import type { Tx } from "../../platform/perform.ts";
import { getTicket, ticketNamed } from "./read-ticket.ts";
import { statusAfter, type TicketDetail } from "./ticket.ts";
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
			{ clientId, name },
			{ status: statusAfter[way], at: tx.now },
		),
		getTicket(tx, clientId, name),
	]);
	if (turned !== undefined)
		tx.emit({
			kind: way === "close" ? "ticket.closed" : "ticket.reopened",
			subject: turned.id,
			clientId,
			data: {},
		});
	return detail;
}
