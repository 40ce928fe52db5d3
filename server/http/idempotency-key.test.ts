import { describe, expect, test } from "vitest";
import { Refusal } from "../kernel/errors.ts";
import { idempotencyKeyOf } from "./idempotency-key.ts";

function read(...values: readonly string[]): string | undefined {
	return idempotencyKeyOf({
		headers:
			values.length === 0 ? {} : { "idempotency-key": values.join(", ") },
		rawHeaders: values.flatMap((value) => ["Idempotency-Key", value]),
	});
}

describe("the Idempotency-Key", () => {
	test("may be absent", () => {
		expect(read()).toBeUndefined();
	});

	test.each([
		[
			'"8e03978e-40d5-43dd-bc93-6894a57f9324"',
			"8e03978e-40d5-43dd-bc93-6894a57f9324",
		],
		[
			"8e03978e-40d5-43dd-bc93-6894a57f9324",
			"8e03978e-40d5-43dd-bc93-6894a57f9324",
		],
		['"a \\"b\\" \\\\ c"', 'a "b" \\ c'],
		["order 2026/1, second", "order 2026/1, second"],
		["~", "~"],
		["a".repeat(255), "a".repeat(255)],
		[`"${"a".repeat(255)}"`, "a".repeat(255)],
	])("reads %j", (value, key) => {
		expect(read(value)).toBe(key);
	});

	test.each([
		"",
		'""',
		'"',
		'"a',
		'"a"b',
		'"a";p=1',
		'"a\\b"',
		"a".repeat(256),
		`"${"a".repeat(256)}"`,
		"schlüssel",
		"a\tb",
	])("refuses %j", (value) => {
		expect(() => read(value)).toThrow(Refusal);
	});

	test("refuses two of them, which would otherwise pass for one with a comma", () => {
		expect(() => read("a", "b")).toThrow("only once");
		expect(read("a, b")).toBe("a, b");
	});
});
