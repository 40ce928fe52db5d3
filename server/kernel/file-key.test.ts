import { expect, test } from "vitest";
import { isFileKey, newFileKey } from "./file-key.ts";

test("a new key is one of its kind, and no other is like it", () => {
	const keys = Array.from({ length: 1_000 }, newFileKey);
	expect(keys.every(isFileKey)).toBe(true);
	expect(new Set(keys).size).toBe(1_000);
});

test.each([
	"",
	"../../etc/passwd",
	"ab/../cd",
	"cd/ab000000000000000000000000000000",
	"ab/AB000000000000000000000000000000",
	"ab/ab00000000000000000000000000000",
	"ab/ab0000000000000000000000000000000",
	"ab/ab000000000000000000000000000000\n",
	"/ab/ab000000000000000000000000000000",
])("%j is no key", (text) => expect(isFileKey(text)).toBe(false));
