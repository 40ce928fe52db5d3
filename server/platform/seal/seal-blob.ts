/**
 * One sealed text as bytes: AES-256-GCM (NIST SP 800-38D) under a key of its own, which is wrapped by a monthly key.
 *
 *     1  version, 1          60  the text's key, wrapped: nonce 12, ciphertext 32, tag 16
 *     2  month of the key    12  nonce
 *     8  its fingerprint      n  ciphertext of the text in UTF-8, tag 16
 *
 * The first eleven bytes and the place are authenticated with both parts: bytes that were changed, cut, or moved to
 * another row do not open. The length of a text can be told from the length of its bytes.
 */
import {
	createCipheriv,
	createDecipheriv,
	type KeyObject,
	randomBytes,
} from "node:crypto";
import type { SealPlace } from "../../kernel/seals.ts";
import { fingerprintBytes, type SealKey } from "./seal-keys.ts";
import { countOf, isMonth, monthFromCount } from "./seal-month.ts";

const version = 1;
const algorithm = "aes-256-gcm";
const keyBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;
const headerBytes = 1 + 2 + fingerprintBytes;
const wrappedBytes = nonceBytes + keyBytes + tagBytes;
const leastBytes = headerBytes + wrappedBytes + nonceBytes + tagBytes;

export function sealText(
	text: string,
	place: SealPlace,
	key: SealKey,
): Uint8Array {
	const header = headerOf(key);
	const own = randomBytes(keyBytes);
	const wrapped = encrypt(own, key.secret, aad("key", header, place));
	const sealed = encrypt(Buffer.from(text), own, aad("text", header, place));
	own.fill(0);
	return Buffer.concat([header, wrapped, sealed]);
}

/** The text; undefined when these bytes were not sealed with this key for this place. */
export function openText(
	sealed: Uint8Array,
	place: SealPlace,
	key: SealKey,
): string | undefined {
	if (sealed.length < leastBytes) return undefined;
	const bytes = Buffer.from(sealed);
	const header = bytes.subarray(0, headerBytes);
	const wrapped = bytes.subarray(headerBytes, headerBytes + wrappedBytes);
	const rest = bytes.subarray(headerBytes + wrappedBytes);
	const own = decrypt(wrapped, key.secret, aad("key", header, place));
	if (own === undefined) return undefined;
	const text = decrypt(rest, own, aad("text", header, place));
	own.fill(0);
	return text?.toString();
}

/** The id of the key that sealed these bytes; undefined when they are none of ours, or of a newer Postern. */
export function keyIdOf(sealed: Uint8Array): string | undefined {
	if (sealed.length < leastBytes || sealed[0] !== version) return undefined;
	return keyIdFrom(Buffer.from(sealed.subarray(1, headerBytes)));
}

/** The id of a key from the ten bytes that name it. */
export function keyIdFrom(name: Buffer): string | undefined {
	const month = monthFromCount(name.readUInt16BE());
	const fingerprint = name.subarray(2).toString("hex");
	return isMonth(month) ? `${month}-${fingerprint}` : undefined;
}

function headerOf({ id, month }: SealKey): Buffer {
	const header = Buffer.alloc(headerBytes);
	header.writeUInt8(version);
	header.writeUInt16BE(countOf(month), 1);
	header.write(id.slice(month.length + 1), 3, "hex");
	return header;
}

function aad(part: "key" | "text", header: Buffer, place: SealPlace): Buffer {
	const words = JSON.stringify(["postern seal", part, ...place]);
	return Buffer.concat([header, Buffer.from(words)]);
}

function encrypt(
	plain: Buffer,
	key: KeyObject | Buffer,
	about: Buffer,
): Buffer {
	const nonce = randomBytes(nonceBytes);
	const cipher = createCipheriv(algorithm, key, nonce).setAAD(about);
	const parts = [nonce, cipher.update(plain), cipher.final()];
	return Buffer.concat([...parts, cipher.getAuthTag()]);
}

function decrypt(
	sealed: Buffer,
	key: KeyObject | Buffer,
	about: Buffer,
): Buffer | undefined {
	const nonce = sealed.subarray(0, nonceBytes);
	const tag = sealed.subarray(-tagBytes);
	const decipher = createDecipheriv(algorithm, key, nonce, {
		authTagLength: tagBytes,
	})
		.setAAD(about)
		.setAuthTag(tag);
	try {
		const plain = decipher.update(sealed.subarray(nonceBytes, -tagBytes));
		return Buffer.concat([plain, decipher.final()]);
	} catch {
		return undefined;
	}
}
