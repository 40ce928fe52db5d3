import { refuse } from "../../kernel/errors.ts";
import type { Verb } from "../../platform/perform.ts";
import { clientAmong, ownerOf } from "./owner.ts";
import { doomReady } from "./upload-store.ts";

/**
 * The sender does not want a file after all: it makes room for another at once, and its bytes are removed afterwards. Refuses
 * `resource.not_found` for one that was never there, is somebody else's, was used, or has expired.
 */
export const removeUpload: Verb<{ readonly id: string }, { id: string }> = {
	name: "remove-upload",
	async run(tx, { id }) {
		const ownerId = ownerOf(tx.actor);
		const doomed = await doomReady(tx, { ownerId, id, at: tx.now });
		if (doomed === undefined) return refuse("resource.not_found");
		tx.emit({
			kind: "upload.discarded",
			subject: id,
			clientId: clientAmong(ownerId),
			data: { reason: "removed" },
		});
		return { id };
	},
};
