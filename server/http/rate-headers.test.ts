import { expect, test } from "vitest";
import { rateHeaders } from "./rate-headers.ts";

const standing = {
	bucket: "key key_x",
	limit: 120,
	remaining: 7,
	resetAt: new Date("2026-11-20T10:01:00.000Z"),
	resetAfterS: 42,
};

test("every answer says where the limit stands, the reset as an instant", () => {
	expect(rateHeaders({ ...standing, isAllowed: true })).toEqual({
		"x-ratelimit-limit": "120",
		"x-ratelimit-remaining": "7",
		"x-ratelimit-reset": "2026-11-20T10:01:00.000Z",
	});
});

test("a refusal also says how many seconds to wait", () => {
	expect(
		rateHeaders({ ...standing, isAllowed: false, remaining: 0 }),
	).toMatchObject({ "x-ratelimit-remaining": "0", "retry-after": "42" });
});
