import { describe, expect, test } from "vitest";
import { loadConfig } from "./config.ts";
import { ConfigInvalid, variableOf } from "./config-keys.ts";

const whole = { family: "inet", interfaces: "tap*, vlan100" };

function load(values: Readonly<Record<string, string>>) {
	return loadConfig(
		null,
		Object.fromEntries(
			Object.entries(values).map(([name, value]) => [variableOf(name), value]),
		),
	);
}

function complaintOf(values: Readonly<Record<string, string>>): string {
	try {
		load(values);
	} catch (error) {
		if (error instanceof ConfigInvalid) return error.message;
		throw error;
	}
	throw new Error("it was not refused");
}

describe("the configuration", () => {
	test("says what it looks at, in words of the machine", () => {
		const { ruleset, mayBeAbsent } = load({
			...whole,
			"may-be-absent": "vlan100",
		});
		expect(ruleset).toMatchObject({
			family: "inet",
			customerInterfaces: ["tap*", "vlan100"],
			refusal: "reject",
		});
		expect(mayBeAbsent).toEqual(["vlan100"]);
	});

	test("has no family that nobody has said", () => {
		expect(complaintOf({ interfaces: "tap*" })).toMatch(/^set family to inet/);
		expect(complaintOf({ ...whole, family: "bridged" })).toBe(
			"family must be inet or bridge: bridged",
		);
	});

	test("lets nothing be absent that is no interface of it", () => {
		expect(complaintOf({ ...whole, "may-be-absent": "tap1" })).toBe(
			"may-be-absent names what interfaces does not: tap1",
		);
	});

	test("has no variable that nobody knows, which would be a key left at its default", () => {
		expect(complaintOf({ ...whole, prefix: "192.0.2.0/24" })).toBe(
			"there is no variable POSTERN_AGENT_PREFIX; --help shows all keys",
		);
	});

	test("says which key it is that is wrong", () => {
		expect(complaintOf({ ...whole, prefixes: "192.0.2.0/33" })).toMatch(
			/^prefixes: not a network/,
		);
		expect(complaintOf({ ...whole, binding: "tap1 192.0.2.300" })).toMatch(
			/^binding names what is no address/,
		);
	});
});
