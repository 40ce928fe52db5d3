import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { seed } from "../../../test/seed.ts";
import { scopes, scopesSatisfy } from "../../kernel/actor.ts";
import { Refusal } from "../../kernel/errors.ts";
import { checkWithin, covers, type Grant } from "./key-grant.ts";

const soon = new Date("2026-11-20T11:00:00.000Z");
const later = new Date("2026-11-20T11:00:00.001Z");

function grant(held: readonly string[], expiresAt: Date | null = null): Grant {
	return { scopes: held, expiresAt };
}

describe("covers", () => {
	test.each<[string, Grant, Grant, boolean]>([
		["the same", grant(["read:vm"]), grant(["read:vm"]), true],
		["less", grant(["read:vm", "write:vm"]), grant(["write:vm"]), true],
		["more", grant(["read:vm"]), grant(["read:vm", "write:vm"]), false],
		[
			"one writing scope by all",
			grant(["write:all"]),
			grant(["write:vm"]),
			true,
		],
		["all by one", grant(["write:vm"]), grant(["write:all"]), false],
		[
			"all by every single one",
			grant(
				scopes.customer.filter(
					(scope) => scope.startsWith("write:") && scope !== "write:all",
				),
			),
			grant(["write:all"]),
			false,
		],
		["reading by writing", grant(["write:all"]), grant(["read:vm"]), false],
		["a desk scope by all", grant(["read:all"]), grant(["ops:read"]), false],
		["what is no scope", grant(["write:all"]), grant(["write:every"]), false],
		["the same end", grant([], soon), grant([], soon), true],
		["an earlier end", grant([], later), grant([], soon), true],
		["a later end", grant([], soon), grant([], later), false],
		["no end by an end", grant([], soon), grant([], null), false],
		["an end by no end", grant([], null), grant([], soon), true],
	])("%s", (_, own, other, expected) => {
		expect(covers(own, other)).toBe(expected);
	});

	const anyGrant = fc.record({
		scopes: fc.uniqueArray(fc.constantFrom(...scopes.customer), {
			minLength: 1,
		}),
		expiresAt: fc.option(fc.constantFrom(soon, later)),
	});

	test("nothing that a covered key opens is closed to the key that covers it, and it can be handed on", () => {
		fc.assert(
			fc.property(anyGrant, anyGrant, (own, other) => {
				fc.pre(covers(own, other));
				for (const scope of scopes.customer)
					if (scopesSatisfy(other.scopes, scope))
						expect(scopesSatisfy(own.scopes, scope)).toBe(true);
				checkWithin(own, other);
			}),
			{ seed },
		);
	});

	test("is transitive: no chain of keys leads to a stronger one", () => {
		fc.assert(
			fc.property(anyGrant, anyGrant, anyGrant, (one, two, three) => {
				if (covers(one, two) && covers(two, three))
					expect(covers(one, three)).toBe(true);
			}),
			{ seed, numRuns: 2_000 },
		);
	});
});

describe("checkWithin", () => {
	function pointersOf(own: Grant, wished: Parameters<typeof checkWithin>[1]) {
		try {
			checkWithin(own, wished);
			return [];
		} catch (error) {
			expect(error).toBeInstanceOf(Refusal);
			expect(error).toMatchObject({ code: "request.invalid" });
			return (error as Refusal).faults.map(({ pointer }) => pointer);
		}
	}

	test("names each scope that goes too far by its place, and the end", () => {
		expect(
			pointersOf(grant(["read:all"], soon), {
				scopes: ["write:vm", "read:vm", "write:all"],
				expiresAt: null,
			}),
		).toEqual(["/scopes/0", "/scopes/2", "/expiresAt"]);
	});

	test("does not look at what is not asked for", () => {
		expect(pointersOf(grant(["read:vm"], soon), {})).toEqual([]);
		expect(pointersOf(grant([], soon), { expiresAt: soon })).toEqual([]);
	});
});
