import { assert } from "./assert.ts";

/** What can have an id; the first dozen are the contract's own words (contract 10). */
export type IdPrefix =
	| "client"
	| "vps"
	| "acct"
	| "dom"
	| "p25"
	| "tkt"
	| "tmsg"
	| "tatt"
	| "satt"
	| "key"
	| "sess"
	| "mail"
	| "req"
	| "staff"
	| "passkey"
	| "entry"
	| "event"
	| "lease"
	| "agent";

/** A public id: the prefix says what it names, the rest is a ULID. `vps_01hxa3b4c5d6e7f8g9h0j1k2m3`. */
export type Id<P extends IdPrefix = IdPrefix> = `${P}_${string}`;

/** Crockford's base32 in lower case: no i, l, o, u, so that ids survive being read aloud. */
const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
const timeLength = 10;
const randomLength = 16;
const timeLimitMs = 2 ** 48;

/** 26 characters hold 130 bits, a ULID only 128: the first one stops at 7. */
const ulid = /^[0-7][0-9a-hjkmnp-tv-z]{25}$/;

/**
 * A new id of the given kind: 48 bits of time in milliseconds, then 80 random bits. Ids sort by their
 * millisecond; within one millisecond their order is random, so nothing may rest on it.
 *
 * @param at the moment of the transaction; from 1970 to the year 10889
 * @throws Bug when `at` is no such moment
 */
export function newId<P extends IdPrefix>(prefix: P, at: Date): Id<P> {
	return `${prefix}_${timePart(at.getTime())}${randomPart()}`;
}

/**
 * Whether a text is an id of exactly this kind, as `newId` writes it: lower case, 26 characters, in the
 * range of a ULID. Anything else is answered like an id that does not exist (contract 14.16).
 */
export function isId<P extends IdPrefix>(
	prefix: P,
	text: string,
): text is Id<P> {
	return (
		text.startsWith(`${prefix}_`) && ulid.test(text.slice(prefix.length + 1))
	);
}

function timePart(ms: number): string {
	assert(
		Number.isSafeInteger(ms) && ms >= 0 && ms < timeLimitMs,
		"an id needs a moment between 1970 and the end of its 48 bits",
	);
	let part = "";
	let rest = ms;
	for (let i = 0; i < timeLength; i += 1) {
		part = alphabet.charAt(rest % 32) + part;
		rest = Math.floor(rest / 32);
	}
	return part;
}

/** Random bytes in stock: asked for one id at a time, they cost more than the rest of the id. */
const stock = new Uint8Array(64 * randomLength);
let used = stock.length;

function randomPart(): string {
	if (used === stock.length) {
		crypto.getRandomValues(stock);
		used = 0;
	}
	let part = "";
	// Five bits of each byte: 32 divides 256, so every character is equally likely.
	for (const byte of stock.subarray(used, used + randomLength)) {
		part += alphabet.charAt(byte % 32);
	}
	used += randomLength;
	return part;
}
