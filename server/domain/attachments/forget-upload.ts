import type { Verb } from "../../platform/perform.ts";
import { deleteDoomed } from "./upload-store.ts";

/** The bytes of a doomed upload are gone, and now its row. What happened to it was said when it was doomed. */
export const forgetUpload: Verb<{ readonly id: string }, void> = {
	name: "forget-upload",
	run: (tx, { id }) => deleteDoomed(tx, id),
};
