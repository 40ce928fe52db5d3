import { describe, expect, test } from "vitest";
import { faceAt, pathOf } from "./face.ts";

const faces = [
	{ prefix: "/api" },
	{ prefix: "/api/v2" },
	{ prefix: "/api/desk" },
];

describe("faceAt", () => {
	test.each([
		["/api/port25/requests", "/api"],
		["/api", "/api"],
		["/api/v2", "/api/v2"],
		["/api/v2/me", "/api/v2"],
		["/api/v2x/me", "/api"],
		["/api/v20", "/api"],
		["/api/desk/port25-requests", "/api/desk"],
		["/apiv2", undefined],
		["/", undefined],
		["/docs/errors", undefined],
	])("puts %s into the face at %s", (path, prefix) => {
		expect(faceAt(faces, path)?.prefix).toBe(prefix);
		expect(faceAt(faces.toReversed(), path)?.prefix).toBe(prefix);
	});
});

describe("pathOf", () => {
	test.each([
		["/api/v2/me", "/api/v2/me"],
		["/api/v2/me?limit=1", "/api/v2/me"],
		["/api/v2/me?x=/a?b#c", "/api/v2/me"],
		["/a#b", "/a"],
		["http://example.com/api/v2/me?x", "/api/v2/me"],
		["https://example.com", "/"],
		["?x=1", "/"],
		["", "/"],
		["*", "*"],
	])("finds in %j the path %s", (target, path) => {
		expect(pathOf(target)).toBe(path);
	});
});
