/** Codes of authenticator apps: TOTP (RFC 6238) with what every app knows, six digits of SHA-1 each half a minute. */
import { Secret, TOTP } from "otpauth";

const periodMs = 30_000;

/** Codes of so many steps before and after are taken: clocks of phones differ. */
const window = 1;

/** Bytes; RFC 4226, 4 asks for the length of the hash. */
const secretBytes = 20;

/** A new secret in base32. */
export function mintSecret(): string {
	return new Secret({ size: secretBytes }).base32;
}

/** What an app reads from a QR code. */
export function authenticatorUri(secret: string, account: string): string {
	return totp(secret, account).toString();
}

/** The time step that a code belongs to at this moment; undefined for a wrong one. */
export function stepOf(
	code: string,
	secret: string,
	now: Date,
): number | undefined {
	const token = code.replaceAll(" ", "");
	if (!/^\d{6}$/.test(token)) return undefined;
	const timestamp = now.getTime();
	const delta = totp(secret, "").validate({ token, timestamp, window });
	return delta === null ? undefined : Math.floor(timestamp / periodMs) + delta;
}

function totp(secret: string, label: string): TOTP {
	return new TOTP({
		issuer: "Postern",
		label,
		algorithm: "SHA1",
		digits: 6,
		period: periodMs / 1_000,
		secret: Secret.fromBase32(secret),
	});
}
