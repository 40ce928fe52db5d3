/**
 * The forms in which a route's schema is used. Routes write it in TypeBox's way; validator, serializer and document want
 * it plain: a nullable type as a list of types, a choice of words as an enum. Bodies and queries of v2 and the desk are
 * closed besides: what they do not name, they do not take (contract 14.8).
 */
import { Bug } from "../kernel/assert.ts";

/** A JSON Schema as plain data. */
export interface JsonSchema {
	readonly [keyword: string]: unknown;
}

/** The schema as plain data, with unions resolved as far as JSON Schema has a plainer word for them. */
export function plain(schema: object): JsonSchema {
	return rewrite(schema, { closed: false });
}

/** The same; objects that name their properties take no others. */
export function closed(schema: object): JsonSchema {
	return rewrite(schema, { closed: true });
}

interface Form {
	readonly closed: boolean;
}

const maps = new Set(["properties", "patternProperties", "$defs"]);
const single = new Set(["items", "additionalProperties", "not"]);
const lists = new Set(["anyOf", "oneOf", "allOf"]);

function rewrite(schema: object, form: Form): JsonSchema {
	const result: Record<string, unknown> = {};
	for (const [keyword, value] of Object.entries(schema)) {
		if (keyword === "allOf" && form.closed)
			throw new Bug("a closed schema is one object, not an intersection");
		if (!isObject(value)) result[keyword] = value;
		else if (maps.has(keyword)) result[keyword] = rewriteMap(value, form);
		else if (single.has(keyword)) result[keyword] = rewrite(value, form);
		else if (lists.has(keyword) && Array.isArray(value))
			result[keyword] = value.map((item: unknown) =>
				isObject(item) ? rewrite(item, form) : item,
			);
		else result[keyword] = value;
	}
	if (form.closed && "properties" in result)
		result["additionalProperties"] ??= false;
	return withTypedEnum(withoutUnion(result));
}

function rewriteMap(map: object, form: Form): JsonSchema {
	return Object.fromEntries(
		Object.entries(map).map(([name, value]) => [
			name,
			isObject(value) ? rewrite(value, form) : value,
		]),
	);
}

/** `X or null` becomes X with one more type; literals become an enum. */
function withoutUnion(schema: JsonSchema): JsonSchema {
	const { anyOf, ...rest } = schema;
	if (!Array.isArray(anyOf)) return schema;
	const branches = anyOf.filter(isSchema);
	if (branches.every((branch) => typeof branch["const"] === "string"))
		return {
			...rest,
			type: "string",
			enum: branches.map((branch) => branch["const"]),
		};
	const others = branches.filter((branch) => branch["type"] !== "null");
	const [only] = others;
	if (only === undefined || others.length !== 1 || branches.length !== 2)
		return schema;
	if (typeof only["type"] !== "string") return schema;
	return {
		...only,
		...rest,
		type: [only["type"], "null"],
		...(Array.isArray(only["enum"]) && { enum: [...only["enum"], null] }),
	};
}

function withTypedEnum(schema: JsonSchema): JsonSchema {
	const { enum: words, type } = schema;
	if (!Array.isArray(words) || type !== undefined) return schema;
	return words.every((word) => typeof word === "string")
		? { type: "string", ...schema }
		: schema;
}

function isObject(value: unknown): value is object {
	return typeof value === "object" && value !== null;
}

export function isSchema(value: unknown): value is JsonSchema {
	return isObject(value) && !Array.isArray(value);
}
