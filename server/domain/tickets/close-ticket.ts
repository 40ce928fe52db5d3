/** A customer closes a ticket. */
import type { RecallableVerb } from "../../platform/perform.ts";
import { recallTicket } from "./read-ticket.ts";
import type { TicketDetail } from "./ticket.ts";
import { type TurnInput, turn } from "./turn-ticket.ts";

/** What is closed already stays as it is, and nothing happens. Refuses `resource.not_found`. */
export const closeTicket: RecallableVerb<TurnInput, TicketDetail> = {
	name: "close-ticket",
	run: (tx, input) => turn(tx, input, "close"),
	recall: recallTicket,
};
