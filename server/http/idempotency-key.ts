/**
 * The `Idempotency-Key` header (draft-ietf-httpapi-idempotency-key-header; contract 14.17): a quoted string as structured
 * fields write it (RFC 9651, 3.3.3), or the bare text that most clients send. Both spellings name the same key.
 */
import type { IncomingMessage } from "node:http";
import { refuse } from "../kernel/errors.ts";

const name = "idempotency-key";

/** Printable ASCII; `"` and `\` are escaped by a backslash. */
const quoted = /^"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"$/;
const bare = /^[\x20\x21\x23-\x7e][\x20-\x7e]*$/;

const lengthMax = 255;

/**
 * The key of a request, or undefined when it has none. Refuses `request.invalid` for anything that is not one key of 1 to
 * 255 printable ASCII characters: a key that was not understood would silently not protect.
 */
export function idempotencyKeyOf({
	headers,
	rawHeaders,
}: Pick<IncomingMessage, "headers" | "rawHeaders">): string | undefined {
	const value = headers[name];
	if (value === undefined) return undefined;
	if (typeof value !== "string" || isRepeated(rawHeaders))
		return refuseKey("may be sent only once");
	const key =
		quoted.exec(value)?.[1]?.replace(/\\(.)/g, "$1") ??
		(bare.test(value) ? value : undefined);
	if (key === undefined)
		return refuseKey("must be printable ASCII, in quotes or bare");
	if (key.length < 1 || key.length > lengthMax)
		return refuseKey(`must have 1 to ${lengthMax} characters`);
	return key;
}

/** Node joins repeated headers with a comma, which is a fine character of a key. */
function isRepeated(rawHeaders: readonly string[]): boolean {
	const names = rawHeaders.filter((_, i) => i % 2 === 0);
	return names.filter((raw) => raw.toLowerCase() === name).length > 1;
}

function refuseKey(what: string): never {
	return refuse("request.invalid", { detail: `Idempotency-Key ${what}.` });
}
