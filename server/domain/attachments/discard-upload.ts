import type { Verb } from "../../platform/perform.ts";
import { clientAmong, ownerOf } from "./owner.ts";
import { doomArriving } from "./upload-store.ts";

/** A file could not be stored, or nobody knows whether it was: what there may be of it is removed later. */
export const discardUpload: Verb<{ readonly id: string }, void> = {
	name: "discard-upload",
	async run(tx, { id }) {
		const ownerId = ownerOf(tx.actor);
		const doomed = await doomArriving(tx, ownerId, id);
		if (doomed === undefined) return;
		tx.emit({
			kind: "upload.discarded",
			subject: id,
			clientId: clientAmong(ownerId),
			data: { reason: "failed" },
		});
	},
};
