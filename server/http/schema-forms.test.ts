import Type from "typebox";
import { describe, expect, test } from "vitest";
import { Bug } from "../kernel/assert.ts";
import { knownFields } from "./known-fields.ts";
import { closed, plain } from "./schema-forms.ts";

const Body = Type.Object({
	reason: Type.Union([Type.String({ maxLength: 9 }), Type.Null()], {
		description: "Why.",
	}),
	kind: Type.Union([Type.Literal("a"), Type.Literal("b")]),
	state: Type.Optional(Type.Union([Type.Enum(["x", "y"]), Type.Null()])),
	context: Type.Optional(Type.Object({ id: Type.String() })),
	items: Type.Optional(Type.Array(Type.Object({ n: Type.Integer() }))),
	open: Type.Optional(Type.Unknown()),
});

describe("schemas in plain form", () => {
	test("a nullable type is a list of types, and keeps what was said about it", () => {
		expect(plain(Body)).toMatchObject({
			properties: {
				reason: {
					type: ["string", "null"],
					maxLength: 9,
					description: "Why.",
				},
				kind: { type: "string", enum: ["a", "b"] },
				state: { type: ["string", "null"], enum: ["x", "y", null] },
			},
		});
		expect(JSON.stringify(plain(Body))).not.toContain("anyOf");
	});

	test("a union of other things stays a union", () => {
		const mixed = Type.Union([Type.String(), Type.Integer(), Type.Null()]);
		expect(plain(mixed)).toEqual(JSON.parse(JSON.stringify(mixed)));
	});

	test("the schema itself is left alone", () => {
		const before = JSON.stringify(Body);
		closed(Body);
		expect(JSON.stringify(Body)).toBe(before);
	});

	test("closed objects are closed all the way down, unless they say otherwise", () => {
		expect(closed(Body)).toMatchObject({
			additionalProperties: false,
			properties: {
				context: { additionalProperties: false },
				items: { items: { additionalProperties: false } },
				open: {},
			},
		});
		const told = Type.Object({}, { additionalProperties: true });
		expect(closed(told)["additionalProperties"]).toBe(true);
		expect(() => closed({ allOf: [Body] })).toThrow(Bug);
	});
});

describe("knownFields", () => {
	test("drops at every depth what the schema does not name", () => {
		const sent = {
			reason: "r",
			extra: 1,
			context: { id: "i", more: 2 },
			items: [{ n: 1, m: 2 }, 5],
			open: { any: 1 },
		};
		expect(knownFields(plain(Body), sent)).toEqual({
			reason: "r",
			context: { id: "i" },
			items: [{ n: 1 }, 5],
			open: { any: 1 },
		});
	});

	test.each([null, 5, "text", [1]])("leaves %j for the validator", (sent) => {
		expect(knownFields(plain(Body), sent)).toEqual(sent);
	});

	test("takes nothing from a prototype", () => {
		const schema = plain(Type.Object({ toString: Type.String() }));
		expect(knownFields(schema, {})).toEqual({});
	});
});
