import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { seed } from "../../test/seed.ts";
import { isEmailAddress } from "./email.ts";

describe("an e-mail address", () => {
	test.each([
		"ops@example.com",
		"first.last+tag@mail.example.co.uk",
		"o'brien@example.com",
		"_-!#$%&*/=?^`{|}~@xn--bcher-kva.example",
		`${"a".repeat(64)}@example.com`,
	])("is %j", (text) => expect(isEmailAddress(text)).toBe(true));

	test.each([
		"",
		"ops",
		"ops@",
		"@example.com",
		"ops@localhost",
		"ops@@example.com",
		"ops@example..com",
		".ops@example.com",
		"ops.@example.com",
		"o..ps@example.com",
		" ops@example.com",
		"ops@example.com\n",
		"ops@example.com\r\nBcc: all@example.com",
		"ops@example.com, all@example.com",
		"Ops <ops@example.com>",
		'"ops"@example.com',
		"ops@[192.0.2.1]",
		"ops@-example.com",
		"ops@example-.com",
		"åsa@example.com",
		"ops@exämple.com",
		`${"a".repeat(65)}@example.com`,
		`ops@${"a".repeat(64)}.com`,
		`ops@${"a.".repeat(125)}com`,
	])("is not %j", (text) => expect(isEmailAddress(text)).toBe(false));

	test("is found in whatever text without long thought, and never holds white space", () => {
		fc.assert(
			fc.property(fc.string({ unit: "binary", maxLength: 400 }), (text) => {
				if (isEmailAddress(text)) expect(text).not.toMatch(/\s/);
			}),
			{ seed },
		);
		// What makes a careless pattern try every way of splitting it.
		for (const text of ["a.", "a-", "-a"])
			expect(isEmailAddress(`a@${text.repeat(120)}`)).toBe(false);
	});
});
