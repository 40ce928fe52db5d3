/** A customer says who else shall get a copy of what is written in a ticket. */
import { customerOf } from "../../kernel/actor.ts";
import type { Verb } from "../../platform/perform.ts";
import { getTicket, ticketNamed } from "./read-ticket.ts";
import { requireUnique, type TicketDetail } from "./ticket.ts";
import { updateCc } from "./ticket-store.ts";

export interface ChangeCcInput {
	/** Id or number, as the path has it. */
	readonly ticket: string;
	/** All of them: others get no copy any more. */
	readonly ccEmails: readonly string[];
}

/**
 * The same addresses in the same order change nothing. A closed ticket takes it, too.
 * Refuses `request.invalid` at `/ccEmails/{place}`, `resource.not_found`.
 */
export const changeCc: Verb<ChangeCcInput, TicketDetail> = {
	name: "change-cc",
	async run(tx, { ticket, ccEmails }) {
		const { clientId } = customerOf(tx.actor);
		const name = ticketNamed(ticket);
		requireUnique(ccEmails);
		// Two statements that travel together; the second sees what the first did.
		const [changed, detail] = await Promise.all([
			updateCc(tx, { whose: { clientId }, name }, { ccEmails, at: tx.now }),
			getTicket(tx, clientId, name),
		]);
		if (changed !== undefined)
			tx.emit({
				kind: "ticket.cc_changed",
				subject: changed.id,
				clientId,
				data: { count: ccEmails.length },
			});
		return detail;
	},
};
