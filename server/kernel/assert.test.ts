import { describe, expect, test } from "vitest";
import { assert, Bug, unreachable } from "./assert.ts";

describe("assert", () => {
	test("lets through what holds", () => {
		expect(() => assert("anything true", "order is broken")).not.toThrow();
	});

	test("throws a Bug that names the broken promise", () => {
		expect(() => assert(0, "order is broken")).toThrow(
			new Bug("order is broken"),
		);
		expect(new Bug("x").name).toBe("Bug");
	});

	test("narrows the type for what follows", () => {
		const found: string | undefined = ["a"].find((text) => text === "a");
		assert(found !== undefined, "a is in the list");
		expect(found.length).toBe(1);
	});
});

describe("unreachable", () => {
	test("throws a Bug that keeps the value to itself", () => {
		const secret = "19121212-1212" as never;
		expect(() => unreachable(secret)).toThrow(
			new Bug("a case that nobody handles (of type string)"),
		);
	});
});
