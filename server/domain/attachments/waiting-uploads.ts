/** What jobs ask before they do something about an upload. */
import type { Question } from "../../platform/perform.ts";
import { findDoomed, findUnscanned, type Waiting } from "./upload-store.ts";

export type { Waiting };

interface Which {
	readonly id: string;
}

/** One that waits for a scanner; undefined when it does not, any more. */
export const unscannedUpload: Question<Which, Waiting | undefined> = {
	name: "unscanned-upload",
	answer: (view, { id }) => findUnscanned(view, id),
};

/** One that is to be removed; undefined when that is done. */
export const doomedUpload: Question<Which, Waiting | undefined> = {
	name: "doomed-upload",
	answer: (view, { id }) => findDoomed(view, id),
};
