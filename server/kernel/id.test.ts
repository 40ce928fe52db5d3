import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { seed } from "../../test/seed.ts";
import { Bug } from "./assert.ts";
import { type IdPrefix, isId, newId } from "./id.ts";

const body = "01hxa3b4c5d6e7f8g9h0j1k2m3";
const at = new Date("2026-06-03T03:25:00.000Z");
const prefixes: IdPrefix[] = [
	"client",
	"vps",
	"acct",
	"dom",
	"p25",
	"tkt",
	"tmsg",
	"tatt",
	"satt",
	"key",
	"req",
	"staff",
	"entry",
	"event",
	"lease",
];

describe("newId", () => {
	test.each(prefixes)(
		"gives %s an id of its own kind and of no other",
		(prefix) => {
			const id = newId(prefix, at);
			expect(id).toMatch(new RegExp(`^${prefix}_[0-7][0-9a-hjkmnp-tv-z]{25}$`));
			expect(prefixes.filter((other) => isId(other, id))).toEqual([prefix]);
		},
	);

	test("writes the time as the ULID specification's ten characters", () => {
		expect(newId("vps", new Date(1469918176385)).slice(0, 14)).toBe(
			"vps_01aryz6s41",
		);
		expect(newId("vps", new Date(0)).slice(0, 14)).toBe("vps_0000000000");
		expect(newId("vps", new Date("2026-11-20T12:00:00.000Z")).slice(0, 6)).toBe(
			"vps_01",
		);
	});

	test("sorts by the millisecond", () => {
		const moment = fc.integer({
			min: 0,
			max: 2 ** 48 - 1,
		});
		fc.assert(
			fc.property(moment, moment, (one, other) => {
				fc.pre(one !== other);
				const [first, second] = [
					newId("event", new Date(one)),
					newId("event", new Date(other)),
				];
				expect(first < second).toBe(one < other);
			}),
			{ seed },
		);
	});

	test("does not repeat itself within one millisecond, and uses the whole alphabet", () => {
		const ids = Array.from({ length: 2_000 }, () => newId("req", at));
		expect(new Set(ids).size).toBe(ids.length);
		const randomCharacters = new Set(
			ids.flatMap((id) => [...id.slice("req_".length + 10)]),
		);
		expect(randomCharacters).toEqual(
			new Set("0123456789abcdefghjkmnpqrstvwxyz"),
		);
	});

	test.each([Number.NaN, -1, 2 ** 48])("is a bug at moment %d", (ms) => {
		expect(() => newId("vps", new Date(ms))).toThrow(Bug);
	});
});

describe("isId", () => {
	test("knows the contract's sample ids", () => {
		expect(isId("vps", `vps_${body}`)).toBe(true);
		expect(isId("p25", `p25_${body}`)).toBe(true);
	});

	test.each([
		["another kind", `dom_${body}`],
		["a prefix that only begins alike", `vpsx_${body}`],
		["no prefix", body],
		["no separator", `vps${body}`],
		["capitals in the body", `vps_${body.toUpperCase()}`],
		["capitals in the prefix", `VPS_${body}`],
		["one character too few", `vps_${body.slice(1)}`],
		["one character too many", `vps_0${body}`],
		["letters outside the alphabet", `vps_01hxa3b4c5d6e7f8g9h0j1k2mu`],
		["more than 128 bits", `vps_8${body.slice(1)}`],
		["white space around it", ` vps_${body}`],
		["a line end after it", `vps_${body}\n`],
		["a second id after it", `vps_${body}vps_${body}`],
		["nothing", ""],
	])("refuses %s", (_, text) => {
		expect(isId("vps", text)).toBe(false);
	});
});
