import { isSchema, type JsonSchema } from "./schema-forms.ts";

/**
 * A value without the fields that its schema does not name: the first generation ignores them (contract 14.8), and no
 * handler ever sees one.
 */
export function knownFields(schema: JsonSchema, value: unknown): unknown {
	if (Array.isArray(value)) {
		const items = schema["items"];
		return isSchema(items)
			? value.map((item: unknown) => knownFields(items, item))
			: value;
	}
	const properties = schema["properties"];
	if (!isSchema(value) || !isSchema(properties)) return value;
	return Object.fromEntries(
		Object.entries(properties)
			.filter(([name]) => Object.hasOwn(value, name))
			.map(([name, part]) => [
				name,
				isSchema(part) ? knownFields(part, value[name]) : value[name],
			]),
	);
}
