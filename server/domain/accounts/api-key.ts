/**
 * API keys: what one looks like, what it may be allowed, and when it still opens the door (contract 14.15, 14.19).
 *
 * `pst_live_` or `pst_test_`, 30 random base62 characters (178 bits), and a checksum of six: a mistyped or invented key is
 * told from a real one without asking the database. Only the SHA-256 of the whole key is kept; with that many random bits
 * a slow password hash would add nothing.
 */
import type { Scope } from "../../kernel/actor.ts";
import { refuseField } from "../../kernel/errors.ts";
import { sha256Hex } from "../../kernel/sha256.ts";
import { isBlank, isCleanText, lengthInCodePoints } from "../../kernel/text.ts";

/** A person whom a key acts for: one client, or one member of staff. */
export type KeyHolder =
	| {
			readonly clientId: string;
			readonly staffId?: never;
			readonly agentId?: never;
	  }
	| {
			readonly staffId: string;
			readonly clientId?: never;
			readonly agentId?: never;
	  };

/** Whoever a key acts for: a person, or an agent at the edge. */
export type AnyHolder =
	| KeyHolder
	| {
			readonly agentId: string;
			readonly clientId?: never;
			readonly staffId?: never;
	  };

/** A key as it is kept and shown: everything but the secret. */
export interface ApiKey {
	readonly id: string;
	/** Exactly one of the three is set. */
	readonly clientId: string | null;
	readonly staffId: string | null;
	readonly agentId: string | null;
	readonly name: string;
	/** The last four characters, by which people tell keys apart. */
	readonly lastFour: string;
	/** For demo data only. */
	readonly isTest: boolean;
	readonly scopes: readonly string[];
	readonly createdAt: Date;
	/** Null: never. */
	readonly expiresAt: Date | null;
	readonly revokedAt: Date | null;
	/** To the minute. */
	readonly lastUsedAt: Date | null;
	/** The key that took its place, once it was rolled. */
	readonly successorId: string | null;
}

/** What the text of a key says by itself. */
export interface ParsedKey {
	readonly isTest: boolean;
	/** SHA-256 of the whole text, hexadecimal: what is stored and looked for. */
	readonly hash: string;
	readonly lastFour: string;
}

export interface MintedKey extends ParsedKey {
	/** The key itself: shown once, kept nowhere. */
	readonly key: string;
}

/** Why a key does not sign anybody in. For the log: the caller is told the same in every case. */
export type KeyRefusal =
	| "malformed"
	| "unknown"
	| "revoked"
	| "expired"
	| "disabled"
	| "test_refused";

/** What decides whether a stored key is usable. */
export interface KeyState {
	readonly isTest: boolean;
	readonly expiresAt: Date | null;
	readonly revokedAt: Date | null;
	/** When the member of staff was disabled, or the agent disabled or removed; null for the others and for clients. */
	readonly holderDisabledAt: Date | null;
	/** Whether the database is marked as holding demo data. */
	readonly isDemo: boolean;
}

/** More live keys than this a client cannot hold (contract 14.18). */
export const liveKeysMax = 50;

/** In code points. */
export const keyNameMax = 100;
const randomLength = 30;
const checksumLength = 6;
const alphabet =
	"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** The largest multiple of 62 a byte can be below: what lies above would favour the first characters. */
const byteLimit = 248;

const form = /^pst_(live|test)_([0-9A-Za-z]{30})([0-9A-Za-z]{6})$/;

/** A new key of the kind, with what is kept of it. */
export function mintKey(kind: "live" | "test"): MintedKey {
	const random = randomPart();
	const key = `pst_${kind}_${random}${checksumOf(random)}`;
	return { key, ...stored(key, kind === "test") };
}

/**
 * Reads the text of a key. Undefined for every text that was never a key: another form, or a checksum that does not fit.
 * Cheap, since anybody may call it: the form is looked at before anything is computed.
 */
export function parseKey(text: string): ParsedKey | undefined {
	const [, kind, random, checksum] = form.exec(text) ?? [];
	if (random === undefined || checksumOf(random) !== checksum) return undefined;
	return stored(text, kind === "test");
}

/** Why this stored key signs nobody in at this moment; undefined when it does. */
export function keyRefusal(
	state: KeyState,
	now: Date,
): Exclude<KeyRefusal, "malformed" | "unknown"> | undefined {
	if (state.revokedAt !== null) return "revoked";
	if (state.expiresAt !== null && state.expiresAt <= now) return "expired";
	if (state.holderDisabledAt !== null) return "disabled";
	if (state.isTest && !state.isDemo) return "test_refused";
	return undefined;
}

/** Whether this stored key signs its holder in at this moment. */
export function keyIsUsable(state: KeyState, now: Date): boolean {
	return keyRefusal(state, now) === undefined;
}

/**
 * The scopes wished for, each once and in the order of `allowed`.
 *
 * Refuses `request.invalid` at `/scopes` when there is none, and at `/scopes/{place}` for one that the holder may not have.
 */
export function keyScopes<S extends Scope>(
	wished: readonly string[],
	allowed: readonly S[],
): S[] {
	if (wished.length === 0)
		refuseField("/scopes", "At least one scope is required.");
	const known: readonly string[] = allowed;
	const stray = wished.findIndex((scope) => !known.includes(scope));
	if (stray !== -1)
		refuseField(
			`/scopes/${stray}`,
			`This key may hold only: ${allowed.join(", ")}.`,
		);
	return allowed.filter((scope) => wished.includes(scope));
}

/** Refuses `request.invalid` at `/name` unless people can read it: 1–100 code points, not blank. */
export function checkKeyName(name: string): void {
	const length = lengthInCodePoints(name);
	if (!isCleanText(name) || isBlank(name) || length > keyNameMax)
		refuseField("/name", "name must have 1 to 100 characters.");
}

/** Refuses `request.invalid` at `/expiresAt` unless it lies ahead. */
export function checkExpiry(expiresAt: Date | null, now: Date): void {
	if (expiresAt !== null && !(expiresAt > now))
		refuseField("/expiresAt", "`expiresAt` must be in the future.");
}

/** CRC-32 of the random part in base62, padded with zeros to six characters. */
export function checksumOf(random: string): string {
	let rest = crc32(random);
	let checksum = "";
	for (let i = 0; i < checksumLength; i += 1) {
		checksum = alphabet.charAt(rest % alphabet.length) + checksum;
		rest = Math.floor(rest / alphabet.length);
	}
	return checksum;
}

function stored(key: string, isTest: boolean): ParsedKey {
	return { isTest, hash: sha256Hex(key), lastFour: key.slice(-4) };
}

function randomPart(): string {
	let part = "";
	while (part.length < randomLength) {
		const [byte = byteLimit] = crypto.getRandomValues(new Uint8Array(1));
		if (byte < byteLimit) part += alphabet.charAt(byte % alphabet.length);
	}
	return part;
}

/** CRC-32 of ISO 3309 and IEEE 802.3 over ASCII text, reflected, bit by bit: 30 characters need no table. */
function crc32(ascii: string): number {
	let crc = 0xffffffff;
	for (let i = 0; i < ascii.length; i += 1) {
		crc ^= ascii.charCodeAt(i);
		for (let bit = 0; bit < 8; bit += 1)
			crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return (crc ^ 0xffffffff) >>> 0;
}
