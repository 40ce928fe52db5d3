/**
 * How staff prove who they are (docs/decisions/0038): by a passkey; by a password together with a code of an authenticator app,
 * or one of the recovery codes in its place; or by what a provider of OpenID Connect says of them.
 */
import type { Actor } from "../../kernel/actor.ts";
import { refuse, refuseField } from "../../kernel/errors.ts";
import { sha256Hex } from "../../kernel/sha256.ts";
import { isCleanText, lengthInCodePoints } from "../../kernel/text.ts";

/** In code points; NIST SP 800-63B asks for at least 8, and for no rules about what is in it. */
export const passwordLength = { min: 12, max: 128 } as const;

/** Fewer different characters than this are a row of the same key. */
const differentMin = 5;

/**
 * Refuses `request.invalid` at `/password` for one that is too short, too long, or what somebody guesses first: hardly more
 * than one character over and over, or the person's own address.
 */
export function checkPassword(password: string, email: string | null): void {
	const length = lengthInCodePoints(password);
	const { min, max } = passwordLength;
	if (!isCleanText(password) || length < min || length > max)
		refuseField("/password", `A password has ${min} to ${max} characters.`);
	const different = new Set(password).size;
	const isAddress = password.toLowerCase() === email?.toLowerCase();
	if (different < differentMin || isAddress)
		refuseField(
			"/password",
			"This password is guessed first. Choose another one.",
		);
}

/** So many codes at a time. */
export const recoveryCodesCount = 10;

const recoveryAlphabet = "0123456789abcdefghjkmnpqrstvwxyz";
const recoveryForm = /^[0-9a-hjkmnp-tv-z]{16}$/;

export interface RecoveryCode {
	/** Shown once: `7k2m-…`, four groups of four characters, 80 random bits. */
	readonly text: string;
	readonly hash: string;
}

export function mintRecoveryCodes(): readonly RecoveryCode[] {
	return Array.from({ length: recoveryCodesCount }, () => {
		const bytes = crypto.getRandomValues(new Uint8Array(16));
		const plain = Array.from(bytes, (byte) =>
			// 32 divides 256: each is equally likely.
			recoveryAlphabet.charAt(byte % 32),
		).join("");
		const text = plain.replace(/(.{4})(?=.)/g, "$1-");
		return { text, hash: sha256Hex(plain) };
	});
}

/** What is kept of a recovery code, however it was typed; undefined for what is none. */
export function recoveryHash(text: string): string | undefined {
	const plain = text.toLowerCase().replace(/[\s-]/g, "");
	return recoveryForm.test(plain) ? sha256Hex(plain) : undefined;
}

export interface Passkey {
	readonly id: string;
	readonly name: string;
	readonly addedAt: Date;
	readonly lastUsedAt: Date | null;
}

/** A passkey as its signatures are checked. */
export interface PasskeyToVerify {
	readonly id: string;
	readonly staffId: string;
	/** In base64url. */
	readonly credentialId: string;
	/** COSE, in base64url. */
	readonly publicKey: string;
	readonly counter: number;
	readonly transports: readonly string[];
}

/** Of one member of staff. */
export const passkeysMax = 10;

/** In code points. */
export const passkeyNameMax = 60;

/** Whether a count may follow another one: a copy of a key shows itself by a count that goes back (WebAuthn 3, 6.1.1). */
export function isNextCount(before: number, count: number): boolean {
	return count > before || (count === 0 && before === 0);
}

/**
 * The member of staff whose own credentials are to be changed: in a session of theirs. A key is handed to programs, and a
 * program makes nobody a new way in.
 *
 * Refuses `auth.forbidden`.
 */
export function credentialOwner(actor: Actor): string {
	if (actor.kind === "staff" && actor.session !== undefined)
		return actor.staffId;
	return refuse("auth.forbidden", {
		detail:
			"Ways to sign in are changed by the person, in a session: an API key cannot.",
	});
}
