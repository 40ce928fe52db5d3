import { expect, test } from "vitest";
import { createCursors } from "./cursors.ts";

const hour = 60 * 60 * 1000;
const begin = new Date("2026-11-20T10:00:00.000Z");
const place = {
	transaction: "18446744073709551615",
	id: 12_345,
	at: new Date("2026-11-19T23:59:59.999Z"),
};

function cursorsAt(now: { at: Date }, secret = "a") {
	return createCursors({ secret, keptMs: 72 * hour, clock: () => now.at });
}

const cursors = cursorsAt({ at: begin });

test("a cursor is opened as it was sealed, in every process with the same secret", () => {
	const cursor = cursors.seal("client_1", place);
	expect(cursors.open("client_1", cursor)).toEqual(place);
	expect(cursorsAt({ at: begin }).open("client_1", cursor)).toEqual(place);
});

test("a cursor says nothing to its reader, and is never the same twice", () => {
	const [one, two] = [1, 2].map(() => cursors.seal("client_1", place));
	expect(one).toMatch(/^[A-Za-z0-9_-]{60,300}$/);
	expect(one).not.toBe(two);
	expect(Buffer.from(one!, "base64url").toString("latin1")).not.toContain(
		"12345",
	);
});

test("a cursor of somebody else, or of another installation, is unknown", () => {
	const cursor = cursors.seal("client_1", place);
	expect(cursors.open("client_2", cursor)).toBe("unknown");
	expect(cursors.open("desk", cursor)).toBe("unknown");
	expect(cursorsAt({ at: begin }, "b").open("client_1", cursor)).toBe(
		"unknown",
	);
});

test("what was changed in a single place, cut, or made up is unknown", () => {
	const cursor = cursors.seal("client_1", place);
	for (let at = 0; at < cursor.length; at += 1) {
		const other = cursor[at] === "A" ? "B" : "A";
		const changed = cursor.slice(0, at) + other + cursor.slice(at + 1);
		// The last character may carry bits that stand for nothing.
		if (at < cursor.length - 1)
			expect(cursors.open("client_1", changed)).toBe("unknown");
		expect(cursors.open("client_1", cursor.slice(0, at))).toBe("unknown");
	}
	for (const text of [
		"",
		"0",
		" ",
		"\0",
		"ö".repeat(20),
		"A".repeat(60),
		"x".repeat(100_000),
		"' or true --",
		`${cursor}=`,
		`${cursor} `,
	])
		expect(cursors.open("client_1", text)).toBe("unknown");
});

test("a cursor can be gone on from for as long as it is kept, and not longer", () => {
	const now = { at: begin };
	const own = cursorsAt(now);
	const cursor = own.seal("client_1", place);
	now.at = new Date(begin.getTime() + 72 * hour);
	expect(own.open("client_1", cursor)).toEqual(place);
	now.at = new Date(begin.getTime() + 72 * hour + 1);
	expect(own.open("client_1", cursor)).toBe("old");
});
