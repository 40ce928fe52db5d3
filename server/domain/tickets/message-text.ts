/** The text of a message as it is stored and as it is read: in clear, or sealed (contract 14.32). */
import type { SealPlace, Seals } from "../../kernel/seals.ts";

/** One of the two; the table holds it so. */
export type StoredText =
	| { readonly body: string; readonly sealed: null }
	| { readonly body: null; readonly sealed: Uint8Array };

/** Where a message's text is sealed and opened. */
export function placeOfMessage(message: {
	readonly clientId: string;
	readonly ticketId: string;
	readonly id: string;
}): SealPlace {
	return ["message", message.clientId, message.ticketId, message.id];
}

export function inClear(message: string): StoredText {
	return { body: message, sealed: null };
}

/** Refuses `sealing.unavailable`. */
export function sealedFor(
	seals: Seals,
	place: SealPlace,
	message: string,
): StoredText {
	return { body: null, sealed: seals.seal(message, place) };
}

/** The text; null when it was sealed and cannot be opened (any more). */
export function textToRead(
	seals: Seals,
	place: SealPlace,
	stored: StoredText,
): string | null {
	return stored.sealed === null
		? stored.body
		: seals.open(stored.sealed, place);
}
