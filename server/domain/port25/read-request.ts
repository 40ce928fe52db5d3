/** A member of staff reads a request with what the customer wrote, and that is put on record. */
import { staffWith } from "../../kernel/actor.ts";
import type { Verb } from "../../platform/perform.ts";
import { noteRead } from "./note-read.ts";
import { getRequest, type RequestWithEntry } from "./read-requests.ts";

/** Needs `desk:review`; refuses `resource.not_found`. */
export const readRequest: Verb<{ readonly id: string }, RequestWithEntry> = {
	name: "read-request",
	async run(tx, { id }) {
		staffWith(tx.actor, "desk:review");
		const request = await getRequest(tx, id, "anybody");
		noteRead(tx, id);
		return request;
	},
};
