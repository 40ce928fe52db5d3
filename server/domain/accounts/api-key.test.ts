import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { seed } from "../../../test/seed.ts";
import { scopes } from "../../kernel/actor.ts";
import { Refusal } from "../../kernel/errors.ts";
import {
	checkExpiry,
	checkKeyName,
	checksumOf,
	type KeyState,
	keyIsUsable,
	keyRefusal,
	keyScopes,
	mintKey,
	parseKey,
} from "./api-key.ts";

const now = new Date("2026-11-20T10:00:00.000Z");
const later = new Date("2026-11-20T10:00:00.001Z");
const alphabet =
	"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** The published example of the format, put together here so that no scanner takes it for a key of ours. */
const published = "zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ";
const example = `pst_live_${published}0mLq17`;

function faultOf(act: () => void): { pointer: string } | undefined {
	try {
		act();
	} catch (error) {
		if (error instanceof Refusal) return error.faults[0];
		throw error;
	}
	return undefined;
}

describe("the checksum", () => {
	test("agrees with the published example and with the check value of CRC-32", () => {
		expect(checksumOf(published)).toBe("0mLq17");
		expect(checksumOf("123456789")).toBe("3jZRME");
		expect(checksumOf("")).toBe("000000");
	});
});

describe("mintKey", () => {
	test.each(["live", "test"] as const)(
		"gives a %s key that parseKey reads back as the same",
		(kind) => {
			const { key, isTest, hash, lastFour } = mintKey(kind);
			expect(key).toMatch(new RegExp(`^pst_${kind}_[0-9A-Za-z]{36}$`));
			expect(parseKey(key)).toEqual({ isTest, hash, lastFour });
			expect(isTest).toBe(kind === "test");
			expect(hash).toBe(createHash("sha256").update(key).digest("hex"));
			expect(key.endsWith(lastFour)).toBe(true);
		},
	);

	test("does not repeat itself, and uses every character about equally often", () => {
		const keys = Array.from({ length: 2_000 }, () => mintKey("live").key);
		expect(new Set(keys).size).toBe(keys.length);
		const counts = new Map<string, number>();
		for (const character of keys.flatMap((key) => [...key.slice(9, 39)]))
			counts.set(character, (counts.get(character) ?? 0) + 1);
		// 60,000 draws of 62: 968 each, with a standard deviation of 31. A modulo bias would add 25 %.
		expect(counts.size).toBe(alphabet.length);
		expect(Math.max(...counts.values())).toBeLessThan(968 + 7 * 31);
		expect(Math.min(...counts.values())).toBeGreaterThan(968 - 7 * 31);
	});
});

describe("parseKey", () => {
	test("reads a key with a right checksum", () => {
		expect(parseKey(example)).toMatchObject({
			isTest: false,
			lastFour: "Lq17",
		});
	});

	test("does not read a key of which one character was changed", () => {
		fc.assert(
			fc.property(fc.nat({ max: 35 }), fc.nat({ max: 60 }), (place, shift) => {
				const at = 9 + place;
				const old = alphabet.indexOf(example.charAt(at));
				const other = alphabet.charAt((old + 1 + shift) % 62);
				const changed = example.slice(0, at) + other + example.slice(at + 1);
				expect(parseKey(changed)).toBeUndefined();
			}),
			{ seed },
		);
	});

	test("does not read two characters that changed places", () => {
		const swapped = example.replace("zQ", "Qz");
		expect(parseKey(swapped)).toBeUndefined();
	});

	test.each([
		["nothing", ""],
		["another prefix", example.replace("live", "prod")],
		["another case", example.toLowerCase()],
		["a space before it", ` ${example}`],
		["a line break after it", `${example}\n`],
		["one character more", `${example}0`],
		["one character less", example.slice(0, -1)],
		["a letter beyond ASCII", example.replace("z", "ż")],
		["a very long text", "pst_live_".padEnd(1_000_000, "a")],
	])("does not read %s", (_, text) => {
		expect(parseKey(text)).toBeUndefined();
	});

	test("never throws, whatever it is given", () => {
		fc.assert(
			fc.property(fc.string({ unit: "binary" }), (text) => {
				expect(parseKey(text)).toBeUndefined();
			}),
			{ seed },
		);
	});
});

describe("keyRefusal", () => {
	const usable: KeyState = {
		isTest: false,
		expiresAt: later,
		revokedAt: null,
		holderDisabledAt: null,
		isDemo: false,
	};

	test.each<[string, Partial<KeyState>, string | undefined]>([
		["lets a key in until it expires", {}, undefined],
		["lets a key in that never expires", { expiresAt: null }, undefined],
		[
			"refuses a key at the moment of its expiry",
			{ expiresAt: now },
			"expired",
		],
		["refuses a revoked key", { revokedAt: now }, "revoked"],
		[
			"refuses the key of somebody disabled",
			{ holderDisabledAt: now },
			"disabled",
		],
		["refuses a test key outside demo data", { isTest: true }, "test_refused"],
		[
			"lets a test key in on demo data",
			{ isTest: true, isDemo: true },
			undefined,
		],
		["lets a live key in on demo data", { isDemo: true }, undefined],
	])("%s", (_, change, refusal) => {
		const state = { ...usable, ...change };
		expect(keyRefusal(state, now)).toBe(refusal);
		expect(keyIsUsable(state, now)).toBe(refusal === undefined);
	});
});

describe("keyScopes", () => {
	test("gives each scope once, in the order of the catalogue", () => {
		const wished = ["write:all", "read:support", "write:all"];
		expect(keyScopes(wished, scopes.customer)).toEqual([
			"read:support",
			"write:all",
		]);
	});

	test.each([
		["no scope", [], "/scopes"],
		["a scope that is none", ["read:support", "read:everything"], "/scopes/1"],
		["a desk scope for a customer", ["desk:admin"], "/scopes/0"],
		["a scope in another case", ["Read:Support"], "/scopes/0"],
	])("refuses %s", (_, wished, pointer) => {
		expect(faultOf(() => keyScopes(wished, scopes.customer))).toMatchObject({
			pointer,
		});
	});
});

describe("the name and the expiry of a key", () => {
	test("may be any readable text, and any later moment or none", () => {
		expect(faultOf(() => checkKeyName("🔑".repeat(100)))).toBeUndefined();
		expect(faultOf(() => checkExpiry(later, now))).toBeUndefined();
		expect(faultOf(() => checkExpiry(null, now))).toBeUndefined();
	});

	test.each([
		["empty", ""],
		["blank", " \u200b\t"],
		["too long", "a".repeat(101)],
		["with NUL", "a\0b"],
		["with half a character", "a\ud800"],
	])("refuse a name that is %s", (_, name) => {
		expect(faultOf(() => checkKeyName(name))).toMatchObject({
			pointer: "/name",
		});
	});

	test.each([now, new Date(Number.NaN)])("refuse an expiry of %s", (at) => {
		expect(faultOf(() => checkExpiry(at, now))).toMatchObject({
			pointer: "/expiresAt",
		});
	});
});
