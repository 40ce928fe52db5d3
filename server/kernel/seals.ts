/**
 * Sealed texts: encrypted before they reach the database, under keys that are not in it.
 *
 * A verb sees only this. The keys are in memory; nothing here waits for a file.
 */
import { refuse } from "./errors.ts";

/** What a sealed text is, and the ids of what it belongs to. It opens nowhere else. */
export type SealPlace = readonly [what: string, ...ids: string[]];

/** What a transaction seals and opens with. */
export interface Seals {
	/** Encrypts a text for its place, under the key of this month. Refuses `sealing.unavailable`. */
	seal(text: string, place: SealPlace): Uint8Array;
	/** The text, or null when its key is not there (any more) or the bytes are not those that were sealed for this place. */
	open(sealed: Uint8Array, place: SealPlace): string | null;
}

/** Where nothing is sealed: no keys. */
export const noSeals: Seals = {
	seal: () => refuse("sealing.unavailable"),
	open: () => null,
};
