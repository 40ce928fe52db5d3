/** The ticket that an upload is meant for. */

import { refuse, refuseField } from "../../kernel/errors.ts";
import { isId } from "../../kernel/id.ts";
import type { Question } from "../../platform/perform.ts";
import { findClientOfTicket } from "./attachment-store.ts";

export interface TargetTicket {
	readonly id: string;
	readonly clientId: string;
}

/**
 * The ticket, if the caller may put a file there: a customer on an own one, staff on any.
 * Refuses `request.invalid` at `/ticketId` for what is no id, `resource.not_found` for what does not exist or is not theirs.
 */
export const targetTicket: Question<
	{ readonly ticketId: string },
	TargetTicket
> = {
	name: "target-ticket",
	async answer(view, { ticketId }) {
		if (!isId("tkt", ticketId))
			return refuseField(
				"/ticketId",
				"`ticketId` must be the public id of a ticket (`tkt_…`).",
			);
		const { actor } = view;
		const whose = actor.kind === "customer" ? actor : "anybody";
		const clientId = await findClientOfTicket(view, ticketId, whose);
		return clientId === undefined
			? refuse("resource.not_found")
			: { id: ticketId, clientId };
	},
};
