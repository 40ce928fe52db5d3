/** A member of staff reads what was known of a customer when a request was decided, and that is put on record. */
import { staffWith } from "../../kernel/actor.ts";
import { refuse } from "../../kernel/errors.ts";
import type { Verb } from "../../platform/perform.ts";
import { noteRead } from "./note-read.ts";
import { findReceipt, type StoredReceipt } from "./request-store.ts";

/** Needs `desk:review`; refuses `resource.not_found`. */
export const readReceipt: Verb<{ readonly id: string }, StoredReceipt> = {
	name: "read-receipt",
	async run(tx, { id }) {
		staffWith(tx.actor, "desk:review");
		const receipt = await findReceipt(tx, id);
		if (receipt === undefined) return refuse("resource.not_found");
		noteRead(tx, id);
		return receipt;
	},
};
