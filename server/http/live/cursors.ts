/**
 * Cursors of streams: the text that stands in the `id` of an event and comes back as `Last-Event-ID`.
 *
 * Sealed, because a place says how many events everybody has had, and when: not for customers to know. Tied to whoever the
 * stream was for, so a cursor of somebody else's stream is as good as none.
 */
import {
	createCipheriv,
	createDecipheriv,
	createHmac,
	randomBytes,
} from "node:crypto";
import type { Place } from "../../domain/events/place.ts";

export interface Cursors {
	/** @param holder for whom the stream is: a client's id, or `desk` */
	seal(holder: string, place: Place): string;
	/** The place in a cursor; `unknown` when we have not written it for this holder, `old` when that is too long ago. */
	open(holder: string, cursor: string): Place | "unknown" | "old";
}

export interface CursorParts {
	/** From which the key of the cursors follows; the same in every process. */
	readonly secret: string;
	/** A cursor can be gone on from for this long. */
	readonly keptMs: number;
	readonly clock: () => Date;
}

const cipher = "aes-256-gcm";
const nonceBytes = 12;
const tagBytes = 16;
/** None of ours is longer. */
const lengthMax = 300;
const base64url = /^[A-Za-z0-9_-]+$/;

export function createCursors({ secret, keptMs, clock }: CursorParts): Cursors {
	const key = createHmac("sha256", secret).update("event cursors").digest();

	function read(holder: string, cursor: string): unknown {
		if (cursor.length > lengthMax || !base64url.test(cursor)) return undefined;
		const sealed = Buffer.from(cursor, "base64url");
		if (sealed.length <= nonceBytes + tagBytes) return undefined;
		const nonce = sealed.subarray(0, nonceBytes);
		const opening = createDecipheriv(cipher, key, nonce)
			.setAAD(Buffer.from(holder))
			.setAuthTag(sealed.subarray(-tagBytes));
		try {
			const text = Buffer.concat([
				opening.update(sealed.subarray(nonceBytes, -tagBytes)),
				opening.final(),
			]);
			return JSON.parse(text.toString());
		} catch {
			// Somebody else's, or nobody's: an ordinary thing for a reader to send.
			return undefined;
		}
	}

	return {
		seal(holder, { transaction, id, at }) {
			const nonce = randomBytes(nonceBytes);
			const sealing = createCipheriv(cipher, key, nonce).setAAD(
				Buffer.from(holder),
			);
			const content = [transaction, id, at.getTime(), clock().getTime()];
			const sealed = [
				nonce,
				sealing.update(JSON.stringify(content)),
				sealing.final(),
			];
			return Buffer.concat([...sealed, sealing.getAuthTag()]).toString(
				"base64url",
			);
		},
		open(holder, cursor) {
			const content = read(holder, cursor);
			if (!Array.isArray(content)) return "unknown";
			const [transaction, id, at, writtenAt]: unknown[] = content;
			if (
				typeof transaction !== "string" ||
				typeof id !== "number" ||
				typeof at !== "number" ||
				typeof writtenAt !== "number"
			)
				return "unknown";
			if (clock().getTime() - writtenAt > keptMs) return "old";
			return { transaction, id, at: new Date(at) };
		},
	};
}
