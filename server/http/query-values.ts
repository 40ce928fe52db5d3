/** Query strings hold only text; what a schema calls an integer, a boolean or a list is read from it here, strictly. */
import { refuseField } from "../kernel/errors.ts";
import { isCleanText } from "../kernel/text.ts";
import { pointerTo, shownName } from "./pointers.ts";
import { isSchema, type JsonSchema } from "./schema-forms.ts";

/**
 * The values of a parsed query string by the types of a schema. Text that is not of its type stays text, for the
 * validator to complain about; so does a parameter given twice where the schema wants one.
 *
 * Refuses `request.invalid` for text that is not clean.
 */
export function queryValues(schema: JsonSchema, query: unknown): object {
	if (typeof query !== "object" || query === null) return {};
	const properties = isSchema(schema["properties"]) ? schema["properties"] : {};
	return Object.fromEntries(
		Object.entries(query).map(([name, value]) => {
			requireClean(name, value);
			const type = Object.hasOwn(properties, name)
				? properties[name]
				: undefined;
			return [name, isSchema(type) ? typedValue(type, value) : value];
		}),
	);
}

function typedValue(schema: JsonSchema, value: unknown): unknown {
	if (schema["type"] === "array") {
		const items = isSchema(schema["items"]) ? schema["items"] : {};
		const given = Array.isArray(value) ? value : [value];
		return given.map((item: unknown) => typedValue(items, item));
	}
	if (typeof value !== "string") return value;
	switch (schema["type"]) {
		case "integer":
			return /^-?(?:0|[1-9]\d{0,14})$/.test(value) ? Number(value) : value;
		case "number":
			return /^-?\d{1,15}(?:\.\d{1,15})?$/.test(value) ? Number(value) : value;
		case "boolean":
			return value === "true" || (value === "false" ? false : value);
		default:
			return value;
	}
}

function requireClean(name: string, value: unknown): void {
	const texts: unknown[] = Array.isArray(value)
		? [name, ...value]
		: [name, value];
	if (texts.every((text) => typeof text === "string" && isCleanText(text)))
		return;
	refuseField(
		`?${pointerTo([name]).slice(1)}`,
		`\`${shownName([name])}\` must not contain NUL or unpaired surrogates.`,
	);
}
