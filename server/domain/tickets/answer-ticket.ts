/** A member of staff answers a customer. */
import type { RecallableVerb } from "../../platform/perform.ts";
import type { DeskMessage } from "./desk-ticket.ts";
import { recallDeskMessage } from "./read-desk-ticket.ts";
import { type StaffMessageInput, writeAsStaff } from "./write-as-staff.ts";

/** Needs `desk:tickets`. Refuses `resource.not_found`, `ticket.closed`. */
export const answerTicket: RecallableVerb<StaffMessageInput, DeskMessage> = {
	name: "answer-ticket",
	run: (tx, input) => writeAsStaff(tx, input, false),
	recall: recallDeskMessage,
};
