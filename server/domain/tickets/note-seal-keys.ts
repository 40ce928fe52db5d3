/** An operator has made or destroyed keys of sealed messages, in the file where they are; it goes on record. */
import type { Verb } from "../../platform/perform.ts";
import { requireAdmin } from "../accounts/staff.ts";

export type SealKeyChange =
	| { readonly made: readonly string[] }
	| {
			/** The ids of the keys that were there. */
			readonly destroyed: readonly string[];
			/** All of earlier months are gone. */
			readonly before: string;
	  };

/** Refuses `auth.forbidden` to everybody but the system and administrators. */
export const noteSealKeys: Verb<SealKeyChange, void> = {
	name: "note-seal-keys",
	async run(tx, change) {
		requireAdmin(tx.actor);
		const about = { subject: "seal-keys", clientId: null } as const;
		if ("made" in change)
			tx.emit({
				kind: "seal.keys_made",
				...about,
				data: { keyIds: change.made },
			});
		else
			tx.emit({
				kind: "seal.keys_destroyed",
				...about,
				data: { before: change.before, keyIds: change.destroyed },
			});
	},
};
