/** A member of staff starts work on a ticket, puts it on hold, closes it, or opens it again. */
import { staffWith } from "../../kernel/actor.ts";
import { refuse } from "../../kernel/errors.ts";
import type { RecallableVerb } from "../../platform/perform.ts";
import type { DeskTicket } from "./desk-ticket.ts";
import { getDeskTicket, recallDeskTicket } from "./read-desk-ticket.ts";
import { ticketNamed } from "./read-ticket.ts";
import { statusAfter, type Turn } from "./ticket.ts";
import { turnTicket } from "./ticket-store.ts";
import { emitTurn } from "./turn-ticket.ts";

export interface MoveInput {
	/** Id or number, as the path has it. */
	readonly ticket: string;
	readonly way: Turn;
}

/**
 * What is there already stays as it is, and nothing happens.
 * Needs `desk:tickets`. Refuses `resource.not_found`, `ticket.closed` to start or hold what is closed.
 */
export const moveTicket: RecallableVerb<MoveInput, DeskTicket> = {
	name: "move-ticket",

	async run(tx, { ticket, way }) {
		staffWith(tx.actor, "desk:tickets");
		const name = ticketNamed(ticket);
		// Two statements that travel together; the second sees what the first did.
		const [moved, now] = await Promise.all([
			turnTicket(
				tx,
				{ whose: "anybody", name },
				{ status: statusAfter[way], at: tx.now },
			),
			getDeskTicket(tx, name),
		]);
		if (moved !== undefined) emitTurn(tx, way, moved);
		else if (now.status === "closed" && statusAfter[way] !== "closed")
			refuse("ticket.closed");
		return now;
	},

	recall: recallDeskTicket,
};
