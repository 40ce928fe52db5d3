/** Attachments to be read: by their own client, and by staff. */
import { customerOf, staffWith } from "../../kernel/actor.ts";
import { refuse } from "../../kernel/errors.ts";
import { isId } from "../../kernel/id.ts";
import type { Question, Verb } from "../../platform/perform.ts";
import type { AttachedFile } from "./attachment.ts";
import { findFile, findOwnFile } from "./attachment-store.ts";

/**
 * An attachment of one of the caller's tickets. That it belongs to this ticket, and the ticket to the caller, is the same
 * look (contract 6.9, 14.39): an upload's id, another ticket and somebody else's attachment are `resource.not_found` alike.
 */
export const getOwnAttachment: Question<
	{ readonly id: string; readonly ticketId: string },
	AttachedFile
> = {
	name: "get-own-attachment",
	async answer(view, which) {
		const { clientId } = customerOf(view.actor);
		return (
			(await findOwnFile(view, clientId, which)) ?? refuse("resource.not_found")
		);
	},
};

/** Any attachment; who read it is on record (decision 11). Refuses `resource.not_found`. */
export const readAttachment: Verb<{ readonly id: string }, AttachedFile> = {
	name: "read-attachment",
	async run(tx, { id }) {
		staffWith(tx.actor, "desk:tickets");
		const file = isId("tatt", id) ? await findFile(tx, id) : undefined;
		if (file === undefined) return refuse("resource.not_found");
		tx.emit({
			kind: "attachment.read_by_staff",
			subject: id,
			clientId: null,
			data: { ticketId: file.ticketId },
		});
		return file;
	},
};
