/** A customer opens a closed ticket again. */
import type { RecallableVerb } from "../../platform/perform.ts";
import { recallTicket } from "./read-ticket.ts";
import type { TicketDetail } from "./ticket.ts";
import { type TurnInput, turn } from "./turn-ticket.ts";

/** What is not closed stays as it is, and nothing happens. Refuses `resource.not_found`. */
export const reopenTicket: RecallableVerb<TurnInput, TicketDetail> = {
	name: "reopen-ticket",
	run: (tx, input) => turn(tx, input, "reopen"),
	recall: recallTicket,
};
