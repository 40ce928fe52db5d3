import { assert } from "../../../kernel/assert.ts";

/**
 * JSON in one spelling only, after RFC 8785: object keys sorted by UTF-16 code units, no white space, numbers and strings
 * as ECMAScript writes them. Two values have the same text exactly when they are the same JSON.
 *
 * Total for JSON values. It takes the same liberties as `JSON.stringify`, so that a value has the same text before it
 * was stored and after it was read back: a field that is undefined is left out, NaN and the infinities are null, −0
 * is 0, and a lone surrogate is written as its escape.
 *
 * @throws Bug for what has no JSON: functions, symbols, BigInts, undefined itself, and objects of a class, such as Date
 */
export function canonicalJson(value: unknown): string {
	if (Array.isArray(value)) return `[${value.map(element).join(",")}]`;
	if (typeof value === "object" && value !== null)
		return canonicalObject(value);
	const json = typeof value === "bigint" ? undefined : JSON.stringify(value);
	assert(json !== undefined, "only JSON values have a canonical text");
	return json;
}

function element(value: unknown): string {
	return value === undefined ? "null" : canonicalJson(value);
}

function canonicalObject(value: object): string {
	const prototype: unknown = Object.getPrototypeOf(value);
	assert(
		prototype === null || prototype === Object.prototype,
		"only plain objects have a canonical text",
	);
	const fields = Object.entries(value)
		.filter(([, content]) => content !== undefined)
		.sort(([left], [right]) => (left < right ? -1 : 1))
		.map(
			([name, content]) => `${JSON.stringify(name)}:${canonicalJson(content)}`,
		);
	return `{${fields.join(",")}}`;
}
