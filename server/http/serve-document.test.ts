import { describe, expect, test } from "vitest";
import { encodingFor, tagsOf } from "./serve-document.ts";

describe("the encoding of a document", () => {
	test.each([
		[undefined, "identity"],
		["", "identity"],
		["gzip", "gzip"],
		["br", "br"],
		["gzip, br", "br"],
		["gzip;q=1.0, br;q=0.5", "gzip"],
		["GZIP", "gzip"],
		["*", "br"],
		["*;q=0", "identity"],
		["br;q=0, gzip", "gzip"],
		["br;q=0, gzip;q=0", "identity"],
		["identity", "identity"],
		["identity;q=1, gzip;q=0.5", "identity"],
		["zstd, deflate", "identity"],
		["gzip ; q=0.8 , br ; q=0.8", "br"],
		["gzip;q=many", "gzip"],
		[";;;,,,", "identity"],
	] as const)("for %j is %s", (header, encoding) => {
		expect(encodingFor(header)).toBe(encoding);
	});
});

test("tags are read from a list, weak or strong; what is no tag is passed over", () => {
	expect(tagsOf(undefined)).toEqual([]);
	expect(tagsOf('"a:b:1"')).toEqual(['"a:b:1"']);
	expect(tagsOf('W/"a", "b,c" , *')).toEqual(['"a"', '"b,c"', "*"]);
	expect(tagsOf("a, b")).toEqual([]);
});
