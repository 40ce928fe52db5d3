/** A file that waited for a scanner was looked at. */
import type { Verb } from "../../platform/perform.ts";
import { clientAmong } from "./owner.ts";
import { doomUnscanned, noteScan } from "./upload-store.ts";

export interface ScanResult {
	readonly id: string;
	/** `infected` with what was found; `none` when nobody looks for malware any more. */
	readonly result:
		| { readonly scan: "clean" | "none" }
		| { readonly scan: "infected"; readonly signature: string };
}

/** From now on it may be used, or it is removed. Nothing happens to one that does not wait any more. */
export const recordScan: Verb<ScanResult, void> = {
	name: "record-scan",
	async run(tx, { id, result }) {
		const { scan } = result;
		const found =
			scan === "infected"
				? await doomUnscanned(tx, id)
				: await noteScan(tx, id, scan);
		if (found === undefined) return;
		const about = { subject: id, clientId: clientAmong(found.ownerId) };
		if (scan === "infected") {
			const { signature } = result;
			tx.emit({ ...about, kind: "upload.infected", data: { signature } });
		} else tx.emit({ ...about, kind: "upload.scanned", data: {} });
	},
};
