import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { seed } from "../../../test/seed.ts";
import { attachmentNamed } from "./content-disposition.ts";

describe("a file's name in a header", () => {
	test.each([
		["error.log", 'attachment; filename="error.log"'],
		["", 'attachment; filename=""'],
		["a b;c.txt", 'attachment; filename="a b;c.txt"'],
		[
			"Skärm.png",
			"attachment; filename=\"Sk_rm.png\"; filename*=UTF-8''Sk%C3%A4rm.png",
		],
		[
			"🦓.png",
			"attachment; filename=\"_.png\"; filename*=UTF-8''%F0%9F%A6%93.png",
		],
		["it's (1)*.txt", 'attachment; filename="it\'s (1)*.txt"'],
		[
			"100% (ö').txt",
			"attachment; filename=\"100_ (_').txt\"; filename*=UTF-8''100%25%20%28%C3%B6%27%29.txt",
		],
		[
			'a"b\\c.txt',
			"attachment; filename=\"a_b_c.txt\"; filename*=UTF-8''a%22b%5Cc.txt",
		],
		[
			"a\r\nSet-Cookie: x=1.txt",
			"attachment; filename=\"a__Set-Cookie: x=1.txt\"; filename*=UTF-8''a%0D%0ASet-Cookie%3A%20x%3D1.txt",
		],
		[
			"\ud800.txt",
			"attachment; filename=\"_.txt\"; filename*=UTF-8''%EF%BF%BD.txt",
		],
	])("%j is %j", (name, header) => {
		expect(attachmentNamed(name)).toBe(header);
	});

	test(`is one header, whatever the name, and gives it back (seed ${seed})`, () => {
		fc.assert(
			fc.property(fc.string({ unit: "binary" }), (name) => {
				const header = attachmentNamed(name);
				expect(header).toMatch(
					/^attachment; filename="[ !#-$&-[\]-~]*"(; filename\*=UTF-8''[\w!#$&+.^`|~%-]*)?$/,
				);
				const [, extended] = header.split("filename*=UTF-8''");
				if (extended !== undefined)
					expect(decodeURIComponent(extended)).toBe(name.toWellFormed());
			}),
			{ seed, numRuns: 1_000 },
		);
	});
});
