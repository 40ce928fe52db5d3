import Type from "typebox";
import { describe, expect, test } from "vitest";
import { Refusal } from "../kernel/errors.ts";
import { queryValues } from "./query-values.ts";
import { plain } from "./schema-forms.ts";

const schema = plain(
	Type.Object({
		limit: Type.Optional(Type.Integer()),
		amount: Type.Optional(Type.Number()),
		hideGet: Type.Optional(Type.Boolean()),
		include: Type.Optional(Type.Array(Type.String())),
		page: Type.Optional(Type.Array(Type.Integer())),
		name: Type.Optional(Type.String()),
	}),
);

describe("the values of a query string", () => {
	test.each([
		[{ limit: "20" }, { limit: 20 }],
		[{ limit: "-1" }, { limit: -1 }],
		[{ amount: "1.50" }, { amount: 1.5 }],
		[{ hideGet: "true" }, { hideGet: true }],
		[{ hideGet: "false" }, { hideGet: false }],
		[{ include: "domains" }, { include: ["domains"] }],
		[{ include: ["a", "b"] }, { include: ["a", "b"] }],
		[{ page: ["1", "x"] }, { page: [1, "x"] }],
		[{ name: "20" }, { name: "20" }],
	])("reads %j as %j", (query, values) => {
		expect(queryValues(schema, query)).toEqual(values);
	});

	test.each([
		"",
		" 20",
		"1e1",
		"0x10",
		"20.0",
		"+5",
		"007",
		"9".repeat(16),
		"NaN",
	])("leaves %j, which is no integer, for the validator to refuse", (limit) => {
		expect(queryValues(schema, { limit })).toEqual({ limit });
	});

	test("leaves a parameter given twice as it is", () => {
		expect(queryValues(schema, { limit: ["1", "2"] })).toEqual({
			limit: ["1", "2"],
		});
	});

	test("keeps what the schema does not know, and no prototype gets in the way", () => {
		const query = JSON.parse('{"__proto__": "1", "constructor": "2"}');
		const values = queryValues(schema, query);
		expect(Object.entries(values)).toEqual([
			["__proto__", "1"],
			["constructor", "2"],
		]);
		expect(Object.getPrototypeOf(values)).toBe(Object.prototype);
	});

	test("refuses text that cannot be stored", () => {
		expect(() => queryValues(schema, { name: "a\0" })).toThrow(Refusal);
		expect(() => queryValues(schema, { include: ["ok", "\ud800"] })).toThrow(
			"include",
		);
	});
});
