import type { Verb } from "../../platform/perform.ts";
import { ownerOf } from "./owner.ts";
import { deleteArriving } from "./upload-store.ts";

/** A file was refused, or broke off, before any of it was stored: it is as if it had never come. */
export const abandonUpload: Verb<{ readonly id: string }, void> = {
	name: "abandon-upload",
	run: (tx, { id }) => deleteArriving(tx, ownerOf(tx.actor), id),
};
