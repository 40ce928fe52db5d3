import { assert } from "./assert.ts";
import { sha256Hex } from "./sha256.ts";
import { isCleanText } from "./text.ts";

/** One page of a list; the contract's `hasMore` is `nextCursor !== null` (contract 4). */
export type Page<T> = { data: T[]; nextCursor: string | null };

/** The sort values of the last row given, in the order of the list's `order by`. */
export type CursorKey = readonly (string | number | null)[];

const lengthMax = 1_000;
const hashLength = 16;
const base64urlOnly = /^[A-Za-z0-9_-]+$/;

/**
 * The opaque cursor behind `nextCursor`: unpadded base64url of `{"k":[…],"h":"…"}` (contract 4, 14.11).
 * The hash ties it to its list, so that a cursor of another list, client or filter is refused. It is no
 * signature: whoever knows the scope can write one, and gains nothing but another place in their own list.
 * Every query still carries its client id, and checks what a key value must look like.
 *
 * @param scope list name, client id and filters, written the same way each time
 * @param key strings without NUL or lone surrogates, safe integers, or null
 * @throws Bug on any other key value, or a cursor over 1,000 characters, which nobody could send back
 */
export function encodeCursor(scope: string, key: CursorKey): string {
	assert(
		key.every(isKeyValue),
		"a cursor key holds clean text, safe integers and null",
	);
	const cursor = write(scope, key);
	assert(
		cursor.length <= lengthMax,
		"a cursor is at most 1,000 characters long",
	);
	return cursor;
}

/**
 * The key inside a cursor, or undefined when it is not one that this list gave (400 `invalid_cursor`).
 * Accepted is only, character by character, what `encodeCursor` writes for the key found inside: that one
 * comparison refuses foreign scopes, padding, loose base64, spaces and extra fields alike.
 *
 * @param scope as given to `encodeCursor`
 * @param arity how many values the list's key has
 */
export function decodeCursor(
	scope: string,
	cursor: string,
	arity: number,
): CursorKey | undefined {
	if (cursor.length > lengthMax || !base64urlOnly.test(cursor))
		return undefined;
	const key = readKey(cursor);
	if (key === undefined || key.length !== arity || !key.every(isKeyValue))
		return undefined;
	return write(scope, key) === cursor ? key : undefined;
}

/**
 * Cuts a page from rows of which one more than `limit` was asked for: the extra row only tells that there
 * is a next page, and is not given.
 *
 * @param limit rows a page, 1 or more
 * @param cursorOf the cursor that continues after a row, usually `encodeCursor` with the list's scope
 */
export function pageOf<T>(
	rows: readonly T[],
	limit: number,
	cursorOf: (last: T) => string,
): Page<T> {
	assert(
		Number.isSafeInteger(limit) && limit >= 1,
		"a page holds at least one row",
	);
	const data = rows.slice(0, limit);
	const last = data.at(-1);
	const hasMore = rows.length > limit && last !== undefined;
	return { data, nextCursor: hasMore ? cursorOf(last) : null };
}

function write(scope: string, key: CursorKey): string {
	const json = JSON.stringify({
		k: key,
		h: sha256Hex(scope).slice(0, hashLength),
	});
	const bytes = new TextEncoder().encode(json);
	return btoa(String.fromCharCode(...bytes))
		.replaceAll("+", "-")
		.replaceAll("/", "_")
		.replaceAll("=", "");
}

/** Loose on purpose: what is not exactly right fails the comparison in `decodeCursor`. */
function readKey(cursor: string): unknown[] | undefined {
	try {
		const binary = atob(cursor.replaceAll("-", "+").replaceAll("_", "/"));
		const bytes = Uint8Array.from(binary, (byte) => byte.charCodeAt(0));
		const found: unknown = JSON.parse(new TextDecoder().decode(bytes));
		const isObject =
			typeof found === "object" && found !== null && "k" in found;
		return isObject && Array.isArray(found.k) ? found.k : undefined;
	} catch {
		// Not base64 or not JSON: a bad cursor is an ordinary answer, not a failure.
		return undefined;
	}
}

function isKeyValue(value: unknown): value is string | number | null {
	if (typeof value === "string") return isCleanText(value);
	return value === null || Number.isSafeInteger(value);
}
