/** A file begins to arrive: a row for it first, so that whatever becomes of the bytes, somebody knows of them. */
import { refuse } from "../../kernel/errors.ts";
import { newFileKey } from "../../kernel/file-key.ts";
import { newId } from "../../kernel/id.ts";
import type { Verb } from "../../platform/perform.ts";
import { ownerOf } from "./owner.ts";
import { insertArriving } from "./upload-store.ts";

export interface BegunUpload {
	readonly id: string;
	/** Where its bytes shall be. */
	readonly fileKey: string;
}

/** Refuses `upload.too_many`. */
export const beginUpload: Verb<Record<never, never>, BegunUpload> = {
	name: "begin-upload",
	async run(tx) {
		const begun = { id: newId("satt", tx.now), fileKey: newFileKey() };
		const isThere = await insertArriving(tx, {
			...begun,
			ownerId: ownerOf(tx.actor),
			at: tx.now,
			waitingMax: tx.settings.attachments.waitingMax,
		});
		return isThere ? begun : refuse("upload.too_many");
	},
};
