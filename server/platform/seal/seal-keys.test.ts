import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import {
	isShredded,
	keyFor,
	makeKey,
	noKeys,
	readKeys,
	type SealKeys,
	shred,
	withKey,
	writeKeys,
} from "./seal-keys.ts";
import { type Month, monthOf, monthsAfter } from "./seal-month.ts";

const at = new Date("2026-11-20T10:00:00.000Z");

function keysOf(...months: Month[]): SealKeys {
	return months.reduce(
		(keys, month) => withKey(keys, makeKey(month, at)),
		noKeys,
	);
}

/** What is said of a file with this one thing changed. */
function problemWith(
	keys: SealKeys,
	change: (file: {
		version: number;
		shreddedBefore: unknown;
		keys: { id: string; madeAt: string; key: string }[];
	}) => unknown,
): unknown {
	const file = JSON.parse(writeKeys(keys));
	change(file);
	const read = readKeys(JSON.stringify(file));
	return "problem" in read ? read.problem : read;
}

describe("months", () => {
	test("are those of UTC", () => {
		expect(monthOf(new Date("2026-11-30T23:59:59.999Z"))).toBe("2026-11");
		expect(monthOf(new Date("2026-12-01T00:00:00.000Z"))).toBe("2026-12");
		expect(monthOf(new Date("2026-12-01T00:30:00.000+01:00"))).toBe("2026-11");
		expect(monthsAfter("2026-11", 2)).toBe("2027-01");
		expect(monthsAfter("2026-11", -11)).toBe("2025-12");
	});
});

describe("the keys", () => {
	test("are read as they were written", () => {
		const keys = shred(keysOf("2026-09", "2026-10", "2026-11"), "2026-10");
		const read = readKeys(writeKeys(keys)) as SealKeys;
		expect(read.shreddedBefore).toBe("2026-10");
		expect(read.keys.map(({ id }) => id)).toEqual(
			keys.keys.map(({ id }) => id),
		);
		expect(read.keys.map(({ madeAt }) => madeAt)).toEqual([at, at]);
		for (const [i, { secret }] of read.keys.entries())
			expect(secret.equals(keys.keys[i]!.secret)).toBe(true);
	});

	test("of one month are as many as were made, and the last of them seals", () => {
		const keys = keysOf("2026-11", "2026-10", "2026-11");
		expect(keyFor(keys, "2026-11")).toBe(keys.keys[2]);
		expect(keyFor(keys, "2026-10")).toBe(keys.keys[1]);
		expect(keyFor(keys, "2026-12")).toBeUndefined();
		expect(new Set(keys.keys.map(({ id }) => id)).size).toBe(3);
	});

	test("may be listed twice, as in two files that were put together", () => {
		const keys = keysOf("2026-10", "2026-11");
		const read = readKeys(
			writeKeys({ ...keys, keys: [...keys.keys, ...keys.keys] }),
		);
		expect(read).toMatchObject({ keys: { length: 2 } });
	});

	test("show nothing of themselves when they are printed or made JSON", () => {
		const key = makeKey("2026-11", at);
		const bytes = key.secret.export();
		const shown = `${inspect(key, { depth: null, showHidden: true })} ${JSON.stringify(key)}`;
		for (const form of ["hex", "base64", "base64url", "latin1"] as const)
			expect(shown).not.toContain(bytes.toString(form));
	});

	test("of whole months are destroyed, and stay so", () => {
		const keys = shred(keysOf("2026-08", "2026-09", "2026-10"), "2026-10");
		expect(keys.keys.map(({ month }) => month)).toEqual(["2026-10"]);
		expect(isShredded(keys, "2026-09")).toBe(true);
		expect(isShredded(keys, "2026-10")).toBe(false);
		expect(shred(keys, "2026-01").shreddedBefore).toBe("2026-10");
	});
});

describe("a file of keys that is none any more", () => {
	const keys = keysOf("2026-10", "2026-11");
	const text = writeKeys(keys);

	test("is told wherever it was cut", () => {
		for (let length = 0; length < text.length - 2; length += 1)
			expect(readKeys(text.slice(0, length)), `${length}`).toEqual({
				problem: "is not a whole file of seal keys",
			});
	});

	test("is told when a key is not what its id says", () => {
		const problem = "is damaged: key 2 is not what its id says";
		const broken: ((key: {
			id: string;
			madeAt: string;
			key: string;
		}) => void)[] = [
			(key) =>
				(key.key = `${key.key[0] === "A" ? "B" : "A"}${key.key.slice(1)}`),
			(key) => (key.key = ""),
			(key) => (key.key = key.key.slice(0, -4)),
			(key) => (key.id = key.id.replace("2026-11", "2026-10")),
			(key) => (key.id = "2026-13-0000000000000000"),
			(key) => (key.madeAt = "yesterday"),
		];
		for (const change of broken)
			expect(problemWith(keys, (file) => change(file.keys[1]!))).toBe(problem);
	});

	test("is told when it is of a newer Postern, or damaged in another way", () => {
		expect(problemWith(keys, (file) => (file.version = 2))).toBe(
			"was written by a newer Postern",
		);
		expect(problemWith(keys, (file) => (file.shreddedBefore = "never"))).toBe(
			"is damaged",
		);
	});

	test("is told when a key is back that it says is destroyed", () => {
		expect(problemWith(keys, (file) => (file.shreddedBefore = "2026-11"))).toBe(
			"holds a key of 2026-10, and says that all before 2026-11 are destroyed",
		);
	});

	test("never shows a key in what is said of it", () => {
		const secret = keys.keys[1]!.secret.export().toString("base64url");
		const said = JSON.stringify([
			problemWith(keys, (file) => (file.keys[1]!.id = "x")),
			problemWith(keys, (file) => (file.version = 9)),
			readKeys(text.slice(0, 300)),
		]);
		expect(said).not.toContain(secret.slice(0, 8));
	});
});
