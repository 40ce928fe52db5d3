import type { Verb } from "../../platform/perform.ts";
import { clientAmong, ownerOf } from "./owner.ts";
import { doomArriving } from "./upload-store.ts";

export interface Infection {
	readonly id: string;
	/** What the scanner calls it. */
	readonly signature: string;
}

/** A file that arrived is malware: it was not stored, its sender is told, and it is on record who sent it. */
export const refuseInfected: Verb<Infection, void> = {
	name: "refuse-infected",
	async run(tx, { id, signature }) {
		const ownerId = ownerOf(tx.actor);
		const doomed = await doomArriving(tx, ownerId, id);
		if (doomed === undefined) return;
		tx.emit({
			kind: "upload.infected",
			subject: id,
			clientId: clientAmong(ownerId),
			data: { signature },
		});
	},
};
