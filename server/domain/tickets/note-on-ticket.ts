/** A member of staff writes a note that only staff read; a closed ticket takes one, too. */
import type { RecallableVerb } from "../../platform/perform.ts";
import type { DeskMessage } from "./desk-ticket.ts";
import { recallDeskMessage } from "./read-desk-ticket.ts";
import { type StaffMessageInput, writeAsStaff } from "./write-as-staff.ts";

/** Needs `desk:tickets`. Refuses `resource.not_found`. */
export const noteOnTicket: RecallableVerb<StaffMessageInput, DeskMessage> = {
	name: "note-on-ticket",
	run: (tx, input) => writeAsStaff(tx, input, true),
	recall: recallDeskMessage,
};
