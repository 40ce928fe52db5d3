/** An upload: a file that was sent and is not part of a ticket yet (contract 6.8, 14.36–14.38). */

/** What is known of whether it holds malware: nobody looks, nobody has looked yet, or it was looked at and is clean. */
export type Scan = "none" | "pending" | "clean";

/** One that has arrived whole. */
export interface Upload {
	readonly id: string;
	/** The ticket that it is meant for; null when it did not say. */
	readonly ticketId: string | null;
	/** Clean: see `file-name.ts`. */
	readonly filename: string;
	/** What it was found to be. */
	readonly contentType: string;
	readonly byteLength: number;
	readonly scan: Scan;
	readonly uploadedAt: Date;
}

/** Files that one reply may have (contract 14.36). */
export const attachmentsMax = 10;

/** How long one may take to arrive, in milliseconds: 10 MiB at 300 kbit/s. */
export const arrivalMsMax = 300_000;

/** One that has not arrived after this long never will: its process died. Much longer than it may take. */
export const abandonedAfterMs = 3 * arrivalMsMax;

/**
 * What became of one that nobody may have: it was not used in time, never arrived, could not be stored, or was not wanted
 * after all.
 */
export type Discarded = "expired" | "abandoned" | "failed" | "removed";
