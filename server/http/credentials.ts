/**
 * The credentials of a request: an API key in `Authorization: Bearer` or in `X-API-Key`, on both generations of the API
 * (contract 14.13). Never in the URL, which ends up in logs, histories and referrers.
 */
import { refuse } from "../kernel/errors.ts";

/** What is read of a request: header names in lower case, the query as the framework parsed it. */
export interface Presented {
	readonly headers: Readonly<
		Record<string, string | readonly string[] | undefined>
	>;
	readonly query: unknown;
	/** Names and values as they came, in turns: a repeated header that the framework folds shows only here. */
	readonly raw: { readonly rawHeaders: readonly string[] };
}

/** Our keys have 45 characters; nothing of this length is looked at any closer. */
const headerLengthMax = 256;

/** RFC 6750, 2.1; the scheme in any case, as RFC 9110, 11.1 wants it. */
const bearer = /^Bearer +([A-Za-z0-9\-._~+/]+=*)$/i;

const keyNames = new Set([
	"apikey",
	"xapikey",
	"key",
	"token",
	"accesstoken",
	"bearer",
	"authorization",
]);

const keyText = /pst_(?:live|test)_/i;

/**
 * The text of the key that a request presents, or undefined when it presents none. Whether such a key exists is another
 * question.
 *
 * Refuses `auth.required` for a key in the query string, for a header that is not one key, and for two headers that differ.
 */
export function presentedKey({
	headers,
	query,
	raw,
}: Presented): string | undefined {
	if (hasKeyInQuery(query))
		refuseCredentials(
			"API keys are not accepted in the URL, where logs keep them. Revoke this key, and send its successor as `Authorization: Bearer`.",
		);
	if (isRepeated(raw.rawHeaders, "authorization")) refuseHeader();
	const bearerKey = headerKey(headers["authorization"], bearer);
	const plainKey = headerKey(headers["x-api-key"], /^(\S+)$/);
	if (
		bearerKey !== undefined &&
		plainKey !== undefined &&
		bearerKey !== plainKey
	)
		refuseCredentials(
			"The headers Authorization and X-API-Key hold different keys. Send one of them.",
		);
	return bearerKey ?? plainKey;
}

/** The key in a header of this form; undefined for an absent header, refused in any other form. */
function headerKey(
	value: string | readonly string[] | undefined,
	form: RegExp,
): string | undefined {
	if (value === undefined) return undefined;
	// A repeated header comes as a list, or joined with commas, which no key contains.
	const text = typeof value === "string" ? value : value.join(", ");
	if (text.length > headerLengthMax) return refuseHeader();
	return form.exec(text)?.[1] ?? refuseHeader();
}

/** Whether a header came more than once; then nobody knows which one counts. */
export function isRepeated(
	rawHeaders: readonly string[],
	name: string,
): boolean {
	let times = 0;
	for (let i = 0; i < rawHeaders.length; i += 2) {
		const found = rawHeaders[i] ?? "";
		if (found.length === name.length && found.toLowerCase() === name)
			times += 1;
	}
	return times > 1;
}

function hasKeyInQuery(query: unknown): boolean {
	if (typeof query !== "object" || query === null) return false;
	return Object.entries(query).some(
		([name, value]) => isKeyName(name) || holdsKey(name) || holdsKey(value),
	);
}

/** `api_key`, `apiKey`, `key[]` … */
function isKeyName(name: string): boolean {
	return keyNames.has(name.toLowerCase().replace(/[^a-z]/g, ""));
}

function holdsKey(value: unknown): boolean {
	if (Array.isArray(value)) return value.some(holdsKey);
	return typeof value === "string" && keyText.test(value);
}

function refuseHeader(): never {
	return refuseCredentials(
		"Send one API key, as `Authorization: Bearer` or as `X-API-Key`.",
	);
}

function refuseCredentials(detail: string): never {
	return refuse("auth.required", { detail });
}
