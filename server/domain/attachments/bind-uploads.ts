/** Uploads become attachments of a message (contract 14.36). */
import { Refusal } from "../../kernel/errors.ts";
import { newId } from "../../kernel/id.ts";
import type { Tx, Verb } from "../../platform/perform.ts";
import type { Attachment } from "./attachment.ts";
import { bindToMessage } from "./attachment-store.ts";
import { attachmentsMax } from "./upload.ts";

export interface BindUploadsInput {
	/** The message, written before in the same transaction. Without it nothing is bound. */
	readonly messageId: string;
	/** Whose uploads: of the client whose ticket it is, or of this member of staff. */
	readonly owner: "client" | { readonly staffId: string };
	/** The uploads that are named; at most 10. */
	readonly attachmentIds: readonly string[];
	/** Whether the message is for staff only. */
	readonly isInternal: boolean;
}

/** The same for one that never was, is somebody else's, was used, has expired, or was not scanned: none of it is told. */
const notUsable =
	"names no upload of yours that can be used here: it is used once, within its time, on the ticket it was sent for.";

/**
 * Binds the named uploads, and with them every one that its owner sent for this ticket and has not used, up to 10 in all.
 * Gives the attachments in their order.
 *
 * Refuses `request.invalid` at `/attachmentIds/{place}` for each that cannot be had.
 */
export const bindUploads: Verb<BindUploadsInput, readonly Attachment[]> = {
	name: "bind-uploads",
	async run(tx, { messageId, owner, attachmentIds, isInternal }) {
		const bound = await bindToMessage(tx, {
			ownerId: owner === "client" ? null : owner.staffId,
			messageId,
			uploadIds: attachmentIds,
			newIds: newIds(tx),
			isInternal,
			at: tx.now,
		});
		requireAll(
			attachmentIds,
			bound.map(({ uploadId }) => uploadId),
		);
		for (const { id, clientId, ticketId, uploadId } of bound)
			tx.emit({
				kind: "attachment.added",
				subject: id,
				clientId: isInternal ? null : clientId,
				data: { ticketId, messageId, uploadId },
			});
		return bound.map(({ uploadId: _, clientId: __, ...file }) => file);
	},
};

function newIds(tx: Tx): string[] {
	return Array.from({ length: attachmentsMax }, () => newId("tatt", tx.now));
}

/** One that is named twice can be had once. */
function requireAll(named: readonly string[], bound: readonly string[]): void {
	const faults = named.flatMap((id, i) => {
		const pointer = `/attachmentIds/${i}`;
		return bound.includes(id) && named.indexOf(id) === i
			? []
			: [{ pointer, detail: `\`attachmentIds/${i}\` ${notUsable}` }];
	});
	if (faults.length > 0) throw new Refusal("request.invalid", { faults });
}
