/** Whether an answer has the fields that a document names, each of its type. */
import { expect } from "vitest";
import type { Field } from "./contract-facts.ts";

/** Every documented field with its type, and no other field. */
export function expectFields(value: unknown, fields: readonly Field[]): void {
	expect(
		Object.keys(Object(value)).toSorted((a, b) => a.localeCompare(b)),
	).toEqual(
		fields.map(({ name }) => name).toSorted((a, b) => a.localeCompare(b)),
	);
	for (const field of fields)
		expectField(Reflect.get(Object(value), field.name), field);
}

function expectField(value: unknown, { name, type, ...field }: Field): void {
	if (value === null) {
		expect(field.isNullable, `${name} may be null`).toBe(true);
		return;
	}
	expect(typeOf(value), name).toBe(type);
	if (field.oneOf !== undefined) expect(field.oneOf, name).toContain(value);
	if (field.form !== undefined) expect(value, name).toMatch(field.form);
}

function typeOf(value: unknown): string {
	if (Array.isArray(value)) return "array";
	return Number.isInteger(value) ? "integer" : typeof value;
}
