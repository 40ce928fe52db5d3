/** What came as JSON, before anybody has looked at it. */
export type Json = { readonly [key: string]: unknown };

/** Whether it is an object, and neither a list nor null. */
export function isJson(value: unknown): value is Json {
	return typeof value === "object" && value !== null && !Array.isArray(value);
}
