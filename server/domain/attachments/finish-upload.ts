/** A file has arrived and is stored: from now on it may be used. */
import { refuse } from "../../kernel/errors.ts";
import type { Verb } from "../../platform/perform.ts";
import { clientAmong, ownerOf } from "./owner.ts";
import type { Upload } from "./upload.ts";
import { type Arrived, makeReady } from "./upload-store.ts";

export type FinishUploadInput = Omit<Arrived, "ownerId" | "expiresAt">;

const hourMs = 60 * 60 * 1000;

/** Refuses `server.unavailable` when it took so long that nobody waits for it any more. */
export const finishUpload: Verb<FinishUploadInput, Upload> = {
	name: "finish-upload",
	async run(tx, input) {
		const ownerId = ownerOf(tx.actor);
		const lifeMs = tx.settings.attachments.waitingHours * hourMs;
		const upload = await makeReady(tx, {
			...input,
			ownerId,
			expiresAt: new Date(tx.now.getTime() + lifeMs),
		});
		if (upload === undefined) return refuse("server.unavailable");
		const { id, ticketId, byteLength, contentType, scan } = upload;
		tx.emit({
			kind: "upload.received",
			subject: id,
			clientId: clientAmong(ownerId),
			data: { ticketId, byteLength, contentType, scan },
		});
		return upload;
	},
};
